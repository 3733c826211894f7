// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/limits.h"

#include <algorithm>
#include <limits>

namespace hanshu::invoke {
namespace {

// One more, unless `limit` are running.
bool take(Counter& counter, int limit) noexcept {
    int running = counter.running.load(std::memory_order_relaxed);
    while (running < limit) {
        if (counter.running.compare_exchange_weak(running, running + 1, std::memory_order_acq_rel)) {
            return true;
        }
    }
    return false;
}

Failure exhausted(std::string name, int value) {
    return fail(Code::ResourceExhausted, "ResourceExhausted",
                {{"limit", std::move(name)}, {"value", std::to_string(value)}});
}

// Names of accounts hold no '/', so the two kinds can share a map.
std::string functionKey(const std::string& account, const std::string& function) {
    std::string key;
    key.reserve(account.size() + function.size() + 1);
    key += account;
    key += '/';
    key += function;
    return key;
}

}  // namespace

Permit& Permit::operator=(Permit&& other) noexcept {
    if (this != &other) {
        release();
        m_limits = other.m_limits;
        m_account = std::move(other.m_account);
        m_function = std::move(other.m_function);
    }
    return *this;
}

void Permit::release() noexcept {
    if (m_account == nullptr) {
        return;
    }
    m_account->running.fetch_sub(1, std::memory_order_acq_rel);
    m_function->running.fetch_sub(1, std::memory_order_acq_rel);
    m_account.reset();
    m_function.reset();
    if (m_limits->m_released) {
        m_limits->m_released();
    }
}

Limits::Limits() : m_counters(std::make_shared<const Map>()) {}

std::shared_ptr<Counter> Limits::counter(const std::string& name) const {
    if (const auto map = m_counters.load(); true) {
        if (const auto known = map->find(name); known != map->end()) {
            return known->second;
        }
    }
    const std::lock_guard lock(m_adding);
    const auto map = m_counters.load();
    if (const auto known = map->find(name); known != map->end()) {
        return known->second;
    }
    auto next = std::make_shared<Map>(*map);
    auto added = next->emplace(name, std::make_shared<Counter>()).first->second;
    m_counters.store(std::move(next));
    return added;
}

void Limits::setAccountLimit(const std::string& account, int limit) {
    counter(account)->limit.store(limit);
}

int Limits::accountLimit(const std::string& account) const {
    return counter(account)->limit.load();
}

Result<Permit> Limits::admit(const std::string& account, const std::string& function,
                             std::optional<int> functionLimit) const {
    auto ofAccount = counter(account);
    auto ofFunction = counter(functionKey(account, function));
    const int accountLimit = ofAccount->limit.load(std::memory_order_relaxed);
    if (!take(*ofAccount, accountLimit)) {
        return exhausted("account concurrency", accountLimit);
    }
    if (!take(*ofFunction, functionLimit.value_or(std::numeric_limits<int>::max()))) {
        ofAccount->running.fetch_sub(1, std::memory_order_acq_rel);
        return exhausted("function concurrency", *functionLimit);
    }
    return Permit(this, std::move(ofAccount), std::move(ofFunction));
}

int Limits::running(const std::string& account) const {
    return counter(account)->running.load();
}

int Limits::room(const std::string& account, const std::string& function, std::optional<int> functionLimit) const {
    const auto ofAccount = counter(account);
    int room = ofAccount->limit.load() - ofAccount->running.load();
    if (functionLimit) {
        room = std::min(room, *functionLimit - counter(functionKey(account, function))->running.load());
    }
    return std::max(room, 0);
}

}  // namespace hanshu::invoke
