// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events that come, are claimed, and are settled.

#include "store/queue_on_disk.h"

#include <fmt/format.h>
#include <set>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;
using namespace std::chrono_literals;
using Outcome = Settlement::Outcome;

class TestEventQueue : public QObject, private QueueOnDisk {
    Q_OBJECT

private slots:
    void init() { open(); }
    void cleanup() { close(); }

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
