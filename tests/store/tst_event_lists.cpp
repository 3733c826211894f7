// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the queue tells of its events: lists, what is ready, and how far back it remembers.

#include "store/queue_on_disk.h"

#include <fmt/format.h>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;
using namespace std::chrono_literals;
using Outcome = Settlement::Outcome;

class TestEventLists : public QObject, private QueueOnDisk {
    Q_OBJECT

    std::string planOf(std::string sql) {
        return m_database
            ->readAndWait<std::string>([sql](Connection& connection) -> Result<std::string> {
                auto rows = connection.query("EXPLAIN QUERY PLAN " + sql);
                if (!rows) {
                    return fail(std::move(rows.error()));
                }
                std::string plan;
                while (rows->next().value()) {
                    plan += std::string(rows->text(3)) + "\n";
                }
                return plan;
            })
            .value();
    }

private slots:
    void init() { open(); }
    void cleanup() { close(); }

    void listsAreNewestFirstFilteredAndPaged() {
        std::vector<EventId> ids;
        for (int i = 0; i < 7; ++i) {
            ids.push_back(add(i == 3 ? "other" : "resize").id);
        }
        std::sort(ids.begin(), ids.end(), std::greater<>());
        const auto leases = claim(4);
        VERIFY_OK(settle(leases[0], Outcome::Succeeded));
        VERIFY_OK(settle(leases[1], Outcome::DeadLetter));
        VERIFY_OK(settle(leases[2], Outcome::Retry));

        std::vector<EventId> seen;
        EventFilter filter{.account = "1000", .limit = 2};
        while (true) {
            const auto page = test::run(m_queue->list(filter)).value();
            if (page.empty()) {
                break;
            }
            for (const auto& found : page) {
                seen.push_back(found.event.id);
            }
            filter.before = seen.back().value;
        }
        QCOMPARE(seen, ids);

        const auto counted = [&](EventFilter wanted) {
            return test::run(m_queue->list(std::move(wanted))).value().size();
        };
        QCOMPARE(counted({.account = "1000", .functionName = "other"}), 1U);
        QCOMPARE(counted({.account = "1000", .functionName = "unknown"}), 0U);
        QCOMPARE(counted({.account = "2000"}), 0U);
        QCOMPARE(counted({.account = "1000", .state = "Succeeded"}), 1U);
        QCOMPARE(counted({.account = "1000", .state = "DeadLetter"}), 1U);
        QCOMPARE(counted({.account = "1000", .state = "Retrying"}), 1U);
        QCOMPARE(counted({.account = "1000", .state = "Running"}), 1U);
        QCOMPARE(counted({.account = "1000", .state = "Enqueued"}), 3U);
        const EventFilter wrong{.account = "1000", .state = "Lost"};
        VERIFY_FAILS(test::run(m_queue->list(wrong)), Code::InvalidArgument, "InvalidArgument");
        const EventFilter none{.account = "1000", .limit = 0};
        VERIFY_FAILS(test::run(m_queue->list(none)), Code::InvalidArgument, "InvalidArgument");

        const auto stats = test::run(m_queue->stats()).value();
        QCOMPARE(stats.backlog, 4);
        QCOMPARE(stats.running, 1);
        QCOMPARE(stats.deadLetters, 1);
        QVERIFY(stats.oldest == kNow);
    }

    void listsAreFilteredByTaskQualifierAndTime() {
        std::vector<EventId> ids;
        for (int i = 0; i < 4; ++i) {
            auto event = sampleEvent("resize", kNow + i * 1s);
            event.taskId = i < 2 ? fmt::format("job-{}", i) : "";
            event.qualifier = i == 3 ? "LATEST" : i == 2 ? "" : "v";
            event.payload = fmt::format("payload {}", i);
            ids.push_back(event.id);
            VERIFY_OK(test::run(m_queue->append(event)));
        }
        const auto found = [this](EventFilter filter) {
            filter.account = "1000";
            std::vector<std::string> payloads;
            const auto views = test::run(m_queue->list(std::move(filter))).value();
            for (const auto& view : views) {
                payloads.push_back(view.event.payload);
            }
            return payloads;
        };
        using Payloads = std::vector<std::string>;
        QCOMPARE(found({.taskPrefix = "job-", .oldestFirst = true, .withPayload = true}),
                 (Payloads{"payload 0", "payload 1"}));
        QCOMPARE(found({.taskPrefix = "job-1", .withPayload = true}), (Payloads{"payload 1"}));
        QCOMPARE(found({.qualifier = "LATEST", .withPayload = true}), (Payloads{"payload 3", "payload 2"}));
        QCOMPARE(found({.since = kNow + 1s, .until = kNow + 2s, .withPayload = true}),
                 (Payloads{"payload 2", "payload 1"}));
        QCOMPARE(found({.before = ids[2].value, .oldestFirst = true, .withPayload = true}), (Payloads{"payload 3"}));
        QCOMPARE(found({.limit = 1}), (Payloads{""}));
    }

