// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "events/dispatcher.h"

#include "base/async_signal.h"
#include "base/io_pool.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "events/retry_policy.h"
#include "invoke/limits.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <unordered_map>

namespace hanshu::events {
namespace {

// Reference 5.7.
constexpr std::size_t kMaxAsyncPayload = 128 << 10U;
// Large enough that a claim's commit is shared by many events, small enough that a stop waits for few.
constexpr int kClaimBatch = 64;
// A lease outlives two missed renewals.
constexpr std::chrono::seconds kLeaseTime{90};
constexpr std::chrono::seconds kRenewInterval{30};
// While so many appends share a commit, claims come only in this interval: a caller waits for its 202, an event has
// time. Claims and runs would take from the accepts more than they give, and what is claimed in an interval still runs.
constexpr int kBurst = 16;
constexpr std::chrono::milliseconds kBurstInterval{25};
// After a failed read of the queue (a full disk, say).
constexpr std::chrono::seconds kErrorPause{1};

}  // namespace

struct Dispatcher::State : std::enable_shared_from_this<Dispatcher::State> {
    State(const Rooms& given, Pause givenPause)
        : rooms(given),
          playedPause(std::move(givenPause)),
          executor(given.io.context(0).get_executor()),
          wake(executor),
          settlementsWake(executor),
          allSettled(executor),
          renewTimer(executor),
          burstTimer(executor) {}

    Rooms rooms;
    Pause playedPause;
    asio::any_io_executor executor;  // of everything below that is not atomic
    AsyncSignal wake;
    AsyncSignal settlementsWake;
    AsyncSignal allSettled;
    asio::steady_timer renewTimer;
    asio::steady_timer burstTimer;
    std::atomic<bool> stopped{false};
    // Events wait for a permit: a permit that comes back is news.
    std::atomic<bool> starved{false};
    std::unordered_map<EventId, std::int64_t> inFlight;
    std::vector<store::Settlement> settlements;
    std::size_t storing = 0;  // settlements on their way into the queue
    std::shared_ptr<void> catalogWatch;

    Task<void> claimLoop() {
        const auto self = shared_from_this();
        while (!stopped) {
            const auto deadline = co_await claimAll();
            if (!stopped) {
                co_await wake.wait(deadline);
            }
            if (!stopped && rooms.queue.takeBurst() >= kBurst) {
                co_await pause(kBurstInterval);
            }
        }
    }

