// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The scheduler of one node: pools of warm instances, per function and io thread. Any io thread.
#pragma once

#include "scheduler/make_scheduler.h"
#include "scheduler/pool.h"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace hanshu::scheduler {

// Shared by everything in flight; the Scheduler that node holds is a handle of it.
class PooledScheduler : public std::enable_shared_from_this<PooledScheduler> {
public:
    explicit PooledScheduler(SchedulerOptions options);

    [[nodiscard]] Task<Result<Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                 const runtime::RunRequest& request, runtime::OutputSink output);
    void retire(const std::string& account, const std::string& functionName, Revision keep);
    void abort(const std::string& account, const std::string& functionName);
    [[nodiscard]] std::vector<InstanceView> instances() const;
    [[nodiscard]] int running() const noexcept { return m_running.load(); }
    void shutdown();
    // Ends what is idle on the calling thread, or on a thread that no longer runs.
    void clear(std::size_t thread);
    // A place comes back, on the member's home thread.
    void release(std::shared_ptr<Member> member);

private:
    using Pools = std::unordered_map<std::string, std::shared_ptr<Pool>>;
    struct Local {
        Pools pools;  // those that this thread has used lately
        std::unique_ptr<asio::steady_timer> reclaim;
        bool reclaiming = false;
    };

    [[nodiscard]] const std::shared_ptr<Pool>& poolFor(std::size_t thread,
                                                       const std::shared_ptr<const catalog::FunctionSpec>& spec);
    [[nodiscard]] Acquired granted(Grant grant);
    void seek(const std::shared_ptr<Pool>& pool, std::size_t thread);
    void serve(const std::shared_ptr<Pool>& pool, std::size_t thread);
    void deliver(const std::shared_ptr<Waiter>& waiter, Delivery delivery);
    void ensureStarts(const std::shared_ptr<Pool>& pool);
    static Task<void> start(std::shared_ptr<PooledScheduler> self, std::shared_ptr<Pool> pool,
                            std::shared_ptr<Waiter> waiter);
    [[nodiscard]] std::shared_ptr<Member> admit(const std::shared_ptr<Pool>& pool, std::size_t thread,
                                                runtime::Started started);
    void end(const std::shared_ptr<Member>& member);
    static Task<void> stop(std::shared_ptr<PooledScheduler> self, std::shared_ptr<Member> member);
    void armReclaim(std::size_t thread);
    void reclaim(std::size_t thread);
    [[nodiscard]] std::chrono::milliseconds idleTimeout(const Pool& pool) const;

    SchedulerOptions m_options;
    std::vector<Local> m_locals;
    std::atomic<int> m_running{0};
    std::atomic<bool> m_stopping{false};
    mutable std::mutex m_mutex;  // of the two below; never on the way of a warm request
    // Held by the threads that use them, their members and waiters: with the last one its function's code can go.
    std::unordered_map<std::string, std::weak_ptr<Pool>> m_pools;
    std::vector<std::weak_ptr<Member>> m_members;
};

}  // namespace hanshu::scheduler
