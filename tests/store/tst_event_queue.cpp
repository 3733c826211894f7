// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/connection.h"
#include "store/fixture.h"

#include <fmt/format.h>
#include <set>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;
using namespace std::chrono_literals;
using Outcome = Settlement::Outcome;

class TestEventQueue : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<EventQueue> m_queue;

    [[nodiscard]] std::string path() const { return m_folder.filePath("state.db").toStdString(); }
    void open() {
        m_database = openState(path());
        m_queue = makeSqliteEventQueue(*m_database);
    }
    void reopen() {
        m_queue.reset();
        m_database.reset();
        open();
    }
    Event add(const std::string& function = "resize", SystemTime enqueued = kNow) {
        auto event = sampleEvent(function, enqueued);
        if (const auto added = test::run(m_queue->append(event)); !added) {
            qFatal("%s", added.error().describe().c_str());
        }
        return event;
    }
    std::vector<Lease> claim(int limit = 10, SystemTime now = kNow, const std::string& function = "resize") {
        return test::run(m_queue->claim("1000", function, limit, now, now + kLease)).value();
    }
    Result<void> settle(const Lease& lease, Outcome outcome) {
        auto settlement = settlementOf(lease, outcome);
        settlement.nextAttempt = kNow + 10s;
        settlement.reason = outcome == Outcome::Succeeded ? "" : "FunctionError";
        std::vector<Settlement> batch{settlement};
        return test::run(m_queue->settle(std::move(batch)));
    }
    EventView view(const EventId& id) {
        EventFilter filter{.account = "1000", .limit = 1000};
        const auto all = test::run(m_queue->list(filter)).value();
        for (const auto& found : all) {
            if (found.event.id == id) {
                return found;
            }
        }
        return {};
    }
    std::int64_t number(std::string sql) {
        return m_database
            ->readAndWait<std::int64_t>([sql](Connection& connection) -> Result<std::int64_t> {
                const auto value = connection.queryInteger(sql);
                if (!value) {
                    return fail(value.error());
                }
                return value->value_or(-1);
            })
            .value();
    }
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
    void cleanup() {
        m_queue.reset();
        m_database.reset();
        for (const auto& name : QDir(m_folder.path()).entryList(QDir::Files)) {
            QVERIFY(QFile::remove(m_folder.filePath(name)));
        }
    }

    void anEventComesBackAsItWasGiven() {
        auto event = sampleEvent();
        event.taskId = "task-1";
        event.payload = std::string("\0\xff{}", 4) + std::string(100'000, 'x');
        event.maxAttempts = 9;
        VERIFY_OK(test::run(m_queue->append(event)));
        reopen();
        const auto leases = claim();
        QCOMPARE(leases.size(), 1U);
        const auto& got = leases[0].event;
        QCOMPARE(got.id, event.id);
        QCOMPARE(got.requestId, event.requestId);
        QCOMPARE(got.account, event.account);
        QCOMPARE(got.functionName, event.functionName);
        QCOMPARE(got.qualifier, event.qualifier);
        QCOMPARE(got.source, event.source);
        QCOMPARE(got.sourceArn, event.sourceArn);
        QCOMPARE(got.triggerName, event.triggerName);
        QCOMPARE(got.taskId, event.taskId);
        QVERIFY(got.payload == event.payload);
        QVERIFY(got.enqueued == event.enqueued);
        QCOMPARE(got.maxAttempts, 9);
        QCOMPARE(leases[0].attempt, 0);
    }

    void anEventWithoutItsNamesIsRefused() {
        for (auto Event::* field : {&Event::account, &Event::functionName}) {
            auto event = sampleEvent();
            (event.*field).clear();
            VERIFY_FAILS(test::run(m_queue->append(event)), Code::InvalidArgument, "InvalidEvent");
        }
        auto event = sampleEvent();
        event.id = {};
        VERIFY_FAILS(test::run(m_queue->append(event)), Code::InvalidArgument, "InvalidEvent");
    }

    void claimsGoByAgeFunctionAndLimit() {
        const auto second = add("resize", kNow - 1s);
        const auto first = add("resize", kNow - 2s);
        const auto third = add("resize", kNow);
        add("resize", kNow + 1s);
        add("other", kNow - 5s);
        auto leases = claim(2);
        QCOMPARE(leases.size(), 2U);
        QCOMPARE(leases[0].event.id, first.id);
        QCOMPARE(leases[1].event.id, second.id);
        leases = claim(10);
        QCOMPARE(leases.size(), 1U);
        QCOMPARE(leases[0].event.id, third.id);
        QVERIFY(claim(10).empty());
        QVERIFY(claim(0).empty());
        QVERIFY(claim(10, kNow, "unknown").empty());
        QCOMPARE(claim(10, kNow, "other").size(), 1U);
    }

    void aSuccessLeavesTheHotTableAndItsPayloadGoes() {
        const auto event = add();
        VERIFY_OK(settle(claim()[0], Outcome::Succeeded));
        QCOMPARE(number("SELECT count(*) FROM events"), 0);
        const auto seen = view(event.id);
        QCOMPARE(seen.state, std::string("Succeeded"));
        QCOMPARE(seen.attempts, 1);
        QCOMPARE(seen.payloadBytes, static_cast<std::int64_t>(event.payload.size()));
        QVERIFY(seen.ended == kNow + 1s);
        QVERIFY(seen.event.payload.empty());
        reopen();
        VERIFY_OK(m_queue->releaseAll());
        QCOMPARE(number("SELECT count(*) FROM event_payloads"), 0);
    }

    void payloadsOfEndedEventsGoWhileTheQueueRuns() {
        for (int i = 0; i < 600; ++i) {
            auto event = sampleEvent();
            std::ignore = asio::co_spawn(io().next(), m_queue->append(std::move(event)), asio::use_future);
        }
        QTRY_COMPARE(test::run(m_queue->stats()).value().backlog, 600);
        const auto kept = add("kept");
        std::vector<Settlement> settlements;
        for (const auto& lease : claim(600)) {
            settlements.push_back(settlementOf(lease, Outcome::Succeeded));
        }
        QCOMPARE(settlements.size(), 600U);
        VERIFY_OK(test::run(m_queue->settle(settlements)));
        QTRY_COMPARE(number("SELECT count(*) FROM event_payloads"), 1);
        QVERIFY(claim(1, kNow, "kept")[0].event.payload == kept.payload);
    }

    void aRetryWaitsForItsTimeAndCounts() {
        const auto event = add();
        VERIFY_OK(settle(claim()[0], Outcome::Retry));
        auto seen = view(event.id);
        QCOMPARE(seen.state, std::string("Retrying"));
        QCOMPARE(seen.reason, std::string("FunctionError"));
        QCOMPARE(seen.attempts, 1);
        QVERIFY(seen.nextAttempt == kNow + 10s);
        QVERIFY(claim(1, kNow + 10s - 1us).empty());
        QVERIFY(test::run(m_queue->ready(kNow + 10s - 1us)).value().empty());
        QVERIFY(test::run(m_queue->nextReady(kNow)).value() == kNow + 10s);
        const auto leases = claim(1, kNow + 10s);
        QCOMPARE(leases.size(), 1U);
        QCOMPARE(leases[0].attempt, 1);
        QVERIFY(leases[0].event.payload == event.payload);
    }

    void whatThePlatformCouldNotServeDoesNotCount() {
        const auto event = add();
        auto settlement = settlementOf(claim()[0], Outcome::Retry);
        settlement.countsAsAttempt = false;
        settlement.nextAttempt = kNow;
        settlement.reason = "ResourceExhausted";
        VERIFY_OK(test::run(m_queue->settle({std::vector{settlement}})));
        QCOMPARE(view(event.id).attempts, 0);
        QCOMPARE(claim()[0].attempt, 0);
    }

    void aDeadLetterStaysWithItsReasonAndPayload() {
        const auto event = add();
        VERIFY_OK(settle(claim()[0], Outcome::DeadLetter));
        reopen();
        VERIFY_OK(m_queue->releaseAll());
        const auto seen = view(event.id);
        QCOMPARE(seen.state, std::string("DeadLetter"));
        QCOMPARE(seen.reason, std::string("FunctionError"));
        QCOMPARE(test::run(m_queue->stats()).value().deadLetters, 1);
        QCOMPARE(number("SELECT count(*) FROM events_ended e JOIN event_payloads p ON p.payload=e.payload"), 1);
        QVERIFY(claim(1, kNow + 24h).empty());
    }

    void aDeadLetterThatIsRedrivenRunsAsIfItHadJustCome() {
        auto event = sampleEvent();
        event.taskId = "task-1";
        event.payload = "bytes";
        VERIFY_OK(test::run(m_queue->append(event)));
        const auto first = claim();
        VERIFY_OK(settle(first[0], Outcome::DeadLetter));
        int told = 0;
        m_queue->onAppended([&told] { ++told; });
        const auto later = kNow + 1h;
        DeadLetters which{.account = "1000", .ids = {event.id}};
        QCOMPARE(test::run(m_queue->redrive(which, later)).value(), 1);
        QCOMPARE(told, 1);
        auto seen = view(event.id);
        QCOMPARE(seen.state, std::string("Enqueued"));
        QCOMPARE(seen.attempts, 0);
        QCOMPARE(seen.reason, std::string());
        QVERIFY(seen.event.enqueued == later);
        const auto second = claim(10, later);
        QCOMPARE(second.size(), 1U);
        QCOMPARE(second[0].event.payload, std::string("bytes"));
        QCOMPARE(second[0].event.taskId, std::string("task-1"));
        // Who ran it in its first life can't settle it in the second.
        VERIFY_FAILS(settle(first[0], Outcome::Succeeded), Code::Aborted, "LeaseLost");
        VERIFY_OK(settle(second[0], Outcome::Succeeded));
        QCOMPARE(view(event.id).state, std::string("Succeeded"));
        VERIFY_FAILS(test::run(m_queue->redrive(which, later)), Code::NotFound, "DeadLetterNotFound");
    }

    void aDeadLetterThatIsRemovedLeavesNothing() {
        auto event = sampleEvent();
        event.taskId = "task-1";
        VERIFY_OK(test::run(m_queue->append(event)));
        VERIFY_OK(settle(claim()[0], Outcome::DeadLetter));
        const auto alive = add();
        DeadLetters which{.account = "1000", .ids = {event.id, alive.id}};
        // One of them is none: nothing happens.
        VERIFY_FAILS(test::run(m_queue->remove(which)), Code::NotFound, "DeadLetterNotFound");
        QCOMPARE(view(event.id).state, std::string("DeadLetter"));
        which.ids = {event.id};
        DeadLetters ofAnother{.account = "2000", .ids = {event.id}};
        VERIFY_FAILS(test::run(m_queue->remove(ofAnother)), Code::NotFound, "DeadLetterNotFound");
        QCOMPARE(test::run(m_queue->remove(which)).value(), 1);
        QVERIFY(view(event.id).state.empty());
        QCOMPARE(number("SELECT count(*) FROM event_payloads"), 1);
        QCOMPARE(number("SELECT count(*) FROM event_tasks"), 0);
        QCOMPARE(view(alive.id).state, std::string("Enqueued"));
    }

    void theDeadLettersOfAFunctionAreTakenTogether() {
        for (const auto* function : {"resize", "resize", "resize", "other"}) {
            add(function);
        }
        for (const auto& lease : claim()) {
            VERIFY_OK(settle(lease, Outcome::DeadLetter));
        }
        VERIFY_OK(settle(claim(1, kNow, "other")[0], Outcome::DeadLetter));
        QCOMPARE(test::run(m_queue->redrive({.account = "1000", .functionName = "none"}, kNow)).value(), 0);
        QCOMPARE(test::run(m_queue->redrive({.account = "1000", .functionName = "resize"}, kNow)).value(), 3);
        QCOMPARE(claim().size(), 3U);
        QCOMPARE(test::run(m_queue->stats()).value().deadLetters, 1);
        QCOMPARE(test::run(m_queue->remove({.account = "1000", .functionName = "other"})).value(), 1);
        QCOMPARE(test::run(m_queue->stats()).value().deadLetters, 0);
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
            for (const auto& view : test::run(m_queue->list(std::move(filter))).value()) {
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

    void anExpiredLeaseGoesToSomebodyElseAndItsLateSettlementIsRefused() {
        const auto event = add();
        const auto late = claim()[0];
        QVERIFY(claim(1, kNow + kLease - 1us).empty());
        const auto next = claim(1, kNow + kLease);
        QCOMPARE(next.size(), 1U);
        QVERIFY(next[0].epoch > late.epoch);
        for (const auto outcome : {Outcome::Succeeded, Outcome::Retry, Outcome::DeadLetter}) {
            const auto refused = settle(late, outcome);
            VERIFY_FAILS(refused, Code::Aborted, "LeaseLost");
            QCOMPARE(refused.error().param("event"), std::string_view(event.id.value));
        }
        QCOMPARE(view(event.id).state, std::string("Running"));
        VERIFY_OK(settle(next[0], Outcome::Succeeded));
        VERIFY_FAILS(settle(next[0], Outcome::Succeeded), Code::Aborted, "LeaseLost");
    }

    void anExpiredLeaseThatNobodyTookMayStillBeSettled() {
        add();
        const auto lease = claim()[0];
        QVERIFY(!test::run(m_queue->ready(kNow + 2 * kLease)).value().empty());
        VERIFY_OK(settle(lease, Outcome::Succeeded));
    }

    void theOthersOfABatchAreSettledThoughOneLostItsLease() {
        const auto a = add();
        const auto b = add();
        const auto c = add();
        auto leases = claim();
        std::vector<Settlement> batch;
        for (const auto& lease : leases) {
            batch.push_back(settlementOf(lease, Outcome::Succeeded));
        }
        batch[1].epoch += 1;
        VERIFY_FAILS(test::run(m_queue->settle(batch)), Code::Aborted, "LeaseLost");
        int succeeded = 0;
        for (const auto& event : {a, b, c}) {
            succeeded += view(event.id).state == "Succeeded" ? 1 : 0;
        }
        QCOMPARE(succeeded, 2);
        QCOMPARE(view(batch[1].id).state, std::string("Running"));
    }

    void aRenewedLeaseLastsLongerAndALostOneIsTold() {
        add();
        const auto lease = claim()[0];
        std::vector<std::pair<EventId, std::int64_t>> leases{{lease.event.id, lease.epoch}};
        VERIFY_OK(test::run(m_queue->renew(leases, kNow + 2 * kLease)));
        QVERIFY(claim(1, kNow + kLease).empty());
        QVERIFY(test::run(m_queue->nextReady(kNow)).value() == kNow + 2 * kLease);
        QCOMPARE(claim(1, kNow + 2 * kLease).size(), 1U);
        VERIFY_FAILS(test::run(m_queue->renew(leases, kNow + 9 * kLease)), Code::Aborted, "LeaseLost");
    }

    void aRestartGivesBackEveryLeaseAndRefusesItsSettlement() {
        const auto fresh = add();
        const auto retried = add();
        for (const auto& lease : claim()) {
            if (lease.event.id == retried.id) {
                VERIFY_OK(settle(lease, Outcome::Retry));
            }
        }
        const auto leases = claim(10, kNow + 10s);
        QCOMPARE(leases.size(), 1U);
        reopen();
        QVERIFY(claim(10, kNow).empty());
        VERIFY_OK(m_queue->releaseAll());
        QCOMPARE(view(fresh.id).state, std::string("Enqueued"));
        QCOMPARE(view(retried.id).state, std::string("Retrying"));
        VERIFY_FAILS(settle(leases[0], Outcome::Succeeded), Code::Aborted, "LeaseLost");
        const auto again = claim(10, kNow);
        QVERIFY(!again.empty());
        for (const auto& lease : again) {
            VERIFY_OK(settle(lease, Outcome::Succeeded));
        }
    }

    void aTaskIdIsUniqueInItsFunctionAsLongAsItsEventIsKnown() {
        auto first = sampleEvent();
        first.taskId = "t";
        VERIFY_OK(test::run(m_queue->append(first)));
        auto second = sampleEvent();
        second.taskId = "t";
        const auto refused = test::run(m_queue->append(second));
        VERIFY_FAILS(refused, Code::AlreadyExists, "AsyncTaskAlreadyExists");
        QCOMPARE(refused.error().param("task"), std::string_view("t"));
        auto elsewhere = sampleEvent("other");
        elsewhere.taskId = "t";
        VERIFY_OK(test::run(m_queue->append(elsewhere)));
        VERIFY_OK(settle(claim()[0], Outcome::Succeeded));
        VERIFY_FAILS(test::run(m_queue->append(second)), Code::AlreadyExists, "AsyncTaskAlreadyExists");
        const EventFilter byTask{.account = "1000", .functionName = "resize", .taskId = "t"};
        const auto found = test::run(m_queue->list(byTask)).value();
        QCOMPARE(found.size(), 1U);
        QCOMPARE(found[0].event.id, first.id);
        const EventFilter everywhere{.account = "1000", .taskId = "t"};
        QCOMPARE(test::run(m_queue->list(everywhere)).value().size(), 2U);
    }

    void anIdThatIsTakenIsRefusedAndLeavesNoTaskBehind() {
        const auto event = add();
        auto twin = sampleEvent();
        twin.id = event.id;
        twin.taskId = "t";
        VERIFY_FAILS(test::run(m_queue->append(twin)), Code::AlreadyExists, "EventAlreadyExists");
        twin.id = newEventId();
        VERIFY_OK(test::run(m_queue->append(twin)));
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

    void eventsOfAnotherTransactionComeAndGoWithIt() {
        std::atomic<int> told{0};
        m_queue->onAppended([&] { ++told; });
        auto taken = sampleEvent();
        taken.taskId = "t";
        VERIFY_OK(test::run(m_queue->append(taken)));
        QTRY_COMPARE(told.load(), 1);

        const std::vector events{sampleEvent(), sampleEvent("other")};
        VERIFY_OK(m_database->writeAndWait(
            [&](Connection& connection) { return m_queue->appendWithin(connection, events); }));
        QCOMPARE(told.load(), 1);
        m_queue->appended();
        QCOMPARE(told.load(), 2);
        QCOMPARE(test::run(m_queue->stats()).value().backlog, 3);

        std::vector rolledBack{sampleEvent("third"), sampleEvent()};
        rolledBack[1].taskId = "t";
        VERIFY_FAILS(m_database->writeAndWait(
                         [&](Connection& connection) { return m_queue->appendWithin(connection, rolledBack); }),
                     Code::AlreadyExists, "AsyncTaskAlreadyExists");
        QCOMPARE(test::run(m_queue->stats()).value().backlog, 3);
        QCOMPARE(number("SELECT count(*) FROM event_payloads"), 3);
        // The function's number was rolled back too; its next event must not believe in it.
        add("third");
        QCOMPARE(claim(10, kNow, "third").size(), 1U);
    }

    void callersThatShareACommitAreABurst() {
        (void)m_queue->takeBurst();
        // Nothing is written until every caller stands in the queue.
        std::promise<void> all;
        m_database->submit(
            [opened = all.get_future().share()](Connection&) -> Result<void> {
                opened.wait();
                return {};
            },
            [](const Result<void>&) {});
        constexpr int kCallers = 20;
        std::atomic<int> kept{0};
        for (int i = 0; i < kCallers; ++i) {
            auto event = sampleEvent();
            asio::co_spawn(io().next(), m_queue->append(std::move(event)),
                           [&kept](std::exception_ptr, Result<void> done) { kept += done.has_value() ? 1 : 0; });
        }
        // What was started has reached the queue when its thread comes to a later task: starting takes one of its own.
        for (std::size_t i = 0; i < 2 * io().size(); ++i) {
            asio::post(io().context(i % io().size()), asio::use_future).get();
        }
        all.set_value();
        QTRY_COMPARE(kept.load(), kCallers);
        QCOMPARE(m_queue->takeBurst(), kCallers);
        QCOMPARE(m_queue->takeBurst(), 0);
        add();
        QCOMPARE(m_queue->takeBurst(), 1);
    }

    void aFunctionWhoseFirstEventWasTakenBackIsFoundAnew() {
        // The number that the failed transaction gave to the function must not be remembered.
        const auto event = sampleEvent("fresh");
        const auto failed = m_database->writeAndWait([&](Connection& connection) -> Result<void> {
            const std::vector<Event> events{event};
            HANSHU_TRY(m_queue->appendWithin(connection, events));
            return internalError("taken back");
        });
        QVERIFY(!failed);
        add("other");
        const auto kept = add("fresh");
        const auto leases = claim(10, kNow, "fresh");
        QCOMPARE(leases.size(), 1U);
        QVERIFY(leases[0].event.id == kept.id);
    }

    void sixtyFourCallersAndADispatcherLoseNothing() {
        constexpr int kCallers = 64;
        constexpr int kEach = 40;
        std::atomic<int> told{0};
        m_queue->onAppended([&] { ++told; });
        std::vector<std::future<int>> callers;
        std::mutex mutex;
        std::set<std::string> acknowledged;
        const auto caller = [](TestEventQueue* self, std::mutex* lock, std::set<std::string>* into) -> Task<int> {
            int failed = 0;
            for (int i = 0; i < kEach; ++i) {
                auto event = sampleEvent(i % 2 == 0 ? "even" : "odd");
                const auto id = event.id.value;
                const auto result = co_await self->m_queue->append(std::move(event));
                failed += result ? 0 : 1;
                const std::lock_guard guard(*lock);
                into->insert(id);
            }
            co_return failed;
        };
        for (int i = 0; i < kCallers; ++i) {
            callers.push_back(asio::co_spawn(io().next(), caller(this, &mutex, &acknowledged), asio::use_future));
        }
        std::set<std::string> done;
        const auto deadline = std::chrono::steady_clock::now() + 60s;
        while (done.size() < kCallers * kEach && std::chrono::steady_clock::now() < deadline) {
            const auto waiting = test::run(m_queue->ready(kNow)).value();
            for (const auto& ready : waiting) {
                std::vector<Settlement> settlements;
                for (const auto& lease : claim(100, kNow, ready.functionName)) {
                    QVERIFY2(done.insert(lease.event.id.value).second, "claimed twice");
                    QVERIFY(lease.event.payload.ends_with(lease.event.id.value));
                    settlements.push_back(settlementOf(lease, Outcome::Succeeded));
                }
                VERIFY_OK(test::run(m_queue->settle(std::move(settlements))));
            }
        }
        for (auto& future : callers) {
            QCOMPARE(future.get(), 0);
        }
        QVERIFY(done == acknowledged);
        QVERIFY(told.load() > 0);
        QCOMPARE(test::run(m_queue->stats()).value().backlog, 0);
    }
};

QTEST_GUILESS_MAIN(TestEventQueue)
#include "tst_event_queue.moc"
