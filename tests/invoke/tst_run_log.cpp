// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/run_log.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::invoke;

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
        QVERIFY(lines[0].level.empty());
        QCOMPARE(lines[1].level, std::string("INFO"));
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
        const ManualClock clock;
        RunLog log(clock, true);
        const std::string line(999, 'y');
        for (int i = 0; i < 20'000; ++i) {
            log.write(line + "\n");
        }
        log.close();
        const auto lines = log.takeLines();
        std::size_t bytes = 0;
        for (const auto& kept : lines) {
            bytes += kept.message.size();
        }
        QVERIFY(bytes <= kMaxRunLogBytes + 200);
        QVERIFY(lines.back().message.find("dropped") != std::string::npos);
        QCOMPARE(lines.back().level, std::string("WARN"));
        QCOMPARE(log.tail().size(), kTailBytes);
    }
};

QTEST_GUILESS_MAIN(TestRunLog)
#include "tst_run_log.moc"
