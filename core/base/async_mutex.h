// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A mutex for coroutines: waiting does not block the thread. First come, first served; any thread.
#pragma once

#include "base/async.h"

#include <deque>
#include <functional>
#include <mutex>

namespace hanshu {

class AsyncMutex {
public:
    // Holds the mutex until it is destroyed.
    class Guard {
    public:
        Guard() = default;
        explicit Guard(AsyncMutex* mutex) noexcept : m_mutex(mutex) {}
        Guard(Guard&& other) noexcept : m_mutex(std::exchange(other.m_mutex, nullptr)) {}
        Guard& operator=(Guard&& other) noexcept {
            std::swap(m_mutex, other.m_mutex);
            return *this;
        }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard() {
            if (m_mutex != nullptr) {
                m_mutex->unlock();
            }
        }

    private:
        AsyncMutex* m_mutex = nullptr;
    };

    [[nodiscard]] Task<Guard> lock() {
        // Named, not written into the expressions: g++ 12 destroys temporaries of co_await and co_return twice.
        auto start = [this](auto done) {
            std::unique_lock lock(m_lock);
            if (m_held) {
                const auto next = std::make_shared<decltype(done)>(std::move(done));
                m_waiting.emplace_back([next] { (*next)(true); });
                return;
            }
            m_held = true;
            lock.unlock();
            done(true);
        };
        co_await awaitCallback<bool>(std::move(start));
        Guard guard(this);
        co_return guard;
    }

private:
    void unlock() {
        std::function<void()> next;
        {
            const std::lock_guard lock(m_lock);
            if (m_waiting.empty()) {
                m_held = false;
                return;
            }
            next = std::move(m_waiting.front());
            m_waiting.pop_front();
        }
        next();
    }

    std::mutex m_lock;
    bool m_held = false;
    std::deque<std::function<void()>> m_waiting;
};

}  // namespace hanshu
