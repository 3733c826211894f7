// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "events/retry_policy.h"

#include <algorithm>

namespace hanshu::events {
namespace {

using Outcome = store::Settlement::Outcome;

store::Settlement ended(const store::Lease& lease, Outcome outcome, std::string reason, SystemTime now) {
    store::Settlement settlement;
    settlement.id = lease.event.id;
    settlement.epoch = lease.epoch;
    settlement.outcome = outcome;
    settlement.reason = std::move(reason);
    settlement.when = now;
    return settlement;
}

store::Settlement retried(const store::Lease& lease, std::string reason, std::chrono::microseconds delay, bool counts,
                          SystemTime now) {
    auto settlement = ended(lease, Outcome::Retry, std::move(reason), now);
    settlement.nextAttempt = now + delay;
    settlement.countsAsAttempt = counts;
    return settlement;
}

}  // namespace

std::chrono::microseconds retryDelay(int attempt) noexcept {
    constexpr int kDoublings = 16;  // 0.5 s · 2^16 is beyond 5 h
    const auto delay = std::chrono::microseconds(kFirstRetryDelay) * (1 << std::clamp(attempt, 0, kDoublings));
    return std::min<std::chrono::microseconds>(delay, kLongestRetryDelay);
}

store::Settlement settle(const store::Lease& lease, const Result<invoke::Outcome>& outcome, SystemTime now) {
    if (outcome && outcome->errorType.empty()) {
        return ended(lease, Outcome::Succeeded, {}, now);
    }
    if (outcome) {
        auto reason = outcome->invocation.error_type() + ": " + outcome->invocation.error_message();
        if (lease.attempt + 1 >= lease.event.maxAttempts) {
            return ended(lease, Outcome::DeadLetter, std::move(reason), now);
        }
        return retried(lease, std::move(reason), retryDelay(lease.attempt), true, now);
    }
    const auto& error = outcome.error();
    // A function that is switched off is expected back.
    switch (error.reason == "FunctionDisabled" ? Code::Unavailable : error.code) {
        case Code::NotFound:
        case Code::PermissionDenied:
        case Code::InvalidArgument:
        case Code::FailedPrecondition:
            return ended(lease, Outcome::DeadLetter, error.describe(), now);
        default:
            break;
    }
    // What had begun has had its turn already: a stop of the daemon is no reason to give it up.
    if (error.reason != "ServiceStopped" && now - lease.event.enqueued >= kMaxEventAge) {
        return ended(lease, Outcome::DeadLetter, "EventExpired: " + error.describe(), now);
    }
    return retried(lease, error.describe(), kFirstRetryDelay, false, now);
}

}  // namespace hanshu::events
