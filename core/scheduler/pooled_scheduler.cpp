// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "scheduler/pooled_scheduler.h"

#include "base/io_pool.h"
#include "base/log.h"
#include "runtime/reports.h"

#include <algorithm>
#include <future>

namespace hanshu::scheduler {
namespace {

// How exactly idle instances are reclaimed: a quarter of the shortest time anybody asked for, within these.
constexpr auto kShortestRound = std::chrono::milliseconds(10);
constexpr auto kLongestRound = std::chrono::milliseconds(1000);

constexpr const char* kSwitchedOff = "its function was switched off and its runs were ended";

StartFailure switchedOff() {
    return {.result = runtime::aborted({}, 0, kSwitchedOff), .times = {}};
}

bool isOf(const catalog::FunctionSpec& spec, const std::string& account, const std::string& functionName) {
    return spec.account == account && spec.function.function_name() == functionName;
}

std::string keyOf(const catalog::FunctionSpec& spec) {
    std::string key;
    key.reserve(128);
    key.append(spec.account).append(1, '\0').append(spec.function.function_name()).append(1, '\0');
    key.append(spec.qualifier).append(1, '\0').append(spec.versionId).append(1, '\0');
    return key.append(std::to_string(spec.revision.value));
}

Failure shuttingDown() {
    return fail(Code::Unavailable, "ShuttingDown");
}

Task<void> wait(std::shared_ptr<Waiter> waiter) {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [&waiter](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            waiter->resume = [shared] { std::move (*shared)(); };
        },
        asio::use_awaitable);
}

std::size_t currentThread() {
    return static_cast<std::size_t>(IoPool::currentIndex());
}

}  // namespace

PooledScheduler::PooledScheduler(SchedulerOptions options) : m_options(options), m_locals(options.io.size()) {
    for (std::size_t i = 0; i < m_locals.size(); ++i) {
        m_locals[i].reclaim = std::make_unique<asio::steady_timer>(m_options.io.context(i));
    }
}

// The way of a request

Task<Result<Acquired>> PooledScheduler::acquire(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                const runtime::RunRequest& request, runtime::OutputSink output) {
    const auto self = shared_from_this();
    if (IoPool::currentIndex() < 0) {
        co_return internalError("an instance can only be acquired on an io thread");
    }
    if (m_stopping) {
        co_return shuttingDown();
    }
    const auto thread = currentThread();
    const auto pool = poolFor(thread, spec);
    if (auto member = pool->take(thread)) {
        co_return granted({std::move(member), false});
    }
    const auto begin = std::chrono::steady_clock::now();
    const auto waiter = std::make_shared<Waiter>();
    waiter->thread = thread;
    waiter->request.requestId = request.requestId;
    waiter->request.credentials = request.credentials;
    waiter->request.attempt = request.attempt;
    waiter->output = std::move(output);
    pool->enqueue(waiter);
    seek(pool, thread);
    co_await wait(waiter);
    Acquired acquired;
    if (auto* grant = std::get_if<Grant>(&waiter->delivery)) {
        acquired = granted(std::move(*grant));
    } else if (auto* failure = std::get_if<StartFailure>(&waiter->delivery)) {
        acquired.failure = std::move(failure->result);
        acquired.times = failure->times;
    } else {
        co_return fail(std::get<Error>(waiter->delivery));
    }
    acquired.waited = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin);
    co_return acquired;
}

Acquired PooledScheduler::granted(Grant grant) {
    Acquired acquired;
    if (grant.cold) {
        acquired.times = grant.member->times;
    }
    acquired.lease = Lease(std::make_shared<Slot>(m_options.io, std::move(grant), shared_from_this()));
    return acquired;
}

// An idle instance of another thread is nearer than a new one. A waiter is in the queue before this looks, and a member
// is offered before its thread looks for waiters: so one of the two sees the other.
void PooledScheduler::seek(const std::shared_ptr<Pool>& pool, std::size_t thread) {
    for (std::size_t step = 1; step < m_locals.size(); ++step) {
        const auto other = (thread + step) % m_locals.size();
        if (pool->offers(other)) {
            asio::post(m_options.io.context(other), [self = shared_from_this(), pool, other] {
                self->serve(pool, other);
                self->ensureStarts(pool);
            });
            return;
        }
    }
    ensureStarts(pool);
}