    Task<void> pause(std::chrono::milliseconds time) {
        if (playedPause) {
            co_await playedPause(time);
            co_return;
        }
        burstTimer.expires_after(time);
        boost::system::error_code ignored;
        co_await burstTimer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    // Claims what may run now; returns when to look again though nobody rang.
    Task<std::optional<std::chrono::steady_clock::time_point>> claimAll() {
        starved = false;
        const auto now = rooms.clock.now();
        auto ready = co_await rooms.queue.ready(now);
        if (!ready) {
            log::error("events", "the queue can't be read: {}", ready.error().describe());
            co_return std::chrono::steady_clock::now() + kErrorPause;
        }
        for (const auto& function : *ready) {
            if (!stopped) {
                co_await claimOne(function);
            }
        }
        auto next = co_await rooms.queue.nextReady(now);
        if (!next || !*next) {
            co_return std::nullopt;
        }
        co_return std::chrono::steady_clock::now() + std::max(**next - rooms.clock.now(), std::chrono::microseconds{0});
    }

    Task<void> claimOne(store::Ready function) {
        const auto route = rooms.catalog.snapshot()->find(function.account, function.functionName);
        // Events of a function that is switched off wait; a change of the catalog brings them back here.
        if (route != nullptr && route->spec->function.invocation_restriction().disable()) {
            co_return;
        }
        // An event of a function that is gone is claimed all the same: its run says why it becomes a dead letter.
        const int room = route == nullptr
                             ? kClaimBatch
                             : rooms.limits.room(function.account, function.functionName, route->reservedConcurrency);
        const int count = std::min(room, kClaimBatch);
        if (count < function.count) {
            starved = true;
        }
        if (count == 0) {
            co_return;
        }
        const auto now = rooms.clock.now();
        auto leases = co_await rooms.queue.claim(function.account, function.functionName, count, now, now + kLeaseTime);
        if (!leases) {
            log::error("events", "events of {} can't be claimed: {}", function.functionName, leases.error().describe());
            co_return;
        }
        for (auto& lease : *leases) {
            inFlight.emplace(lease.event.id, lease.epoch);
            asio::co_spawn(rooms.io.next(), runOne(shared_from_this(), std::move(lease)), asio::detached);
        }
        if (static_cast<std::int64_t>(leases->size()) < function.count && count == kClaimBatch) {
            wake.notify();
        }
    }

    static Task<void> runOne(std::shared_ptr<State> self, store::Lease lease) {
        auto outcome = co_await self->rooms.pipeline.run(callOf(lease));
        auto settlement = settle(lease, outcome, self->rooms.clock.now());
        asio::post(self->executor, [self, settlement = std::move(settlement)]() mutable {
            self->settlements.push_back(std::move(settlement));
            self->settlementsWake.notify();
        });
    }

    static invoke::Call callOf(store::Lease& lease) {
        auto& event = lease.event;
        invoke::Call call;
        call.account = event.account;
        call.functionName = event.functionName;
        call.qualifier = event.qualifier;
        call.payload = std::move(event.payload);
        call.requestId = event.requestId;
        call.source = event.source;
        call.sourceArn = event.sourceArn;
        call.triggerName = event.triggerName;
        call.attempt = lease.attempt;
        call.enqueued = event.enqueued;
        call.authorized = event.sourceArn.empty();
        call.caller = {access::Caller::Kind::Source, event.account, event.sourceArn, {}};
        return call;
    }

    // One settle at a time takes all that ended meanwhile: its commit is shared.
    Task<void> settleLoop() {
        const auto self = shared_from_this();
        while (!stopped || !inFlight.empty()) {
            co_await settlementsWake.wait();
            while (!settlements.empty()) {
                auto batch = std::exchange(settlements, {});
                for (const auto& settlement : batch) {
                    inFlight.erase(settlement.id);
                }
                storing = batch.size();
                auto settled = co_await rooms.queue.settle(batch);
                storing = 0;
                if (!settled && settled.error().reason != "LeaseLost") {
                    // The leases run out, and the events run again: at least once, never lost.
                    log::error("events", "{} results can't be stored: {}", batch.size(), settled.error().describe());
                }
                wake.notify();
            }
        }
        allSettled.notify();
    }

    Task<void> renewLoop() {
        const auto self = shared_from_this();
        while (!stopped) {
            renewTimer.expires_after(kRenewInterval);
            boost::system::error_code ignored;
            co_await renewTimer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            if (inFlight.empty() || stopped) {
                continue;
            }
            std::vector<std::pair<EventId, std::int64_t>> leases(inFlight.begin(), inFlight.end());
            auto renewed = co_await rooms.queue.renew(std::move(leases), rooms.clock.now() + kLeaseTime);
            if (!renewed && renewed.error().reason != "LeaseLost") {
                log::error("events", "leases can't be renewed: {}", renewed.error().describe());
            }
        }
    }
};

Dispatcher::Dispatcher(Rooms rooms, Pause pause) : m_state(std::make_shared<State>(rooms, std::move(pause))) {
    rooms.queue.onAppended([weak = std::weak_ptr(m_state)] {
        if (const auto state = weak.lock()) {
            state->wake.notify();
        }
    });
    m_state->catalogWatch = rooms.catalog.watch([weak = std::weak_ptr(m_state)](const catalog::Change&) {
        if (const auto state = weak.lock()) {
            state->wake.notify();
        }
    });
    rooms.limits.onReleased([weak = std::weak_ptr(m_state)] {
        if (const auto state = weak.lock(); state != nullptr && state->starved.load(std::memory_order_relaxed)) {
            state->wake.notify();
        }
    });
}

Dispatcher::~Dispatcher() {
    stop();
}

void Dispatcher::start() {
    asio::co_spawn(m_state->executor, m_state->claimLoop(), asio::detached);
    asio::co_spawn(m_state->executor, m_state->settleLoop(), asio::detached);
    asio::co_spawn(m_state->executor, m_state->renewLoop(), asio::detached);
}

void Dispatcher::stop() {
    m_state->stopped = true;
    m_state->wake.notify();
    m_state->settlementsWake.notify();
    asio::post(m_state->executor, [state = m_state] {
        state->renewTimer.cancel();
        state->burstTimer.cancel();
    });
}

Task<void> Dispatcher::settled(std::chrono::milliseconds timeout) {
    const auto state = m_state;
    co_await state->allSettled.wait(std::chrono::steady_clock::now() + timeout);
    if (!state->inFlight.empty() || state->storing > 0) {
        log::warning("events", "{} events have not ended in time, and the results of {} are not stored yet",
                     state->inFlight.size(), state->storing + state->settlements.size());
    }
}

Task<Result<void>> Dispatcher::enqueue(store::Event event) {
    if (event.payload.size() > kMaxAsyncPayload) {
        co_return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(kMaxAsyncPayload)}});
    }
    co_return co_await m_state->rooms.queue.append(std::move(event));
}

}  // namespace hanshu::events
