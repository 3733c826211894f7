// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/time_format.h"
#include "triggers/cron.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::triggers;

namespace {

SystemTime at(const char* text) {
    return parseRfc3339(text).value();
}

}  // namespace

class TestCron : public QObject {
    Q_OBJECT

private slots:
    void nextMomentsOfCron_data() {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("next");
        const auto row = [](const char* expression, const char* after, const char* next) {
            QTest::addRow("%s after %s", expression, after) << QString(expression) << QString(after) << QString(next);
        };
        row("0 0 4 * * *", "2026-01-01T00:00:00Z", "2026-01-01T04:00:00Z");
        row("0 0 4 * * *", "2026-01-01T04:00:00Z", "2026-01-02T04:00:00Z");
        row("0 0/5 * * * *", "2026-01-01T00:01:00Z", "2026-01-01T00:05:00Z");
        row("0 */30 * * * *", "2026-01-01T23:45:00Z", "2026-01-02T00:00:00Z");
        row("15,45 * * * * *", "2026-01-01T00:00:20Z", "2026-01-01T00:00:45Z");
        row("0 0 0 29 FEB ?", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z");
        row("0 30 8 ? * MON-FRI", "2026-01-02T09:00:00Z", "2026-01-05T08:30:00Z");  // from a Friday to Monday
        row("0 30 8 ? * 7", "2026-01-01T00:00:00Z", "2026-01-04T08:30:00Z");        // 7 is Sunday
        row("CRON_TZ=Asia/Shanghai 0 0 4 1 * *", "2026-01-01T00:00:00Z", "2026-01-31T20:00:00Z");
        row("59 59 23 31 12 *", "2026-12-31T23:59:58Z", "2026-12-31T23:59:59Z");
        row("59 59 23 31 12 *", "2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z");
        // Berlin skips 02:00-03:00 on 29 March 2026: 02:30 fires at the change, 01:00 UTC.
        row("CRON_TZ=Europe/Berlin 0 30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z");
        // and repeats 02:00-03:00 on 25 October 2026: 02:30 fires once, the first time.
        row("CRON_TZ=Europe/Berlin 0 30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z");
        row("CRON_TZ=Europe/Berlin 0 30 2 * * *", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z");
    }

    void nextMomentsOfCron() {
        QFETCH(QString, expression);
        QFETCH(QString, after);
        QFETCH(QString, next);
        const auto schedule = Schedule::parse(expression.toStdString());
        QVERIFY2(schedule.has_value(), schedule ? "" : schedule.error().describe().c_str());
        const auto found = schedule->next(at(after.toUtf8()), {});
        QVERIFY(found.has_value());
        QCOMPARE(formatRfc3339(*found), next.toStdString());
    }

    void aDateThatNeverComesIsRefused() {
        for (const auto* never : {"0 0 0 30 2 ?", "0 0 0 31 2 *", "0 0 0 31 4,6,9,11 ?", "CRON_TZ=UTC 0 0 0 30 2 *"}) {
            const auto schedule = Schedule::parse(never);
            QVERIFY2(!schedule.has_value(), never);
            QVERIFY2(schedule.error().param("message").find("it never fires") != std::string_view::npos, never);
        }
        for (const auto* rare : {"0 0 0 29 2 ?", "0 0 0 30 2,3 ?", "0 0 0 31 2 MON"}) {
            QVERIFY2(Schedule::parse(rare).has_value(), rare);
        }
    }

    void everyIsAnchoredAtItsOrigin() {
        const auto schedule = Schedule::parse("@every 1h30m");
        QVERIFY(schedule.has_value());
        const auto origin = at("2026-01-01T00:10:00Z");
        QCOMPARE(formatRfc3339(*schedule->next(origin, origin)), std::string("2026-01-01T01:40:00Z"));
        QCOMPARE(formatRfc3339(*schedule->next(at("2026-01-01T01:39:59Z"), origin)),
                 std::string("2026-01-01T01:40:00Z"));
        QCOMPARE(formatRfc3339(*schedule->next(at("2026-01-01T01:40:00Z"), origin)),
                 std::string("2026-01-01T03:10:00Z"));
    }

    void wrongExpressionsSayWhatToWrite_data() {
        QTest::addColumn<QString>("expression");
        for (const auto* expression : {"",
                                       "@every",
                                       "@every ",
                                       "@every 5",
                                       "@every 0s",
                                       "@every 5x",
                                       "@every -5m",
                                       "* * * * *",
                                       "* * * * * * *",
                                       "60 * * * * *",
                                       "0 60 * * * *",
                                       "0 0 24 * * *",
                                       "0 0 0 0 * *",
                                       "0 0 0 32 * *",
                                       "0 0 0 * 13 *",
                                       "0 0 0 * * 8",
                                       "0 0 0 * * SUNDAY",
                                       "0 5-1 * * * *",
                                       "0 */0 * * * *",
                                       "0 a * * * *",
                                       "0 1, * * * *",
                                       "CRON_TZ=Mars/Base 0 0 0 * * *",
                                       "CRON_TZ=UTC"}) {
            QTest::addRow("'%s'", expression) << QString(expression);
        }
    }

    void wrongExpressionsSayWhatToWrite() {
        QFETCH(QString, expression);
        const auto schedule = Schedule::parse(expression.toStdString());
        QVERIFY(!schedule.has_value());
        QCOMPARE(static_cast<int>(schedule.error().code), static_cast<int>(Code::InvalidArgument));
        QVERIFY(schedule.error().param("message").find("six fields") != std::string_view::npos);
    }
};

QTEST_GUILESS_MAIN(TestCron)
#include "tst_cron.moc"
