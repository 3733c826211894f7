// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A bell that one coroutine waits for and any thread may ring. A ring that comes while nobody waits is kept.
#pragma once

#include "base/async.h"

#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>

namespace hanshu {

class AsyncSignal {
public:
    // `executor` is that of the coroutine that waits.
    explicit AsyncSignal(const asio::any_io_executor& executor) : m_state(std::make_shared<State>(executor)) {}

    // Any thread; rings that come before the wait ends count as one.
    void notify() {
        if (!m_state->rung.exchange(true)) {
            asio::post(m_state->timer.get_executor(), [state = m_state] { state->timer.cancel(); });
        }
    }

    // Resumes at a ring, or at `deadline`. One waiter at a time, on the executor.
    [[nodiscard]] Task<void> wait(std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt) {
        const auto state = m_state;
        if (!state->rung.load()) {
            state->timer.expires_at(deadline.value_or(std::chrono::steady_clock::time_point::max()));
            boost::system::error_code cancelled;
            co_await state->timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
        state->rung.store(false);
    }

private:
    struct State {
        explicit State(const asio::any_io_executor& executor) : timer(executor) {}
        asio::steady_timer timer;
        std::atomic<bool> rung{false};
    };
    std::shared_ptr<State> m_state;
};

}  // namespace hanshu
