// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a run adds to the metrics of its function (reference, section 6.1). One thread at a time: the recorder's.
#pragma once

#include "invocation.pb.h"
#include "metrics/registry.h"

#include <string>
#include <unordered_map>

namespace hanshu::telemetry {

class RunMetrics {
public:
    // Outlived by the registry.
    explicit RunMetrics(metrics::Registry& registry) : m_registry(registry) {}
    void count(const std::string& account, const api::Invocation& run);

private:
    // Of one function and qualifier; those that few runs need are made when they are.
    struct Handles {
        metrics::Counter invocations;
        metrics::Counter billable;
        metrics::Counter billed;
        metrics::Counter memoryTime;
        metrics::Counter received;
        metrics::Counter sent;
        metrics::Timing duration;
        metrics::Timing latency;
        metrics::Timing schedule;
        metrics::Timing memory;
        metrics::Timing utilization;
    };
    [[nodiscard]] Handles& handlesOf(const metrics::Dimensions& dimensions);
    void countRun(Handles& handles, const metrics::Dimensions& dimensions, const api::Invocation& run);
    void countStart(const metrics::Dimensions& dimensions, const api::Invocation& run);
    void countRefusal(const metrics::Dimensions& dimensions, const api::Invocation& run);
    void add(std::string_view metric, metrics::Dimensions dimensions, std::string_view detail = {});

    metrics::Registry& m_registry;
    std::unordered_map<std::string, Handles> m_handles;
};

}  // namespace hanshu::telemetry
