// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A filter over stored lines gives what it gives over the lines themselves, whatever the indexes leave out.

#include "query/lists.h"
#include "telemetry/log_book.h"
#include "telemetry/log_filter.h"

#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace hanshu;
using namespace hanshu::telemetry;
using namespace std::chrono_literals;

namespace {

const SystemTime kStart{std::chrono::hours(480'000)};

query::Query understood(const std::string& text) {
    return query::compile(text, query::logSchema(), {.now = kStart + 1h}).value();
}

std::vector<logs::Line> someLines() {
    std::mt19937 random(5);
    const auto pick = [&](std::initializer_list<const char*> from) {
        return std::string(*(from.begin() + std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random)));
    };
    std::vector<logs::Line> lines;
    for (int i = 0; i < 3000; ++i) {
        logs::Line line;
        line.time = kStart + std::chrono::seconds(i);
        line.function = pick({"img-resize", "img-crop", "video", "图像"});
        line.qualifier = pick({"LATEST", "live"});
        line.instance = pick({"c-1", "c-2", ""});
        line.requestId = "r-" + std::to_string(i / 10);
        line.level = static_cast<logs::Level>(random() % logs::kLevels);
        line.stream = static_cast<logs::Stream>(random() % logs::kStreams);
        line.message = pick({"connection refused by", "Timeout after", "done in", "超时"}) + ' ' +
                       std::to_string(random() % 50) + pick({" ms", " s", ""});
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace

class TestLogFilter : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    const ManualClock m_clock{kStart + 1h};  // by the real one, its lines are too old to be kept
    std::unique_ptr<LogBook> m_book;
    std::vector<logs::Line> m_lines = someLines();

private slots:
    void initTestCase() {
        auto book = LogBook::open(m_folder.filePath("logs").toStdString(), LogKeeping(), m_clock);
        QVERIFY(book.has_value());
        m_book = std::move(*book);
        std::vector<logs::LineView> views;
        for (const auto& line : m_lines) {
            views.push_back(line.view());
        }
        QVERIFY(m_book->append("1000", views).has_value());
        QVERIFY(m_book->hasUnsynced());
        m_book->sync();
        QVERIFY(!m_book->hasUnsynced());
        for (std::size_t i = 0; i < views.size(); ++i) {
            m_lines[i].sequence = views[i].sequence;
            QCOMPARE(views[i].sequence, i + 1);
        }
    }

    void aFilterOverTheStoreGivesWhatItMatches_data() {
        QTest::addColumn<QString>("filter");
        for (const auto* filter : {"",
                                   "level:error",
                                   "level:>=warn",
                                   "level:none",
                                   "-level:info",
                                   "function:img-*",
                                   "function:video",
                                   "function:video,图像",
                                   "-function:video",
                                   "instance:c-1",
                                   "-instance:*",
                                   "instance:*",
                                   "request:r-7",
                                   "request:r-1*",
                                   "stream:platform",
                                   "qualifier:live",
                                   "refused",
                                   "TIMEOUT",
                                   "超时",
                                   "\"done in 1\"",
                                   "/after (1|2)\\d s/",
                                   "/REFUSED/i",
                                   "refused OR done",
                                   "-refused",
                                   "ms function:img-crop",
                                   "since:30m",
                                   "until:30m",
                                   "since:40m until:20m",
                                   "since:10m OR until:50m",
                                   "function:video OR level:fatal",
                                   "(refused OR timeout) -level:error instance:c-2",
                                   "re*by",
                                   "message:=\"done in 7 ms\"",
                                   "request:\"\"",
                                   "-*"}) {
            QTest::newRow(filter) << filter;
        }
    }
    void aFilterOverTheStoreGivesWhatItMatches() {
        QFETCH(const QString, filter);
        const auto query = understood(filter.toStdString());
        std::vector<std::uint64_t> expected;
        for (const auto& line : m_lines) {
            const bool wanted = matches(query, line.view());
            // As it crosses the API it is the same line.
            QCOMPARE(matches(query, recordOf(line.view())), wanted);
            if (wanted) {
                expected.push_back(line.sequence);
            }
        }
        std::vector<std::uint64_t> found;
        if (const auto stored = filterOf(query)) {
            const auto page =
                m_book->viewOf("1000")->lines(*stored, {.limit = m_lines.size(), .order = logs::Order::OldestFirst});
            for (const auto& line : page.lines) {
                found.push_back(line.sequence);
            }
        }
        QCOMPARE(found, expected);
        const bool emptyOnPurpose = filter == "-*" || filter == "request:\"\"";
        QCOMPARE(expected.empty(), emptyOnPurpose);
    }

    // What an index can serve is left to it: no line's message is read for its fields alone.
    void fieldsAloneNeedNoMessages() {
        for (const auto* text : {"function:img-* level:>=warn since:30m", "request:r-7", "-instance:c-1", ""}) {
            const auto filter = filterOf(understood(text));
            QVERIFY2(filter && !filter->predicate && filter->text.empty(), text);
        }
        QVERIFY(filterOf(understood("function:video OR level:fatal"))->predicate);
        QCOMPARE(filterOf(understood("request:r-7,r-8"))->requestId.anyOf, (std::vector<std::string>{"r-7", "r-8"}));
        QCOMPARE(filterOf(understood("/time(d )?out/ refused"))->text.size(), 3U);
        QVERIFY(!filterOf(understood("level:info level:error")));
        QVERIFY(!filterOf(understood("function:a function:b")));
    }
};

QTEST_GUILESS_MAIN(TestLogFilter)
#include "tst_log_filter.moc"
