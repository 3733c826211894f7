// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Permits of runs at once, per account and per function. Any thread; no locks on the request path.
#pragma once

#include "base/async.h"
#include "base/result.h"

#include <memory>
#include <optional>
#include <string>

namespace hanshu::invoke {

// Reference 5.1: an account may have 100 runs at once unless its owner says otherwise.
inline constexpr int kDefaultAccountConcurrency = 100;

class Limits;

// A permit of one run; gives it back when it is destroyed. Any thread.
class Permit {
public:
    Permit() = default;
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&&) noexcept = default;
    ~Permit();

private:
    friend class Limits;
    struct Counters;
    explicit Permit(std::shared_ptr<Counters> account, std::shared_ptr<Counters> function) noexcept;
    std::shared_ptr<Counters> m_account;
    std::shared_ptr<Counters> m_function;
};

class Limits {
public:
    Limits();
    ~Limits();
    void setAccountLimit(const std::string& account, int limit);
    [[nodiscard]] int accountLimit(const std::string& account) const;
    // ResourceExhausted with parameters limit (the name: account concurrency | function concurrency) and value.
    [[nodiscard]] Result<Permit> admit(const std::string& account, const std::string& function,
                                       std::optional<int> functionLimit);
    [[nodiscard]] int running(const std::string& account) const;
    // How many more runs of a function could be admitted now: what a dispatcher may claim.
    [[nodiscard]] int room(const std::string& account, const std::string& function,
                           std::optional<int> functionLimit) const;
    // Called on any thread whenever a permit came back; set once, before use.
    void onReleased(std::function<void()> listener);

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::invoke