void PooledScheduler::serve(const std::shared_ptr<Pool>& pool, std::size_t thread) {
    while (pool->hasWaiters()) {
        auto member = pool->take(thread);
        if (!member) {
            return;
        }
        if (auto waiter = pool->pop()) {
            deliver(waiter, Grant{std::move(member), false});
        } else {
            release(std::move(member));
            return;
        }
    }
}

// Posted even to its own thread: whoever delivers may be in the middle of something else.
void PooledScheduler::deliver(const std::shared_ptr<Waiter>& waiter, Delivery delivery) {
    asio::post(m_options.io.context(waiter->thread), [waiter, delivery = std::move(delivery)]() mutable {
        waiter->delivery = std::move(delivery);
        waiter->output = nullptr;
        std::exchange(waiter->resume, nullptr)();
    });
}

void PooledScheduler::release(std::shared_ptr<Member> member) {
    const auto pool = member->pool;
    --member->inUse;
    member->idleSince = m_options.clock.steady();
    if (member->ended || !member->instance->alive() || pool->retired() || m_stopping) {
        end(member);
        ensureStarts(pool);
        return;
    }
    pool->offer(member);
    serve(pool, member->home);
    armReclaim(member->home);
}

// Starts

void PooledScheduler::ensureStarts(const std::shared_ptr<Pool>& pool) {
    if (!pool->hasWaiters()) {
        return;
    }
    if (m_stopping) {
        while (const auto waiter = pool->pop()) {
            deliver(waiter, shuttingDown().value());
        }
        return;
    }
    for (const auto& waiter : pool->startsToBegin(m_options.parallelStarts)) {
        detach(m_options.io.context(waiter->thread).get_executor(), start(shared_from_this(), pool, waiter));
    }
}

Task<void> PooledScheduler::start(std::shared_ptr<PooledScheduler> self, std::shared_ptr<Pool> pool,
                                  std::shared_ptr<Waiter> waiter) {
    const runtime::OutputSink output = [waiter](std::string_view bytes) {
        if (waiter->output) {  // who waited may have gone on with another instance
            waiter->output(bytes);
        }
    };
    auto started = co_await self->m_options.factory.start(pool->spec(), waiter->request, output);
    pool->startEnded(*waiter);
    if (!started) {
        if (pool->claim(waiter)) {
            self->deliver(waiter, std::move(started.error()));
        }
    } else if (!started->instance) {
        if (pool->claim(waiter)) {
            self->deliver(waiter, StartFailure{std::move(started->failure), started->times});
        }
    } else {
        auto member = self->admit(pool, waiter->thread, std::move(*started));
        ++member->inUse;
        // Only now: an abort that comes later finds it among the members.
        const bool isAborted = pool->wasAborted(*waiter);
        if (isAborted) {
            member->instance->abort(kSwitchedOff);
        }
        const bool isWanted = pool->claim(waiter);
        if (isWanted && isAborted) {
            self->deliver(waiter, switchedOff());
            self->release(std::move(member));
        } else if (isWanted) {
            if (member->capacity > 1) {
                pool->offer(member);
            }
            self->deliver(waiter, Grant{member, true});
            self->serve(pool, member->home);
        } else {
            self->release(std::move(member));
        }
    }
    self->ensureStarts(pool);
}

std::shared_ptr<Member> PooledScheduler::admit(const std::shared_ptr<Pool>& pool, std::size_t thread,
                                               runtime::Started started) {
    auto member = std::make_shared<Member>();
    member->instance = std::move(started.instance);
    member->pool = pool;
    member->id = member->instance->id();
    member->home = thread;
    member->capacity = pool->capacity();
    member->times = started.times;
    member->created = m_options.clock.now();
    member->idleSince = m_options.clock.steady();
    member->instance->onDeath([self = weak_from_this(), weak = std::weak_ptr(member)] {
        const auto scheduler = self.lock();
        const auto dead = weak.lock();
        if (scheduler && dead) {
            scheduler->end(dead);
        }
    });
    ++m_running;
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_members, [](const auto& one) { return one.expired(); });
    m_members.push_back(member);
    return member;
}

