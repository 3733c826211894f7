// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A lock that coroutines hold across co_await: who waits is suspended, not blocked, and served in order. Any thread.
#pragma once

#include "base/async.h"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace hanshu::access {

class AsyncLock {
    struct State {
        std::mutex guard;
        bool held = false;
        std::deque<std::function<void()>> waiting;
    };

public:
    // The lock, for as long as it lives.
    class Held {
    public:
        explicit Held(const std::shared_ptr<State>& state) noexcept : m_state(state) {}
        Held(Held&&) noexcept = default;
        Held& operator=(Held&&) = delete;
        ~Held() {
            if (m_state != nullptr) {
                release(*m_state);
            }
        }

    private:
        std::shared_ptr<State> m_state;
    };

    [[nodiscard]] Task<Held> acquire() {
        // Named, not written into the expressions: g++ 12 destroys temporaries of co_await and co_return twice.
        const auto state = m_state;
        auto start = [state](auto done) {
            const auto next = std::make_shared<decltype(done)>(std::move(done));
            std::unique_lock lock(state->guard);
            if (state->held) {
                state->waiting.emplace_back([next] { (*next)(true); });
                return;
            }
            state->held = true;
            lock.unlock();
            (*next)(true);
        };
        co_await awaitCallback<bool>(std::move(start));
        Held held(state);
        co_return held;
    }

private:
    // Hands the lock to the next in line, or frees it.
    static void release(State& state) {
        std::function<void()> next;
        {
            const std::lock_guard lock(state.guard);
            if (state.waiting.empty()) {
                state.held = false;
                return;
            }
            next = std::move(state.waiting.front());
            state.waiting.pop_front();
        }
        next();
    }

    std::shared_ptr<State> m_state = std::make_shared<State>();
};

}  // namespace hanshu::access
