// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lines that were appended are found, by every kind of question, sealed or not, and go when they are to go.

#include "logs/fixture.h"
#include "logs/memory_files.h"

#include <QTemporaryDir>
#include <map>
#include <random>
#include <thread>

using namespace hanshu;
using namespace hanshu::logs;
using namespace hanshu::test;
using std::chrono::seconds;

namespace {

constexpr SystemTime kStart{seconds(1'700'000'000)};

// 12,000 lines: three sealed files, and one that is written to.
struct Filled {
    Filled() {
        logs = AccountLogs::open("/a", options, files, cache).value();
        for (std::size_t i = 0; i < lines.size(); i += 500) {
            Q_ASSERT(append(*logs, std::span(lines).subspan(i, 500)));
        }
        const auto report = logs->maintain(kStart);
        sealed = report.sealed;
    }
    static LogOptions optionsOf() {
        LogOptions options;
        options.sealBytes = 700'000;
        return options;
    }
    LogOptions options = optionsOf();
    MemoryFiles files;
    SegmentCache cache{files};
    std::vector<Line> lines = linesOfCorpus(12'000);
    std::shared_ptr<AccountLogs> logs;
    std::uint64_t sealed = 0;
};

Filter filterOfText(std::vector<std::vector<std::string>> text) {
    Filter filter;
    filter.text = std::move(text);
    return filter;
}

// A part of some line's message, so that it is found.
std::string partOf(const std::vector<Line>& lines, std::mt19937& random) {
    const auto& message = lines[random() % lines.size()].message;
    const auto at = random() % message.size();
    return message.substr(at, 1 + random() % 24);
}

Filter randomFilter(const std::vector<Line>& lines, std::mt19937& random) {
    Filter filter;
    const auto& some = lines[random() % lines.size()];
    const auto one = [&](unsigned in) { return random() % in == 0; };
    if (one(3)) {
        filter.function.anyOf = {some.function, "not-there"};
    }
    if (one(6)) {
        filter.function.accepts = [](std::string_view name) { return name.starts_with("img-") || name.ends_with("7"); };
    }
    if (one(6)) {
        filter.qualifier.anyOf = {some.qualifier};
    }
    if (one(6)) {
        filter.instance.anyOf = {some.instance};
    }
    if (one(6)) {
        filter.requestId.anyOf = {some.requestId, lines[random() % lines.size()].requestId};
    }
    if (one(4)) {
        filter.levels = random() % (kAllLevels + 1);
    }
    if (one(6)) {
        filter.streams = random() % (kAllStreams + 1);
    }
    if (one(4)) {
        filter.since = lines[random() % lines.size()].time;
    }
    if (one(4)) {
        filter.until = lines[random() % lines.size()].time;
    }
    if (one(6)) {
        filter.afterSequence = random() % lines.size();
    }
    if (one(6)) {
        filter.beforeSequence = random() % lines.size();
    }
    for (auto groups = random() % 3; groups > 0; --groups) {
        auto& group = filter.text.emplace_back();
        for (auto count = 1 + random() % 2; count > 0; --count) {
            group.push_back(partOf(lines, random));
        }
    }
    if (one(5)) {
        filter.predicate = [](const LineView& line) { return line.message.size() % 2 == 0; };
    }
    return filter;
}

}  // namespace

class TestLogStore : public QObject {
    Q_OBJECT

private slots:
    void whatWasAppendedIsThere() {
        Filled filled;
        QVERIFY(filled.sealed >= 2);
        QVERIFY(allLines(filled.logs->view()) == filled.lines);
        const auto totals = filled.logs->totals();
        QCOMPARE(totals.lines, filled.lines.size());
        QCOMPARE(totals.firstSequence, 1U);
        QCOMPARE(totals.lastSequence, filled.lines.size());
        filled.logs.reset();
        const auto again = AccountLogs::open("/a", filled.options, filled.files, filled.cache).value();
        QVERIFY(allLines(again->view()) == filled.lines);
        QCOMPARE(again->lastSequence(), filled.lines.size());
        QVERIFY(again->view().verify().empty());
    }

    void anyFilterFindsWhatReadingEverythingFinds() {
        Filled filled;
        std::mt19937 random(7);
        std::uint64_t skipped = 0;
        std::size_t found = 0;
        for (int i = 0; i < 250; ++i) {
            const auto filter = randomFilter(filled.lines, random);
            const auto expected = wanted(filled.lines, filter);
            std::vector<Line> got;
            const auto report = filled.logs->view().each(filter, Order::OldestFirst, [&](const LineView& line) {
                got.emplace_back(line);
                return true;
            });
            QVERIFY2(got == expected,
                     fmt::format("filter {}: {} instead of {}", i, got.size(), expected.size()).c_str());
            QVERIFY(report.damaged.empty());
            skipped += report.blocksSkipped + report.segmentsSkipped;
            found += got.size();
        }
        QVERIFY(skipped > 1000);
        QVERIFY(found > 1000);
    }

    void pagesGoOnWhereTheLastOneEnded_data() {
        QTest::addColumn<bool>("newestFirst");
        QTest::newRow("from the newest") << true;
        QTest::newRow("from the oldest") << false;
    }

    void pagesGoOnWhereTheLastOneEnded() {
        QFETCH(bool, newestFirst);
        Filled filled;
        auto filter = filterOfText({{"order accepted"}});
        auto expected = wanted(filled.lines, filter);
        QVERIFY(expected.size() > 100);
        std::vector<Line> got;
        for (bool isLast = false; !isLast;) {
            const auto page =
                filled.logs->view().lines(filter, {17, newestFirst ? Order::NewestFirst : Order::OldestFirst, {}});
            got.insert(got.end(), page.lines.begin(), page.lines.end());
            (newestFirst ? filter.beforeSequence : filter.afterSequence) = page.cursor;
            isLast = page.isLast;
        }
        if (newestFirst) {
            std::ranges::reverse(got);
        }
        QVERIFY(got == expected);
    }

    void aTailSeesEachNewLineOnce() {
        Filled filled;
        Filter filter;
        filter.levels = maskOf(Level::Error);
        filter.afterSequence = filled.logs->lastSequence();
        auto more = linesOfCorpus(13'000);
        more.erase(more.begin(), more.begin() + 12'000);
        std::vector<Line> got;
        for (std::size_t i = 0; i < more.size(); i += 100) {
            QVERIFY(append(*filled.logs, std::span(more).subspan(i, 100)));
            const auto page = filled.logs->view().lines(filter, {1000, Order::OldestFirst, {}});
            QVERIFY(page.isLast);
            QCOMPARE(page.cursor, more[i + 99].sequence);  // so that the next call need not look at these again
            QVERIFY(page.report.linesExamined < 1000);
            filter.afterSequence = page.cursor;
            got.insert(got.end(), page.lines.begin(), page.lines.end());
        }
        filter.afterSequence = 12'000;
        QVERIFY(got == wanted(more, filter));
    }

    void aPageThatIsCutShortCanBeGoneOnWith() {
        Filled filled;
        Filter filter;
        filter.predicate = [](const LineView& line) { return line.message.find("no such thing") != std::string::npos; };
        int pages = 0;
        for (bool isLast = false; !isLast; ++pages) {
            int blocks = 0;
            const auto page =
                filled.logs->view().lines(filter, {10, Order::NewestFirst, [&] { return ++blocks == 3; }});
            QVERIFY(page.lines.empty());
            isLast = page.isLast;
            filter.beforeSequence = page.cursor;
            QVERIFY(pages < 100);
        }
        QVERIFY(pages > 3);
    }

    void linesAroundALine() {
        Filled filled;
        const auto& some = filled.lines[6'000];
        Filter filter;
        filter.requestId.anyOf = {some.requestId};
        const auto same = wanted(filled.lines, filter);
        const auto context = filled.logs->view().around(some.sequence, 20, filter);
        QVERIFY(context.line.has_value());
        QVERIFY(*context.line == some);
        auto all = context.before;
        all.push_back(*context.line);
        all.insert(all.end(), context.after.begin(), context.after.end());
        QVERIFY(all == same);
        const auto near = filled.logs->view().around(some.sequence, 2, {});
        QCOMPARE(near.before.size(), std::size_t{2});
        QCOMPARE(near.before.front().sequence, some.sequence - 2);
        QCOMPARE(near.after.back().sequence, some.sequence + 2);
    }

    void countsByTimeAndTopValuesAddUp() {
        Filled filled;
        std::mt19937 random(8);
        for (int i = 0; i < 60; ++i) {
            auto filter = i % 2 == 0 ? Filter{} : randomFilter(filled.lines, random);
            filter.levels = i % 3 == 0 ? kAllLevels : filter.levels;
            const auto width = std::chrono::milliseconds(1000 + random() % 20'000);
            const auto start = kStart + seconds(random() % 60);
            const auto counted = filled.logs->view().countByTime(filter, start, width, 10);
            std::vector<std::array<std::uint64_t, kLevels>> expected(10);
            for (const auto& line : wanted(filled.lines, filter)) {
                const auto place = (line.time - start) / std::chrono::microseconds(width);
                if (line.time >= start && place < 10) {
                    ++expected[static_cast<std::size_t>(place)][static_cast<std::size_t>(line.level)];
                }
            }
            QVERIFY(counted.buckets == expected);
            const auto top = filled.logs->view().top(filter, Field::Function, 5);
            std::map<std::string, std::uint64_t> lines;
            for (const auto& line : wanted(filled.lines, filter)) {
                ++lines[line.function];
            }
            QCOMPARE(top.values.size(), std::min<std::size_t>(5, lines.size()));
            for (const auto& value : top.values) {
                QCOMPARE(value.lines, lines[value.value]);
            }
        }
        const auto whole = filled.logs->view().countByTime({}, kStart, std::chrono::hours(1), 1);
        QVERIFY(whole.report.blocksSkipped > 0);  // counted by the index alone
        QCOMPARE(whole.report.linesExamined, 0U);
    }

    void aRareTextSkipsAlmostAllBlocks() {
        Filled filled;
        const auto& line = *std::ranges::find_if(
            filled.lines, [](const auto& each) { return each.message.find("orderId") != std::string::npos; });
        const auto id = line.message.substr(line.message.find("orderId") + 10, 36);
        for (const auto& text : {id, id.substr(4, 20), std::string("no such words")}) {
            const auto page = filled.logs->view().lines(filterOfText({{text}}), {});
            QCOMPARE(page.lines.size(), text.starts_with("no") ? std::size_t{0} : std::size_t{1});
            QVERIFY2(page.report.blocksRead <= 16, text.c_str());  // of the sealed ones; the unsealed file has no index
        }
    }

    void linesThatCantBeAreRefused() {
        Filled filled;
        auto line = filled.lines.back();
        QVERIFY(!append(*filled.logs, {&line, 1}));  // its sequence was there
        ++line.sequence;
        line.message.assign(kMaxMessageBytes + 1, 'x');
        QCOMPARE(append(*filled.logs, {&line, 1}).error().reason, std::string("InvalidArgument"));
        line.message.resize(kMaxMessageBytes);
        line.time = SystemTime::max();
        QVERIFY(!append(*filled.logs, {&line, 1}));
        line.time = kStart;
        line.requestId.assign(kMaxFieldBytes, 'r');
        QVERIFY(append(*filled.logs, {&line, 1}));
        filled.options.sealBytes = 1;
        filled.logs->setOptions(filled.options);
        auto next = line;
        ++next.sequence;
        next.message.assign(kMaxMessageBytes, '\x01');  // twice as long when it is stored
        QVERIFY(append(*filled.logs, {&next, 1}));
        auto last = next;
        ++last.sequence;
        QVERIFY(append(*filled.logs, {&last, 1}));
        QVERIFY(filled.logs->maintain(kStart).errors.empty());
        Filter filter;
        filter.afterSequence = filled.lines.size();
        const auto page = filled.logs->view().lines(filter, {10, Order::OldestFirst, {}});
        QVERIFY(page.lines == std::vector({line, next, last}));
    }

    void noiseIsKeptThoughItsTermsHaveNoRoom() {
        MemoryFiles files;
        SegmentCache cache(files);
        const auto logs = AccountLogs::open("/a", {}, files, cache).value();
        std::mt19937 random(9);
        std::vector<Line> lines(160);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            lines[i].sequence = i + 1;
            lines[i].message.resize(30'000);
            std::ranges::generate(lines[i].message, [&] { return static_cast<char>(random()); });
        }
        QVERIFY(append(*logs, lines));
        LogOptions options;
        options.sealAge = seconds(0);
        logs->setOptions(options);
        QCOMPARE(logs->maintain(kStart).sealed, 1U);
        const auto part = lines[150].message.substr(500, 9);
        const auto page = logs->view().lines(filterOfText({{part}}), {});
        QCOMPARE(page.lines.size(), std::size_t{1});
        QVERIFY(page.lines.front() == lines[150]);
    }

    void oldFilesGo() {
        Filled filled;
        auto options = filled.options;
        options.maxAge = seconds(60);
        filled.logs->setOptions(options);
        const auto before = filled.logs->totals();
        const auto report = filled.logs->maintain(filled.lines.back().time);
        QVERIFY(!report.dropped.empty());
        QVERIFY(!report.dropped.front().byQuota);
        QCOMPARE(report.dropped.front().firstSequence, 1U);
        const auto totals = filled.logs->totals();
        QVERIFY(totals.files < before.files && totals.lines > 0);
        QCOMPARE(allLines(filled.logs->view()).size(), totals.lines);
        QCOMPARE(totals.linesDroppedByQuota, 0U);
        QCOMPARE(filled.logs->maintain(filled.lines.back().time).dropped.size(), std::size_t{0});
    }

    void aFullQuotaDropsTheOldestAndSaysSo() {
        Filled filled;
        auto options = filled.options;
        options.maxBytes = 600'000;
        filled.logs->setOptions(options);
        auto more = linesOfCorpus(24'000);
        std::uint64_t dropped = 0;
        for (std::size_t i = 12'000; i < more.size(); i += 500) {
            QVERIFY(append(*filled.logs, std::span(more).subspan(i, 500)));
            for (const auto& each : filled.logs->maintain(kStart).dropped) {
                QVERIFY(each.byQuota);
                QCOMPARE(each.firstSequence, dropped + 1);
                dropped += each.lines;
            }
            QVERIFY(filled.logs->totals().bytes <= 600'000 + 120'000);
        }
        QVERIFY(dropped > 0);
        QCOMPARE(filled.logs->totals().linesDroppedByQuota, dropped);
        const auto left = allLines(filled.logs->view());
        QVERIFY(left == std::vector<Line>(more.begin() + static_cast<std::ptrdiff_t>(dropped), more.end()));
        std::size_t bytes = 0;
        for (const auto& [name, content] : filled.files.all()) {
            bytes += content->size();
        }
        QCOMPARE(filled.logs->totals().bytes, bytes);
    }

    void aReaderKeepsWhatIsDroppedMeanwhile() {
        Filled filled;
        auto options = filled.options;
        options.maxAge = seconds(0);
        filled.logs->setOptions(options);
        std::size_t seen = 0;
        const auto view = filled.logs->view();
        const auto report = view.each({}, Order::OldestFirst, [&](const LineView&) {
            if (++seen == 10) {
                (void)filled.logs->maintain(kStart + std::chrono::hours(1));
            }
            return true;
        });
        QVERIFY(report.damaged.empty());  // gone is not damaged
        QVERIFY(seen > 1000 && seen < filled.lines.size());
    }

    void manyReadWhileOneWrites() {
        QTemporaryDir folder;
        LogStore store(folder.path().toStdString(), Filled::optionsOf());
        const auto logs = store.account("1234567890").value();
        const auto lines = linesOfCorpus(20'000);
        std::atomic<bool> isDone = false;
        std::atomic<int> wrong = 0;
        std::vector<std::thread> readers;
        for (int reader = 0; reader < 3; ++reader) {
            readers.emplace_back([&, reader] {
                while (!isDone) {
                    const auto atLeast = logs->lastSequence();
                    std::uint64_t last = 0;
                    std::uint64_t count = 0;
                    const auto report = logs->view().each({}, Order::OldestFirst, [&](const LineView& line) {
                        wrong += line.sequence != last + 1 || !(Line(line) == lines[last]);
                        last = line.sequence;
                        ++count;
                        return reader != 0 || count < 3000;
                    });
                    wrong += (reader != 0 && last < atLeast) || !report.damaged.empty();
                }
            });
        }
        std::thread upkeep([&] {
            while (!isDone) {
                wrong += static_cast<int>(logs->maintain(kStart).errors.size());
            }
        });
        for (std::size_t i = 0; i < lines.size(); i += 100) {
            QVERIFY(append(*logs, std::span(lines).subspan(i, 100)));
            QVERIFY(logs->sync());
        }
        isDone = true;
        upkeep.join();
        for (auto& reader : readers) {
            reader.join();
        }
        QCOMPARE(wrong.load(), 0);
        QVERIFY(allLines(logs->view()) == lines);
    }

    void accountsAreApartAndCanBeRemoved() {
        QTemporaryDir folder;
        LogStore store(folder.path().toStdString());
        const auto lines = linesOfCorpus(100);
        QVERIFY(append(*store.account("one").value(), lines));
        QVERIFY(append(*store.account("two").value(), std::span(lines).first(10)));
        QCOMPARE(store.account("one").value()->totals().lines, 100U);
        QCOMPARE(store.account("two").value()->totals().lines, 10U);
        QVERIFY(store.accounts().value() == (std::vector<std::string>{"one", "two"}));
        QVERIFY(store.remove("one"));
        QVERIFY(store.accounts().value() == std::vector<std::string>{"two"});
        QVERIFY(store.remove("one"));
        for (const auto* name : {"", "..", "a/b", "a b"}) {
            QCOMPARE(store.account(name).error().code, Code::InvalidArgument);
        }
    }
};

QTEST_GUILESS_MAIN(TestLogStore)
#include "tst_log_store.moc"