// Ends

// With runs inside it is only not handed out any more; the last release comes here again.
void PooledScheduler::end(const std::shared_ptr<Member>& member) {
    member->pool->withdraw(*member);
    member->ended = true;
    if (member->inUse > 0 || !member->instance) {
        return;
    }
    const bool hook = member->instance->alive() &&
                      member->pool->spec()->function.instance_lifecycle_config().has_pre_stop() &&
                      !m_options.io.context(member->home).stopped();
    if (hook) {
        detach(m_options.io.context(member->home).get_executor(), stop(shared_from_this(), member));
        return;
    }
    const auto instance = std::move(member->instance);
    --m_running;
}

Task<void> PooledScheduler::stop(std::shared_ptr<PooledScheduler> self, std::shared_ptr<Member> member) {
    const auto instance = std::move(member->instance);
    instance->onDeath(nullptr);
    co_await instance->stop();
    --self->m_running;
}

void PooledScheduler::retire(const std::string& account, const std::string& functionName, Revision keep) {
    const std::lock_guard lock(m_mutex);
    std::erase_if(m_pools, [](const auto& entry) { return entry.second.expired(); });
    for (const auto& [key, weak] : m_pools) {
        const auto pool = weak.lock();
        if (!pool) {
            continue;
        }
        const auto& spec = *pool->spec();
        if (!isOf(spec, account, functionName) || (keep.value > 0 && spec.revision >= keep)) {
            continue;
        }
        pool->retire();
        for (std::size_t i = 0; i < m_locals.size(); ++i) {
            asio::post(m_options.io.context(i), [self = shared_from_this(), retired = pool, key = key, i] {
                for (const auto members = retired->offered(i); const auto& member : members) {
                    self->end(member);
                }
                self->m_locals[i].pools.erase(key);
            });
        }
    }
}

// Whoever waits for an instance is told at once; one that starts ends when its start has. Of those that there are each
// is killed on its own thread, and whoever holds a lease on it then ends it.
void PooledScheduler::abort(const std::string& account, const std::string& functionName) {
    const std::lock_guard lock(m_mutex);
    for (const auto& [key, weak] : m_pools) {
        const auto pool = weak.lock();
        if (!pool || !isOf(*pool->spec(), account, functionName)) {
            continue;
        }
        pool->abortStarts();
        while (const auto waiter = pool->pop()) {
            deliver(waiter, switchedOff());
        }
    }
    for (const auto& weak : m_members) {
        const auto member = weak.lock();
        if (!member) {
            continue;
        }
        if (isOf(*member->pool->spec(), account, functionName)) {
            asio::post(m_options.io.context(member->home), [self = shared_from_this(), member] {
                if (member->instance) {
                    member->instance->abort(kSwitchedOff);
                }
                if (member->inUse == 0) {
                    self->end(member);
                }
            });
        }
    }
}

void PooledScheduler::shutdown() {
    m_stopping = true;
    for (std::size_t i = 0; i < m_locals.size(); ++i) {
        asio::post(m_options.io.context(i), [self = shared_from_this(), i] { self->clear(i); });
    }
}

void PooledScheduler::clear(std::size_t thread) {
    m_locals[thread].reclaim->cancel();
    for (const auto pools = m_locals[thread].pools; const auto& [key, pool] : pools) {
        ensureStarts(pool);
        for (const auto members = pool->offered(thread); const auto& member : members) {
            end(member);
        }
    }
}

std::chrono::milliseconds PooledScheduler::idleTimeout(const Pool& pool) const {
    const auto& function = pool.spec()->function;
    return function.has_idle_timeout() ? std::chrono::seconds(function.idle_timeout()) : m_options.idleTimeout;
}

void PooledScheduler::armReclaim(std::size_t thread) {
    auto& local = m_locals[thread];
    if (local.reclaiming || m_stopping) {
        return;
    }
    auto round = kLongestRound;
    for (const auto& [key, pool] : local.pools) {
        round = std::min(round, idleTimeout(*pool) / 4);
    }
    local.reclaiming = true;
    local.reclaim->expires_after(std::max(round, kShortestRound));
    // Weak: the timers are this object's own.
    local.reclaim->async_wait([weak = weak_from_this(), thread](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (self && !error) {
            self->m_locals[thread].reclaiming = false;
            self->reclaim(thread);
        }
    });
}

