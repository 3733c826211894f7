// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/run_log.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::invoke;
using logs::Level;
using logs::Stream;

namespace {

std::vector<std::string> messagesOf(const std::vector<telemetry::LogLine>& lines) {
    std::vector<std::string> messages;
    for (const auto& line : lines) {
        messages.push_back(line.message);
    }
    return messages;
}

constexpr auto kTraceback =
    "Traceback (most recent call last):\n"
    "  File \"/code/index.py\", line 3, in handler\n"
    "    return event['x']\n"
    "KeyError: 'x'\n";

}  // namespace

class TestRunLog : public QObject {
    Q_OBJECT

private slots:
    void piecesBecomeLinesWithTheirLevels() {
        ManualClock clock;
        RunLog log(clock, true);
        log.write("plain\n2024-01-02T03:04:05.123Z 1-2-3 [INF");
        log.write("O] message\nopen");
        auto lines = log.takeLines();
        QCOMPARE(lines.size(), std::size_t{2});
        QCOMPARE(lines[0].message, std::string("plain"));
        QVERIFY(lines[0].level == Level::None && lines[0].stream == Stream::Stdout);
        QVERIFY(lines[1].level == Level::Info && lines[1].stream == Stream::Logger);
        log.close();
        lines = log.takeLines();
        QCOMPARE(lines.size(), std::size_t{1});
        QCOMPARE(lines[0].message, std::string("open"));
        QVERIFY(log.tail().ends_with("open"));
    }

    void timesNeverGoBack() {
        ManualClock clock;
        RunLog log(clock, false);
        log.write("a\n");
        clock.set(clock.now() - std::chrono::hours(1));
        log.write("b\n");
        const auto lines = log.takeLines();
        QVERIFY(lines[1].time >= lines[0].time);
    }

