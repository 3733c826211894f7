// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Permits of runs at once, per account and per function. Any thread; no locks on the request path.
#pragma once

#include "base/published.h"
#include "base/result.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace hanshu::invoke {

// Reference 5.1: an account may have 100 runs at once unless its owner says otherwise.
inline constexpr int kDefaultAccountConcurrency = 100;

// What runs now, and how much may.
struct Counter {
    std::atomic<int> running{0};
    std::atomic<int> limit{kDefaultAccountConcurrency};
};

class Limits;

// A permit of one run; gives it back when it is destroyed. Any thread.
class Permit {
public:
    Permit() = default;
    Permit(const Limits* limits, std::shared_ptr<Counter> account, std::shared_ptr<Counter> function) noexcept
        : m_limits(limits), m_account(std::move(account)), m_function(std::move(function)) {}
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&& other) noexcept;
    ~Permit() { release(); }

private:
    void release() noexcept;

    const Limits* m_limits = nullptr;
    std::shared_ptr<Counter> m_account;  // null: nothing is held
    std::shared_ptr<Counter> m_function;
};

class Limits {
public:
    Limits();

    void setAccountLimit(const std::string& account, int limit);
    [[nodiscard]] int accountLimit(const std::string& account) const;
    // ResourceExhausted with parameters limit (its name: account concurrency | function concurrency) and value.
    [[nodiscard]] Result<Permit> admit(const std::string& account, const std::string& function,
                                       std::optional<int> functionLimit) const;
    [[nodiscard]] int running(const std::string& account) const;
    // How many more runs of a function could be admitted now: what a dispatcher may claim.
    [[nodiscard]] int room(const std::string& account, const std::string& function,
                           std::optional<int> functionLimit) const;
    // Called on any thread whenever a permit came back; set once, before use.
    void onReleased(std::function<void()> listener) { m_released = std::move(listener); }

private:
    friend class Permit;
    using Map = std::unordered_map<std::string, std::shared_ptr<Counter>>;
    std::shared_ptr<Counter> counter(const std::string& name) const;

    // Replaced as a whole when a name is new, so that finding a known one takes no lock.
    mutable Published<Map> m_counters;
    mutable std::mutex m_adding;
    std::function<void()> m_released;
};

}  // namespace hanshu::invoke
