// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One coroutine at a time for each key; waiting does not block the thread. First come, first served; any thread.
#pragma once

#include "base/async.h"

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

namespace hanshu::objects {

class KeyLocks {
public:
    // Holds its key until it is destroyed.
    class Guard {
    public:
        Guard(KeyLocks* locks, std::string key) : m_locks(locks), m_key(std::move(key)) {}
        Guard(Guard&& other) noexcept : m_locks(std::exchange(other.m_locks, nullptr)), m_key(std::move(other.m_key)) {}
        Guard& operator=(Guard&&) = delete;
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;
        ~Guard() {
            if (m_locks != nullptr) {
                m_locks->unlock(m_key);
            }
        }

    private:
        KeyLocks* m_locks;
        std::string m_key;
    };

    [[nodiscard]] Task<Guard> lock(std::string key) {
        if (!tryLock(key)) {
            co_await awaitCallback<bool>([this, &key](auto done) {
                std::unique_lock lock(m_mutex);
                const auto [entry, isFree] = m_held.try_emplace(key);
                if (isFree) {
                    lock.unlock();
                    done(true);
                } else {
                    entry->second.emplace_back([done = std::move(done)]() mutable { done(true); });
                }
            });
        }
        Guard guard(this, std::move(key));
        co_return guard;
    }

private:
    using Waiting = std::deque<std::function<void()>>;

    bool tryLock(const std::string& key) {
        const std::lock_guard lock(m_mutex);
        return m_held.try_emplace(key).second;
    }

    void unlock(const std::string& key) {
        std::function<void()> next;
        {
            const std::lock_guard lock(m_mutex);
            const auto entry = m_held.find(key);
            if (entry->second.empty()) {
                m_held.erase(entry);
                return;
            }
            next = std::move(entry->second.front());
            entry->second.pop_front();
        }
        next();
    }

    std::mutex m_mutex;
    std::unordered_map<std::string, Waiting> m_held;
};

}  // namespace hanshu::objects
