// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/run_metrics.h"

#include <cmath>

namespace hanshu::telemetry {
namespace {

using metrics::Dimensions;

// Handles are cheap, and names come and go: beyond this many, all are made anew.
constexpr std::size_t kMaxHandles = 10'000;

std::uint64_t whole(double value) {
    return value > 0 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

template <class Handle>
Handle orNothing(Result<Handle> handle) {
    return handle ? std::move(*handle) : Handle();
}

// What the function is answerable for (reference 6.1: error attribution).
bool isFunctionError(std::string_view status) {
    return status == "FunctionError" || status == "Timeout" || status == "OutOfMemory" || status == "Exited";
}

}  // namespace

RunMetrics::Handles& RunMetrics::handlesOf(const Dimensions& dimensions) {
    std::string key;
    for (const auto part : {dimensions.account, dimensions.function, dimensions.qualifier}) {
        key.append(part).push_back('\0');
    }
    if (const auto found = m_handles.find(key); found != m_handles.end()) {
        return found->second;
    }
    if (m_handles.size() >= kMaxHandles) {
        m_handles.clear();
    }
    auto counter = [&](std::string_view name) { return orNothing(m_registry.counter(name, dimensions)); };
    auto timing = [&](std::string_view name) { return orNothing(m_registry.timing(name, dimensions)); };
    auto active = dimensions;
    active.detail = "active";
    return m_handles
        .emplace(std::move(key), Handles{.invocations = counter("FunctionTotalInvocations"),
                                         .billable = counter("FunctionBillableInvocations"),
                                         .billed = counter("FunctionBilledDuration"),
                                         .memoryTime = orNothing(m_registry.counter("FunctionMemoryTime", active)),
                                         .received = counter("FunctionRXBytes"),
                                         .sent = counter("FunctionTXBytes"),
                                         .duration = timing("FunctionDuration"),
                                         .latency = timing("FunctionLatency"),
                                         .schedule = timing("FunctionScheduleDuration"),
                                         .memory = timing("FunctionMemoryUsage"),
                                         .utilization = timing("FunctionMemoryUtilization")})
        .first->second;
}

void RunMetrics::add(std::string_view metric, Dimensions dimensions, std::string_view detail) {
    dimensions.detail = detail;
    orNothing(m_registry.counter(metric, dimensions)).add();
}

void RunMetrics::count(const std::string& account, const api::Invocation& run) {
    const Dimensions dimensions{.account = account, .function = run.function_name(), .qualifier = run.qualifier()};
    auto& handles = handlesOf(dimensions);
    handles.invocations.add();
    if (run.attempt() > 0) {
        add("FunctionRetries", dimensions);
    }
    if (run.instance_id().empty()) {
        countRefusal(dimensions, run);
        return;
    }
    countRun(handles, dimensions, run);
    if (run.cold_start()) {
        countStart(dimensions, run);
    }
}

void RunMetrics::countRun(Handles& handles, const Dimensions& dimensions, const api::Invocation& run) {
    handles.billable.add();
    handles.billed.add(whole(run.billed_duration_ms() * 1000));
    handles.memoryTime.add(whole(run.memory_size() * run.billed_duration_ms()));
    handles.received.add(whole(run.request_bytes()));
    handles.sent.add(whole(run.response_bytes()));
    handles.duration.record(whole(run.run_us()));
    handles.latency.record(whole(run.schedule_us() + run.start_us() + run.init_us() + run.run_us()));
    handles.schedule.record(whole(run.schedule_us()));
    handles.memory.record(whole(run.memory_peak()));
    if (run.memory_size() > 0) {
        handles.utilization.record(whole(run.memory_peak() / (run.memory_size() * 1048576.0) * 1e6));
    }
    if (run.invocation_type() == "Async") {
        orNothing(m_registry.timing("FunctionAsyncMessageLatency", dimensions)).record(whole(run.queue_us()));
    }
    if (isFunctionError(run.status())) {
        add("FunctionFunctionErrors", dimensions, run.status());
    } else if (run.status() == "PlatformError") {
        add("FunctionServerErrors", dimensions);
    } else if (run.status() == "Canceled") {
        add("FunctionClientErrors", dimensions);
    }
}

void RunMetrics::countStart(const Dimensions& dimensions, const api::Invocation& run) {
    add("FunctionColdStarts", dimensions);
    for (const auto& [phase, time] :
         {std::pair{"all", run.start_us() + run.init_us()}, {"start", run.start_us()}, {"init", run.init_us()}}) {
        auto detailed = dimensions;
        detailed.detail = phase;
        orNothing(m_registry.timing("FunctionColdStartDuration", detailed)).record(whole(time));
    }
}

// What started nothing: somebody's limit, or somebody's fault.
void RunMetrics::countRefusal(const Dimensions& dimensions, const api::Invocation& run) {
    const auto& status = run.status();
    if (status == "Throttled") {
        const bool ofTheMachine = run.error_type() == "ResourceThrottled";
        add(ofTheMachine ? "FunctionResourceThrottles" : "FunctionConcurrencyThrottles", dimensions);
        add("FunctionThrottles", dimensions, ofTheMachine ? "machine" : "concurrency");
    } else if (status == "PlatformError") {
        add("FunctionServerErrors", dimensions);
    } else if (isFunctionError(status)) {
        add("FunctionFunctionErrors", dimensions, status);
    } else if (status != "Succeeded") {
        add("FunctionClientErrors", dimensions);
    }
}

}  // namespace hanshu::telemetry
