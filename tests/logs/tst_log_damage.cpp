// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Damaged files cost what is damaged and nothing else: never a crash, never a wrong line, and always a name.

#include "logs/fixture.h"
#include "logs/memory_files.h"
#include "logs/seeds.h"
#include "logs/survival.h"

#include <random>

using namespace hanshu;
using namespace hanshu::logs;
using namespace hanshu::test;

namespace {

constexpr SystemTime kStart{std::chrono::seconds(1'700'000'000)};
constexpr std::size_t kLines = 900;  // three blocks

struct Files {
    MemoryFiles files;
    std::vector<Line> lines = linesOfCorpus(kLines);
    LogOptions options;

    // Writes the lines and seals them, if asked to.
    explicit Files(bool isSealed) {
        SegmentCache cache(files);
        const auto logs = open(cache);
        for (std::size_t i = 0; i < lines.size(); i += 100) {
            Q_ASSERT(append(*logs, std::span(lines).subspan(i, 100)));
        }
        if (isSealed) {
            auto now = options;
            now.sealAge = std::chrono::seconds(0);
            logs->setOptions(now);
            Q_ASSERT(logs->maintain(kStart + std::chrono::hours(1)).sealed == 1);
        }
        Q_ASSERT(files.all().size() == 1);
    }
    std::shared_ptr<AccountLogs> open(SegmentCache& cache) {
        return AccountLogs::open("/a", options, files, cache).value();
    }
    std::string& bytes() { return *files.all().begin()->second; }
};

// What is wrong with the answers of a damaged store, if anything. Lines that are lost are for the damage to explain.
std::string wrongAnswers(Files& store, bool mayLose) {
    SegmentCache cache(store.files);
    const auto logs = store.open(cache);
    const auto view = logs->view();
    ScanReport report;
    const auto found = allLines(view, &report);
    std::size_t next = 0;
    for (const auto& line : found) {
        while (next < store.lines.size() && store.lines[next].sequence < line.sequence) {
            ++next;
        }
        if (next == store.lines.size() || !(store.lines[next] == line)) {
            return fmt::format("line {} is wrong", line.sequence);
        }
    }
    if (found.size() < store.lines.size() && (report.damaged.empty() || !mayLose)) {
        return "lines are missing and nothing is said";
    }
    Filter filter;
    filter.text = {{"cache hit"}};
    filter.function.anyOf = {store.lines[300].function};
    std::size_t count = 0;
    const auto filtered = view.each(filter, Order::NewestFirst, [&](const LineView& line) {
        count += isWanted(Line(line), filter) ? 1 : 1'000'000;
        return true;
    });
    const auto expected = wanted(found, filter).size();
    if (count != expected) {
        return fmt::format("the filter finds {} of {}", count, expected);
    }
    if (report.damaged.empty() && filtered.damaged.empty() && view.verify().empty()) {
        return "the damage has no name";
    }
    return {};
}

}  // namespace

class TestLogDamage : public QObject {
    Q_OBJECT

private slots:
    // Each byte of both ends, where details and footer are, and of blocks and terms every 31st.
    void everyByteOfASegmentMayBeWrong() {
        Files store(true);
        const auto good = store.bytes();
        QVERIFY(good.size() > 20'000);
        for (std::size_t at = 0; at < good.size(); at += at > 16 && at + 1'000 < good.size() ? 31 : 1) {
            store.bytes() = good;
            store.bytes()[at] = static_cast<char>(store.bytes()[at] ^ (1 << at % 8));
            const auto wrong = wrongAnswers(store, true);
            QVERIFY2(wrong.empty(), fmt::format("byte {} of {}: {}", at, good.size(), wrong).c_str());
        }
    }

    void aSegmentMayEndAnywhere() {
        Files store(true);
        const auto good = store.bytes();
        for (std::size_t size = 0; size < good.size(); size += 997) {
            store.bytes() = good.substr(0, size);
            const auto wrong = wrongAnswers(store, true);
            QVERIFY2(wrong.empty(), fmt::format("{} of {} bytes: {}", size, good.size(), wrong).c_str());
        }
    }

    void oneDamagedBlockCostsNoOther() {
        Files store(true);
        store.bytes()[5'000] ^= 1;
        SegmentCache cache(store.files);
        ScanReport report;
        const auto left = allLines(store.open(cache)->view(), &report);
        QCOMPARE(report.damaged.size(), std::size_t{1});
        QVERIFY(report.damaged.front().starts_with("00000000000000000001.seg: block 0 is damaged, lines 1 to "));
        QVERIFY(left.size() > kLines / 3);
    }

    void anUnsealedFileMayEndAnywhere() {
        Files store(false);
        const auto good = store.bytes();
        for (std::size_t size = 0; size < good.size(); size += 331) {
            store.bytes() = good.substr(0, size);
            SegmentCache cache(store.files);
            const auto logs = store.open(cache);
            const auto left = allLines(logs->view());
            // The whole batches that are there, and then new lines.
            QCOMPARE(left.size() % 100, std::size_t{0});
            QVERIFY(left.size() * (good.size() / kLines) < size + 100 * (good.size() / kLines));
            QVERIFY(std::equal(left.begin(), left.end(), store.lines.begin()));
            auto line = store.lines[0];
            line.sequence = logs->lastSequence() + 1;
            QVERIFY(append(*logs, {&line, 1}));
            QCOMPARE(allLines(logs->view()).size(), left.size() + 1);
            SegmentCache other(store.files);
            QCOMPARE(allLines(store.open(other)->view()).size(), left.size() + 1);
            store.files.all().clear();
            store.files.all()["/a/00000000000000000001.log"] = std::make_shared<std::string>();
        }
    }

    void aDamagedBatchCostsNoOther() {
        Files store(false);
        const auto good = store.bytes();
        for (std::size_t at = 0; at < good.size(); at += 211) {
            store.files.all().clear();
            store.files.all()["/a/00000000000000000001.log"] = std::make_shared<std::string>(good);
            store.bytes()[at] ^= 4;
            SegmentCache cache(store.files);
            ScanReport report;
            const auto left = allLines(store.open(cache)->view(), &report);
            const auto isHeader = at < 20;
            const auto isLast = at > good.size() - good.size() / 9;
            QVERIFY(left.size() == (isHeader ? 0 : kLines - 100));
            QVERIFY(isLast || report.damaged.size() == 1);  // the last one is taken for an unfinished write
            for (const auto& line : left) {
                QVERIFY(line == store.lines[line.sequence - 1]);
            }
        }
    }

    void aMessageCantPassForABatch() {
        // The bytes of a batch in a message, and the batch around it damaged.
        std::string forged;
        auto line = linesOfCorpus(1).front();
        line.sequence = 77;
        const auto view = line.view();
        frame::append({&view, 1}, 0, forged);
        line.sequence = 1;
        line.message = forged;
        Files store(false);
        store.files.all().clear();
        SegmentCache cache(store.files);
        {
            const auto logs = store.open(cache);
            QVERIFY(append(*logs, {&line, 1}));
            ++line.sequence;
            line.message = "good";
            QVERIFY(append(*logs, {&line, 1}));
        }
        store.bytes()[25] ^= 1;
        const auto left = allLines(store.open(cache)->view());
        QCOMPARE(left.size(), std::size_t{1});
        QCOMPARE(left.front().message, std::string("good"));
    }

    void readersSurviveAnyBytes_data() {
        QTest::addColumn<int>("kind");
        int kind = 0;
        for (const auto* name : {"frames", "details", "blocks", "terms", "messages", "an unsealed file", "a segment"}) {
            QTest::newRow(name) << kind++;
        }
    }

    // As the fuzzer does for hours, here with the same inputs each time: what is right, a little wrong.
    void readersSurviveAnyBytes() {
        QFETCH(int, kind);
        const auto seeds = seedsOf(kind);
        std::mt19937 random(static_cast<unsigned>(kind) + 11);
        for (int i = 0; i < 2'000; ++i) {
            auto bytes = static_cast<char>(kind) + seeds[random() % seeds.size()];
            for (auto changes = random() % 6; changes > 0 && bytes.size() > 1; --changes) {
                const auto at = 1 + random() % (bytes.size() - 1);
                switch (random() % 4) {
                    case 0:
                        bytes.erase(at, 1 + random() % 8);
                        break;
                    case 1:
                        bytes.insert(at, 1 + random() % 8, static_cast<char>(random()));
                        break;
                    default:
                        bytes[at] = static_cast<char>(random() % 3 == 0 ? random() : bytes[at] ^ (1U << random() % 8));
                }
            }
            const auto broken = brokenLogsBy(bytes);
            QVERIFY2(broken.empty(), broken.c_str());
        }
    }

    void theSeedsAreWhatReadersTake() {
        // Otherwise the test above would test refusals alone.
        const auto lines = linesOfCorpus(kSeedLines);
        MemoryFiles files;
        files.all()[std::string(kSegmentPath)] = std::make_shared<std::string>(seedsOf(6).front());
        SegmentCache cache(files);
        const auto logs = AccountLogs::open("/a", {}, files, cache).value();
        QVERIFY(allLines(logs->view()) == lines);
        files.all().clear();
        auto bytes = frame::fileHeader(7);
        frame::appendPayload(seedsOf(0).front(), 7, bytes);
        files.all()[std::string(kLogPath)] = std::make_shared<std::string>(bytes);
        SegmentCache other(files);
        QVERIFY(allLines(AccountLogs::open("/a", {}, files, other).value()->view()) == lines);
    }
};

QTEST_GUILESS_MAIN(TestLogDamage)
#include "tst_log_damage.moc"
