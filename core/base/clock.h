// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the time comes from: the machine, or a test. Any thread.
#pragma once

#include <atomic>
#include <chrono>

namespace hanshu {

using SystemTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual SystemTime now() const = 0;
    [[nodiscard]] virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] SystemTime now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    [[nodiscard]] SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

// Stands still until it is moved.
class ManualClock final : public Clock {
public:
    explicit ManualClock(SystemTime start = SystemTime{std::chrono::seconds{1'700'000'000}}) : m_now(start) {}
    [[nodiscard]] SystemTime now() const override { return m_now.load(); }
    [[nodiscard]] SteadyTime steady() const override {
        return SteadyTime{std::chrono::duration_cast<SteadyTime::duration>(m_now.load().time_since_epoch())};
    }
    void advance(std::chrono::microseconds by) { m_now.store(m_now.load() + by); }
    void set(SystemTime to) { m_now.store(to); }

private:
    std::atomic<SystemTime> m_now;
};

// Unix time in milliseconds with its fraction: the form in which times cross the API.
[[nodiscard]] inline double unixMilliseconds(SystemTime time) {
    return static_cast<double>(time.time_since_epoch().count()) / 1000.0;
}

}  // namespace hanshu