    void readinessIsToldByFunctionOldestFirst() {
        QVERIFY(test::run(m_queue->ready(kNow)).value().empty());
        QVERIFY(!test::run(m_queue->nextReady(kNow)).value().has_value());
        add("young", kNow);
        add("old", kNow - 9s);
        add("old", kNow - 8s);
        add("later", kNow + 5s);
        auto ready = test::run(m_queue->ready(kNow)).value();
        QCOMPARE(ready.size(), 2U);
        QCOMPARE(ready[0].functionName, std::string("old"));
        QCOMPARE(ready[0].account, std::string("1000"));
        QCOMPARE(ready[0].count, 2);
        QVERIFY(ready[0].oldest == kNow - 9s);
        QCOMPARE(ready[1].functionName, std::string("young"));
        QVERIFY(test::run(m_queue->nextReady(kNow)).value() == kNow + 5s);
        claim(1, kNow, "old");
        ready = test::run(m_queue->ready(kNow)).value();
        QCOMPARE(ready[0].count, 1);
        claim(1, kNow, "old");
        QCOMPARE(test::run(m_queue->ready(kNow)).value().size(), 1U);
        QCOMPARE(test::run(m_queue->ready(kNow + kLease)).value().size(), 3U);
    }

    void readinessSkipsThroughTheIndexInsteadOfReadingIt() {
        const auto plan = planOf(
            "WITH RECURSIVE heads(fn) AS (SELECT min(fn) FROM events UNION ALL SELECT (SELECT min(fn) FROM events "
            "WHERE "
            "fn>heads.fn) FROM heads WHERE heads.fn IS NOT NULL) SELECT (SELECT min(due) FROM events WHERE fn=h.fn) "
            "FROM heads h");
        QVERIFY2(plan.find("SEARCH events USING COVERING INDEX events_due (fn>?)") != std::string::npos, plan.c_str());
        QVERIFY2(plan.find("SEARCH events USING COVERING INDEX events_due (fn=?)") != std::string::npos, plan.c_str());
        const auto claimPlan = planOf("SELECT id FROM events WHERE fn=1 AND due<=2 ORDER BY due LIMIT 3");
        QVERIFY2(claimPlan.find("SORT") == std::string::npos, claimPlan.c_str());
        const auto listPlan = planOf(
            "SELECT e.id FROM events e CROSS JOIN event_functions f ON f.fn=+e.fn WHERE f.account='a' AND e.id<'x' "
            "ORDER BY e.id DESC LIMIT 3");
        QVERIFY2(listPlan.find("SEARCH e USING PRIMARY KEY (id<?)") != std::string::npos, listPlan.c_str());
    }

    void onlyTheNewestSucceededEventsOfAnAccountAreKept() {
        VERIFY_OK(m_database->writeAndWait([](Connection& connection) -> Result<void> {
            HANSHU_TRY(connection.executeScript(
                "INSERT INTO event_functions (fn, account, name) VALUES (1, '1000', 'resize'), (2, '2000', 'resize');"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<10500) "
                "INSERT INTO events_ended SELECT '1000', 3, printf('0000%08d', i), 1, 1, 4, 0, 0, NULL, 0, '', '', '', "
                "'', '', iif(i<=500, printf('t%d', i), ''), '' FROM n;"
                "INSERT INTO event_tasks SELECT 1, task, id FROM events_ended WHERE task<>'';"
                "INSERT INTO events_ended SELECT '2000', 3, id, 2, 1, 4, 0, 0, NULL, 0, '', '', '', '', '', '', '' "
                "FROM events_ended WHERE account='1000' AND state=3;"
                "INSERT INTO events_ended SELECT '1000', 4, 'dead' || id, 1, 1, 4, 0, 0, NULL, 0, '', '', '', '', '', "
                "'', "
                "'' FROM events_ended WHERE account='1000' AND state=3 LIMIT 10"));
            return {};
        }));
        for (int i = 0; i < 1000; ++i) {
            std::ignore = asio::co_spawn(io().next(), m_queue->append(sampleEvent()), asio::use_future);
        }
        QTRY_COMPARE(test::run(m_queue->stats()).value().backlog, 1000);
        std::vector<Settlement> settlements;
        for (const auto& lease : claim(1000)) {
            settlements.push_back(settlementOf(lease, Outcome::Succeeded));
        }
        VERIFY_OK(test::run(m_queue->settle(settlements)));
        QTRY_COMPARE(number("SELECT count(*) FROM events_ended WHERE account='1000' AND state=3"), 10'000);
        QCOMPARE(number("SELECT count(*) FROM events_ended WHERE account='1000' AND state=3 AND id>='0000' || "
                        "printf('%08d', 1501) AND length(id)=12"),
                 9000);
        QCOMPARE(number("SELECT count(*) FROM event_tasks"), 0);
        QCOMPARE(number("SELECT count(*) FROM events_ended WHERE account='2000'"), 10'500);
        QCOMPARE(number("SELECT count(*) FROM events_ended WHERE state=4"), 10);
    }
};

QTEST_GUILESS_MAIN(TestEventLists)
#include "tst_event_lists.moc"
