// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An immutable value that one thread replaces while others read it. Any thread.
//
// Does what std::atomic<std::shared_ptr> does, which in libstdc++ 12 ends a load with a relaxed store: a data race
// where the machine reorders, and one that ThreadSanitizer reports.
#pragma once

#include <atomic>
#include <memory>
#include <thread>

namespace hanshu {

template <class T>
class Published {
public:
    Published() = default;
    explicit Published(std::shared_ptr<const T> first) : m_value(std::move(first)) {}

    [[nodiscard]] std::shared_ptr<const T> load() const noexcept {
        const Guard guard(m_busy);
        return m_value;
    }
    void store(std::shared_ptr<const T> next) noexcept {
        const Guard guard(m_busy);
        m_value.swap(next);
        // What was there before ends with `next`, after the guard: parameters outlive locals.
    }

private:
    // Held for the copy of two pointers.
    class Guard {
    public:
        explicit Guard(std::atomic_flag& busy) noexcept : m_busy(busy) {
            while (m_busy.test_and_set(std::memory_order_acquire)) {
                std::this_thread::yield();
            }
        }
        ~Guard() { m_busy.clear(std::memory_order_release); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

    private:
        std::atomic_flag& m_busy;
    };

    mutable std::atomic_flag m_busy;
    std::shared_ptr<const T> m_value;
};

}  // namespace hanshu
