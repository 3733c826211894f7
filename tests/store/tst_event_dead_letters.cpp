// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events that ended without success: they stay, are tried again, or go.

#include "store/queue_on_disk.h"

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;
using namespace std::chrono_literals;
using Outcome = Settlement::Outcome;

class TestEventDeadLetters : public QObject, private QueueOnDisk {
    Q_OBJECT

private slots:
    void init() { open(); }
    void cleanup() { close(); }

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

    void aRequestNamesItsDeadLetters() {
        const auto first = add();
        auto second = sampleEvent("other");
        second.requestId = first.requestId;
        VERIFY_OK(test::run(m_queue->append(second)));
        const auto third = add();
        for (const auto& lease : claim()) {
            VERIFY_OK(settle(lease, Outcome::DeadLetter));
        }
        const auto named = [](const std::string& id) { return DeadLetters{.account = "1000", .ids = {EventId{id}}}; };
        // Of the request's two events one has not ended, and stays out of it.
        QCOMPARE(test::run(m_queue->redrive(named(first.requestId.value), kNow)).value(), 1);
        QCOMPARE(view(first.id).state, std::string("Enqueued"));
        QCOMPARE(view(second.id).state, std::string("Enqueued"));
        VERIFY_OK(settle(claim()[0], Outcome::DeadLetter));
        VERIFY_OK(settle(claim(1, kNow, "other")[0], Outcome::DeadLetter));
        QCOMPARE(test::run(m_queue->remove(named(first.requestId.value))).value(), 2);
        VERIFY_FAILS(test::run(m_queue->remove(named(first.requestId.value))), Code::NotFound, "DeadLetterNotFound");
        auto ofAnother = named(third.requestId.value);
        ofAnother.account = "2000";
        VERIFY_FAILS(test::run(m_queue->remove(ofAnother)), Code::NotFound, "DeadLetterNotFound");
        QCOMPARE(view(third.id).state, std::string("DeadLetter"));
        QCOMPARE(number("SELECT count(*) FROM event_payloads"), 1);
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
};

QTEST_GUILESS_MAIN(TestEventDeadLetters)
#include "tst_event_dead_letters.moc"
