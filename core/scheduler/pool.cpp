// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "scheduler/pool.h"

#include <algorithm>

namespace hanshu::scheduler {

Pool::Pool(std::shared_ptr<const catalog::FunctionSpec> spec, std::size_t threads)
    : m_spec(std::move(spec)), m_capacity(std::max(1, m_spec->function.instance_concurrency())), m_locals(threads) {}

std::shared_ptr<Member> Pool::take(std::size_t thread) {
    auto& local = m_locals[thread];
    while (!local.members.empty()) {
        auto member = local.members.back();  // the warmest; the coldest get old and are reclaimed
        const bool usable = member->instance->alive() && !member->ended;
        if (!usable || ++member->inUse == member->capacity) {
            local.members.pop_back();
            --local.count;
        }
        if (usable) {
            return member;
        }
    }
    return nullptr;
}

void Pool::offer(const std::shared_ptr<Member>& member) {
    auto& local = m_locals[member->home];
    if (std::ranges::find(local.members, member) == local.members.end()) {
        local.members.push_back(member);
        ++local.count;
    }
}

void Pool::withdraw(const Member& member) {
    auto& local = m_locals[member.home];
    local.count -=
        static_cast<int>(std::erase_if(local.members, [&](const auto& one) { return one.get() == &member; }));
}

const std::vector<std::shared_ptr<Member>>& Pool::offered(std::size_t thread) const {
    return m_locals[thread].members;
}

bool Pool::offers(std::size_t thread) const noexcept {
    return m_locals[thread].count.load() > 0;
}

void Pool::enqueue(const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(m_mutex);
    m_waiters.push_back(waiter);
    ++m_waiting;
}

std::shared_ptr<Waiter> Pool::pop() {
    const std::lock_guard lock(m_mutex);
    if (m_waiters.empty()) {
        return nullptr;
    }
    auto waiter = std::move(m_waiters.front());
    m_waiters.pop_front();
    --m_waiting;
    waiter->served = true;
    return waiter;
}

bool Pool::claim(const std::shared_ptr<Waiter>& waiter) {
    const std::lock_guard lock(m_mutex);
    if (waiter->served) {
        return false;
    }
    waiter->served = true;
    std::erase(m_waiters, waiter);
    --m_waiting;
    return true;
}

// As many as the waiters need, and no more than that: an instance takes `capacity` of them at once, and one that comes
// free meanwhile takes the next, so that a burst does not start an instance a request where fewer do.
std::vector<std::shared_ptr<Waiter>> Pool::startsToBegin(int most) {
    const std::lock_guard lock(m_mutex);
    std::vector<std::shared_ptr<Waiter>> begin;
    for (const auto& waiter : m_waiters) {
        const auto covered = static_cast<std::size_t>(m_starting) * static_cast<std::size_t>(m_capacity);
        if (m_starting >= most || covered >= m_waiters.size()) {
            break;
        }
        if (!waiter->startRequested) {
            waiter->startRequested = true;
            waiter->aborts = m_aborts;
            ++m_starting;
            begin.push_back(waiter);
        }
    }
    return begin;
}

void Pool::startEnded(const Waiter& waiter) {
    const std::lock_guard lock(m_mutex);
    m_starting -= waiter.aborts == m_aborts ? 1 : 0;
}

void Pool::abortStarts() {
    const std::lock_guard lock(m_mutex);
    ++m_aborts;
    m_starting = 0;
}

bool Pool::wasAborted(const Waiter& waiter) {
    const std::lock_guard lock(m_mutex);
    return waiter.aborts != m_aborts;
}

}  // namespace hanshu::scheduler
