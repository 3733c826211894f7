// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The counters behind Totals. Any thread, without locks.
#pragma once

#include "telemetry/recorder.h"

#include <atomic>

namespace hanshu::telemetry {

class Counters {
public:
    void count(const api::Invocation& invocation) {
        add(m_invocations);
        add(m_gbSeconds, invocation.gb_seconds());
        add(m_runSeconds, invocation.run_us() / 1e6);
        if (invocation.cold_start()) {
            add(m_coldStarts);
        }
        if (auto* counter = counterOf(invocation.status())) {
            add(*counter);
        }
    }
    void countDropped(std::uint64_t records) { m_dropped.fetch_add(records, std::memory_order_relaxed); }

    [[nodiscard]] Totals totals() const {
        Totals totals;
        totals.invocations = m_invocations.load(std::memory_order_relaxed);
        totals.functionErrors = m_functionErrors.load(std::memory_order_relaxed);
        totals.throttles = m_throttles.load(std::memory_order_relaxed);
        totals.coldStarts = m_coldStarts.load(std::memory_order_relaxed);
        totals.denied = m_denied.load(std::memory_order_relaxed);
        totals.disabled = m_disabled.load(std::memory_order_relaxed);
        totals.platformErrors = m_platformErrors.load(std::memory_order_relaxed);
        totals.gbSeconds = m_gbSeconds.load(std::memory_order_relaxed);
        totals.runSeconds = m_runSeconds.load(std::memory_order_relaxed);
        totals.dropped = m_dropped.load(std::memory_order_relaxed);
        return totals;
    }

private:
    using Counter = std::atomic<std::uint64_t>;

    static void add(Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
    static void add(std::atomic<double>& sum, double value) { sum.fetch_add(value, std::memory_order_relaxed); }

    // Function errors are what the function is answerable for (reference 6.1: error attribution).
    Counter* counterOf(std::string_view status) {
        if (status == "FunctionError" || status == "Timeout" || status == "OutOfMemory" || status == "Exited") {
            return &m_functionErrors;
        }
        if (status == "Throttled") {
            return &m_throttles;
        }
        if (status == "Denied") {
            return &m_denied;
        }
        if (status == "Disabled") {
            return &m_disabled;
        }
        if (status == "PlatformError") {
            return &m_platformErrors;
        }
        return nullptr;
    }

    Counter m_invocations{0};
    Counter m_functionErrors{0};
    Counter m_throttles{0};
    Counter m_coldStarts{0};
    Counter m_denied{0};
    Counter m_disabled{0};
    Counter m_platformErrors{0};
    Counter m_dropped{0};
    std::atomic<double> m_gbSeconds{0};
    std::atomic<double> m_runSeconds{0};
};

}  // namespace hanshu::telemetry
