// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "events/retry_policy.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::events;
using Settled = store::Settlement::Outcome;

namespace {

const SystemTime kNow{std::chrono::seconds{1'700'000'000}};

store::Lease lease(int attempt) {
    store::Lease lease;
    lease.event.id = {"e"};
    lease.event.enqueued = kNow - std::chrono::seconds(5);
    lease.attempt = attempt;
    lease.epoch = 7;
    return lease;
}

Result<invoke::Outcome> functionError() {
    invoke::Outcome outcome;
    outcome.errorType = "UnhandledInvocationError";
    outcome.invocation.set_error_type("FunctionUnhandledError");
    outcome.invocation.set_error_message("boom");
    return outcome;
}

}  // namespace

class TestRetryPolicy : public QObject {
    Q_OBJECT

private slots:
    void successEndsIt() {
        const auto settled = settle(lease(0), invoke::Outcome{}, kNow);
        QVERIFY(settled.outcome == Settled::Succeeded);
        QCOMPARE(settled.epoch, std::int64_t{7});
    }

    void aFunctionErrorIsTriedThreeMoreTimesThenDead() {
        for (int attempt = 0; attempt < 3; ++attempt) {
            const auto settled = settle(lease(attempt), functionError(), kNow);
            QVERIFY(settled.outcome == Settled::Retry);
            QVERIFY(settled.countsAsAttempt);
            QVERIFY(settled.nextAttempt == kNow + std::chrono::milliseconds(500 << attempt));
        }
        const auto settled = settle(lease(3), functionError(), kNow);
        QVERIFY(settled.outcome == Settled::DeadLetter);
        QCOMPARE(settled.reason, std::string("FunctionUnhandledError: boom"));
    }

    void aMissingGrantOrFunctionEndsItAtOnce() {
        const Result<invoke::Outcome> denied = fail(Code::PermissionDenied, "AccessDenied");
        const Result<invoke::Outcome> gone = fail(Code::NotFound, "FunctionNotFound");
        QVERIFY(settle(lease(0), denied, kNow).outcome == Settled::DeadLetter);
        QVERIFY(settle(lease(0), gone, kNow).outcome == Settled::DeadLetter);
        QVERIFY(settle(lease(0), denied, kNow).reason.starts_with("AccessDenied"));
    }

    void anEventOfADisabledFunctionWaits() {
        const Result<invoke::Outcome> disabled = fail(Code::PermissionDenied, "FunctionDisabled");
        const auto settled = settle(lease(3), disabled, kNow);
        QVERIFY(settled.outcome == Settled::Retry);
        QVERIFY(!settled.countsAsAttempt);
    }

    void whatThePlatformCouldNotServeDoesNotCount() {
        const Result<invoke::Outcome> limit = fail(Code::ResourceExhausted, "ResourceExhausted");
        const auto settled = settle(lease(2), limit, kNow);
        QVERIFY(settled.outcome == Settled::Retry);
        QVERIFY(!settled.countsAsAttempt);
        auto old = lease(0);
        old.event.enqueued = kNow - std::chrono::hours(25);
        QVERIFY(settle(old, limit, kNow).outcome == Settled::DeadLetter);
    }

    void aStopOfTheDaemonNeitherCountsNorEndsIt() {
        const Result<invoke::Outcome> stopped = fail(Code::Unavailable, "ServiceStopped");
        auto last = lease(3);
        last.event.enqueued = kNow - std::chrono::hours(25);
        const auto settled = settle(last, stopped, kNow);
        QVERIFY(settled.outcome == Settled::Retry);
        QVERIFY(!settled.countsAsAttempt);
    }

    void delaysDoubleUpToFiveHours() {
        QVERIFY(retryDelay(0) == std::chrono::milliseconds(500));
        QVERIFY(retryDelay(4) == std::chrono::seconds(8));
        QVERIFY(retryDelay(40) == std::chrono::hours(5));
        QVERIFY(retryDelay(-1) == std::chrono::milliseconds(500));
    }
};

QTEST_GUILESS_MAIN(TestRetryPolicy)
#include "tst_retry_policy.moc"