void PooledScheduler::reclaim(std::size_t thread) {
    auto& local = m_locals[thread];
    const auto now = m_options.clock.steady();
    bool left = false;
    std::vector<std::string> unused;
    for (const auto& [key, pool] : Pools(local.pools)) {
        for (const auto members = pool->offered(thread); const auto& member : members) {
            if (member->inUse == 0 && now - member->idleSince >= idleTimeout(*pool)) {
                end(member);
            }
        }
        left = left || !pool->offered(thread).empty();
        if (pool->offered(thread).empty()) {
            local.pools.erase(key);
            unused.push_back(key);
        }
    }
    if (!unused.empty()) {
        const std::lock_guard lock(m_mutex);
        for (const auto& key : unused) {
            const auto found = m_pools.find(key);
            if (found != m_pools.end() && found->second.expired()) {
                m_pools.erase(found);
            }
        }
    }
    if (left) {
        armReclaim(thread);
    }
}

const std::shared_ptr<Pool>& PooledScheduler::poolFor(std::size_t thread,
                                                      const std::shared_ptr<const catalog::FunctionSpec>& spec) {
    auto& pools = m_locals[thread].pools;
    auto key = keyOf(*spec);
    if (const auto found = pools.find(key); found != pools.end()) {
        return found->second;
    }
    const std::lock_guard lock(m_mutex);
    auto& known = m_pools[key];
    auto shared = known.lock();
    if (!shared) {
        shared = std::make_shared<Pool>(spec, m_locals.size());
        known = shared;
    }
    return pools.emplace(std::move(key), std::move(shared)).first->second;
}

std::vector<InstanceView> PooledScheduler::instances() const {
    const std::lock_guard lock(m_mutex);
    std::vector<InstanceView> views;
    const auto now = m_options.clock.now();
    for (const auto& weak : m_members) {
        if (const auto member = weak.lock()) {
            views.push_back(
                {.id = member->id,
                 .functionName = member->pool->spec()->function.function_name(),
                 .state = member->inUse > 0 ? "busy" : "idle",
                 .ageMs = std::chrono::duration_cast<std::chrono::milliseconds>(now - member->created).count()});
        }
    }
    return views;
}

namespace {

class SchedulerHandle final : public Scheduler {
public:
    explicit SchedulerHandle(SchedulerOptions options)
        : m_io(options.io), m_scheduler(std::make_shared<PooledScheduler>(options)) {}
    ~SchedulerHandle() override;
    SchedulerHandle(const SchedulerHandle&) = delete;
    SchedulerHandle& operator=(const SchedulerHandle&) = delete;

    [[nodiscard]] Task<Result<Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                 const runtime::RunRequest& request,
                                                 runtime::OutputSink output) override {
        return m_scheduler->acquire(std::move(spec), request, std::move(output));
    }
    void retire(const std::string& account, const std::string& functionName, Revision keep) override {
        m_scheduler->retire(account, functionName, keep);
    }
    void abort(const std::string& account, const std::string& functionName) override {
        m_scheduler->abort(account, functionName);
    }
    [[nodiscard]] std::vector<InstanceView> instances() const override { return m_scheduler->instances(); }
    [[nodiscard]] int running() const noexcept override { return m_scheduler->running(); }
    void shutdown() override { m_scheduler->shutdown(); }

private:
    IoPool& m_io;
    std::shared_ptr<PooledScheduler> m_scheduler;
};

// Instances end on their own threads, before the factory does.
SchedulerHandle::~SchedulerHandle() {
    m_scheduler->shutdown();
    for (std::size_t i = 0; i < m_io.size(); ++i) {
        if (m_io.context(i).stopped()) {
            m_scheduler->clear(i);
            continue;
        }
        std::promise<void> done;
        asio::post(m_io.context(i), [&done] { done.set_value(); });
        done.get_future().wait();
    }
}

}  // namespace

std::unique_ptr<Scheduler> makeScheduler(SchedulerOptions options) {
    return std::make_unique<SchedulerHandle>(options);
}

}  // namespace hanshu::scheduler
