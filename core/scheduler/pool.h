// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The instances of one revision of a function, and who waits for one. What belongs to a thread is touched there alone;
// the mutex guards the queue of waiters, which a warm request never comes near.
#pragma once

#include "runtime/instance.h"
#include "scheduler/scheduler.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace hanshu::scheduler {

class Pool;
class PooledScheduler;

// An instance and its place. It ends with its last holder, on its home thread.
struct Member {
    std::unique_ptr<runtime::Instance> instance;
    std::shared_ptr<Pool> pool;
    InstanceId id;
    std::size_t home = 0;  // index of its io thread
    int capacity = 1;      // runs at once
    runtime::StartTimes times;
    SystemTime created;
    std::atomic<int> inUse{0};  // changed at home
    SteadyTime idleSince;
    bool ended = false;  // not handed out again
};

// What a waiter gets.
struct Grant {
    std::shared_ptr<Member> member;  // one of its places is taken for the waiter
    bool cold = false;
};
struct StartFailure {
    runtime::RunResult result;
    runtime::StartTimes times;
};
using Delivery = std::variant<std::monostate, Grant, StartFailure, Error>;

struct Waiter {
    std::size_t thread = 0;
    runtime::RunRequest request;   // without its payload
    runtime::OutputSink output;    // of its thread; empty once it was served
    bool served = false;           // guarded by the pool's mutex
    bool startRequested = false;   // guarded by the pool's mutex
    std::uint64_t aborts = 0;      // how many the pool had seen when the start began; set before that
    Delivery delivery;             // of its thread
    std::function<void()> resume;  // of its thread
};

class Pool {
public:
    Pool(std::shared_ptr<const catalog::FunctionSpec> spec, std::size_t threads);

    [[nodiscard]] const std::shared_ptr<const catalog::FunctionSpec>& spec() const noexcept { return m_spec; }
    [[nodiscard]] int capacity() const noexcept { return m_capacity; }
    [[nodiscard]] bool retired() const noexcept { return m_retired.load(); }
    void retire() noexcept { m_retired.store(true); }

    // Members with a free place, of the calling thread.
    [[nodiscard]] std::shared_ptr<Member> take(std::size_t thread);
    void offer(const std::shared_ptr<Member>& member);
    void withdraw(const Member& member);
    [[nodiscard]] const std::vector<std::shared_ptr<Member>>& offered(std::size_t thread) const;
    // Any thread: whether `take` there would have found one a moment ago.
    [[nodiscard]] bool offers(std::size_t thread) const noexcept;

    // Waiters; any thread.
    [[nodiscard]] bool hasWaiters() const noexcept { return m_waiting.load() > 0; }
    void enqueue(const std::shared_ptr<Waiter>& waiter);
    // The first in the queue, which the caller must serve.
    [[nodiscard]] std::shared_ptr<Waiter> pop();
    // False when somebody else serves this one already.
    [[nodiscard]] bool claim(const std::shared_ptr<Waiter>& waiter);
    // Waiters for whom a start should begin now.
    [[nodiscard]] std::vector<std::shared_ptr<Waiter>> startsToBegin(int most);
    void startEnded(const Waiter& waiter);
    // What starts now is of no use any more, and counts no more: others start beside it.
    void abortStarts();
    [[nodiscard]] bool wasAborted(const Waiter& waiter);

private:
    struct Local {
        std::vector<std::shared_ptr<Member>> members;
        std::atomic<int> count{0};
    };
    std::shared_ptr<const catalog::FunctionSpec> m_spec;
    int m_capacity;
    std::vector<Local> m_locals;
    std::atomic<bool> m_retired{false};
    std::atomic<int> m_waiting{0};
    std::mutex m_mutex;
    std::deque<std::shared_ptr<Waiter>> m_waiters;
    int m_starting = 0;
    std::uint64_t m_aborts = 0;
};

// One place of a member, held by a lease.
class Slot {
public:
    using Release = std::function<void(std::shared_ptr<Member>)>;

    Slot(IoPool& io, Grant grant, std::shared_ptr<PooledScheduler> scheduler);
    ~Slot();
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;

    [[nodiscard]] Task<runtime::RunResult> run(runtime::RunRequest request, runtime::OutputSink output);
    [[nodiscard]] const Member& member() const noexcept { return *m_grant.member; }
    [[nodiscard]] bool cold() const noexcept { return m_grant.cold; }

private:
    IoPool& m_io;
    Grant m_grant;
    std::shared_ptr<PooledScheduler> m_scheduler;
};

}  // namespace hanshu::scheduler