    void longLinesAreCutAndSaySo() {
        const ManualClock clock;
        RunLog log(clock, false);
        log.write(std::string(100'000, 'x') + "\nnext\n");
        const auto lines = log.takeLines();
        QCOMPARE(lines.size(), std::size_t{2});
        QVERIFY(lines[0].message.size() < kMaxLineBytes + 64);
        QVERIFY(lines[0].message.ends_with("[cut at 32 KB]"));
        QCOMPARE(lines[1].message, std::string("next"));
    }

    void aRunThatWritesWithoutEndIsBoundedAndCounted() {
        ManualClock clock;
        RunLog log(clock, true);
        const std::string line(999, 'y');
        for (int i = 0; i < 20'000; ++i) {
            log.write(line + "\n");
            clock.advance(std::chrono::milliseconds(1));
        }
        log.close();
        const auto lines = log.takeLines();
        std::size_t bytes = 0;
        for (const auto& kept : lines) {
            bytes += kept.message.size();
        }
        QVERIFY(bytes <= kMaxRunLogBytes + 200);
        QVERIFY(lines.back().message.find("dropped") != std::string::npos);
        QVERIFY(lines.back().level == Level::Warn && lines.back().stream == Stream::Platform);
        QCOMPARE(log.tail().size(), kTailBytes);
    }

    void aSecondThatIsTooLoudIsCutAndTheNextOneIsKept() {
        ManualClock clock;
        RunLog log(clock, false);
        const std::string line(999, 'y');
        for (int i = 0; i < 3000; ++i) {
            log.write(line + "\n");
        }
        clock.advance(std::chrono::seconds(1));
        log.write("after\n");
        log.close();
        const auto lines = log.takeLines();
        const auto kept = kMaxLogBytesASecond / 999;
        QCOMPARE(lines.size(), kept + 2);
        QCOMPARE(lines[kept].message, std::to_string(3000 - kept) + " lines (" + std::to_string((3000 - kept) * 999) +
                                          " bytes) dropped: a run may write 2 MB and 20000 lines a second");
        QVERIFY(lines[kept].stream == Stream::Platform);
        QCOMPARE(lines.back().message, std::string("after"));
    }

    void manyEmptyLinesAreBoundedToo() {
        const ManualClock clock;
        RunLog log(clock, false);
        log.write(std::string(50'000, '\n'));
        log.close();
        QCOMPARE(log.takeLines().size(), kMaxRecordsASecond + 1);
    }

    void aStackTraceIsOneRecord() {
        const ManualClock clock;
        RunLog log(clock, false);
        const std::string trace = kTraceback;
        log.write("before\n" + trace + "after\n");
        const auto lines = log.takeLines();
        QCOMPARE(messagesOf(lines), (std::vector<std::string>{"before", trace.substr(0, trace.size() - 1), "after"}));
        QVERIFY(lines[1].level == Level::Error);
    }

    void aLoggersErrorKeepsItsTraceAndChainedOnesStayTogether() {
        const ManualClock clock;
        RunLog log(clock, false);
        const std::string head = "2024-01-02T03:04:05.123Z 1-2-3 [ERROR] it failed\n";
        const std::string trace = kTraceback;
        const std::string all =
            head + trace + "\nDuring handling of the above exception, another exception occurred:\n\n" + trace;
        log.write(all);
        log.write("next\n");
        const auto lines = log.takeLines();
        QCOMPARE(messagesOf(lines), (std::vector<std::string>{all.substr(0, all.size() - 1), "next"}));
        QVERIFY(lines[0].level == Level::Error && lines[0].stream == Stream::Logger);
    }

    // As the Python agent tells of an error that the handler did not catch.
    void theAgentsOwnTraceEndsWithTheRun() {
        const ManualClock clock;
        RunLog log(clock, false);
        const std::string trace =
            "[ERROR] KeyError: 'x'\nTraceback (most recent call last):\n  File \"/code/index.py\", line 3, in handler";
        log.write(trace + "\nFC Invoke End RequestId: 1-2-3, Error: Unhandled function error\n");
        const auto lines = log.takeLines();
        QCOMPARE(messagesOf(lines),
                 (std::vector<std::string>{trace, "FC Invoke End RequestId: 1-2-3, Error: Unhandled function error"}));
        QVERIFY(lines[0].level == Level::Error);
    }

    void framesOfOtherLanguagesJoinTheLineBeforeThem() {
        const ManualClock clock;
        RunLog log(clock, false);
        log.write(
            "TypeError: x is undefined\n    at f (/code/index.js:3:4)\n    at g (/code/index.js:9:1)\n"
            "  indented, and no frame\n");
        log.close();
        QCOMPARE(messagesOf(log.takeLines()),
                 (std::vector<std::string>{
                     "TypeError: x is undefined\n    at f (/code/index.js:3:4)\n    at g (/code/index.js:9:1)",
                     "  indented, and no frame"}));
    }

    // Its lines come one by one, and a tail asks in between.
    void anUnfinishedTraceIsHeldBack() {
        ManualClock clock;
        RunLog log(clock, false);
        log.write("before\nTraceback (most recent call last):\n  File \"a\", line 1, in f\n");
        clock.advance(std::chrono::seconds(1));
        QVERIFY(log.worthTaking());
        QCOMPARE(messagesOf(log.takeLines()), std::vector<std::string>{"before"});
        clock.advance(std::chrono::seconds(1));
        QVERIFY(!log.worthTaking());
        QVERIFY(log.takeLines().empty());
        log.write("ValueError: no\n");
        log.close();
        QCOMPARE(
            messagesOf(log.takeLines()),
            std::vector<std::string>{"Traceback (most recent call last):\n  File \"a\", line 1, in f\nValueError: no"});
    }

    void aTraceThatIsTooLongIsCutAndSaysSo() {
        const ManualClock clock;
        RunLog log(clock, false);
        std::string trace = "Traceback (most recent call last):\n";
        for (int i = 0; i < 2000; ++i) {
            trace += "  File \"/code/index.py\", line 3, in f\n";
        }
        log.write(trace + "RecursionError\nnext\n");
        const auto lines = log.takeLines();
        QCOMPARE(lines.size(), std::size_t{2});
        QVERIFY(lines[0].message.size() < kMaxLineBytes + 64);
        QVERIFY(lines[0].message.ends_with("[cut at 32 KB]"));
        QCOMPARE(lines[1].message, std::string("next"));
    }

    void whatThePlatformSaysStandsByItself() {
        const ManualClock clock;
        RunLog log(clock, false);
        log.write("open");
        log.close();
        log.say(Level::Error, "Timeout: too slow");
        const auto lines = log.takeLines();
        QCOMPARE(messagesOf(lines), (std::vector<std::string>{"open", "Timeout: too slow"}));
        QVERIFY(lines[1].stream == Stream::Platform);
    }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"
