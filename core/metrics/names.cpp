// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/names.h"

namespace hanshu::metrics {
namespace {

constexpr double kMegabyte = 1024.0 * 1024.0;

constexpr std::array<UnitInfo, 7> kUnits = {{
    {"", 1, 1},
    {"ms", 1e-3, 1e-6},
    {"bytes", 1, 1},
    {"ratio", 1e-6, 1e-6},
    {"cores", 1e-6, 1e-6},
    {"GB·s", 1.0 / (1024 * 1000), 1.0 / (1024 * 1000)},
    {"s", 1e-6, 1e-6},
}};

using enum Kind;
using enum Unit;

constexpr std::array kMetrics = std::to_array<MetricInfo>({
    {"DaemonCPUTime", "hanshu_daemon_cpu_seconds_total", Counter, CpuTime, "process",
     "CPU time that the daemon's processes have used."},
    {"DaemonLoopLag", "hanshu_daemon_loop_lag_seconds", Histogram, Duration, "thread",
     "How late a thread's loop came to what was due."},
    {"DaemonMemory", "hanshu_daemon_memory_bytes", Gauge, Bytes, "process",
     "Resident memory of the daemon's processes."},
    {"DaemonOpenFiles", "hanshu_daemon_open_files", Gauge, Count, "process", "Open file descriptors of the daemon."},
    {"DaemonTelemetryDropped", "hanshu_daemon_telemetry_dropped_total", Counter, Count, "what",
     "Records, lines and values for which there was no room."},
    {"DaemonThreads", "hanshu_daemon_threads", Gauge, Count, "process", "Threads of the daemon's processes."},
    {"DaemonWriterLag", "hanshu_daemon_writer_lag_seconds", Histogram, Duration, "database",
     "How long a write waited for its database's writer."},
    {"FunctionAsyncEventExpiredDropped", "hanshu_function_async_events_expired_total", Counter, Count, "",
     "Async events that were dropped because they had become too old."},
    {"FunctionAsyncMessageLatency", "hanshu_function_async_wait_seconds", Histogram, Duration, "",
     "How long async events waited from being accepted to being run."},
    {"FunctionAsyncMessagesBacklogV2", "hanshu_function_async_backlog", Gauge, Count, "", "Async events that wait."},
    {"FunctionAsyncMessagesInProcess", "hanshu_function_async_in_process", Gauge, Count, "",
     "Async events that are being run."},
    {"FunctionBillableInvocations", "hanshu_function_billable_invocations_total", Counter, Count, "",
     "Invocations that are billed."},
    {"FunctionBilledDuration", "hanshu_function_billed_seconds_total", Counter, Duration, "", "Billed duration."},
    {"FunctionCPUTime", "hanshu_function_cpu_seconds_total", Counter, CpuTime, "state",
     "Billed CPU time, active or idle."},
    {"FunctionClientErrors", "hanshu_function_client_errors_total", Counter, Count, "",
     "Requests that failed by what the caller sent, 404, 403 and 499 among them."},
    {"FunctionColdStartDuration", "hanshu_function_cold_start_seconds", Histogram, Duration, "phase",
     "How long cold starts took, in all and by phase."},
    {"FunctionColdStarts", "hanshu_function_cold_starts_total", Counter, Count, "",
     "Requests that waited for an instance to start."},
    {"FunctionConcurrencyThrottles", "hanshu_function_concurrency_throttles_total", Counter, Count, "",
     "Requests that were refused with 429 because of a limit of concurrency."},
    {"FunctionConcurrentRequests", "hanshu_function_concurrent_requests", Gauge, Count, "", "Requests that run now."},
    {"FunctionDeadLetters", "hanshu_function_dead_letters_total", Counter, Count, "",
     "Async events that failed for good and are kept."},
    {"FunctionDequeueCount", "hanshu_function_dequeued_total", Counter, Count, "", "Async events that were done with."},
    {"FunctionDestinationErrors", "hanshu_function_destination_errors_total", Counter, Count, "",
     "Results that could not be sent to their destination."},
    {"FunctionDestinationSucceeded", "hanshu_function_destination_succeeded_total", Counter, Count, "",
     "Results that were sent to their destination."},
    {"FunctionDuration", "hanshu_function_duration_seconds", Histogram, Duration, "",
     "How long the function's code ran."},
    {"FunctionEnqueueCount", "hanshu_function_enqueued_total", Counter, Count, "", "Async events that were accepted."},
    {"FunctionFunctionErrors", "hanshu_function_errors_total", Counter, Count, "kind",
     "Runs that failed by the function's own fault."},
    {"FunctionHTTPStatus", "hanshu_function_http_responses_total", Counter, Count, "class",
     "Responses by class of their status, 2xx to 5xx."},
    {"FunctionLatency", "hanshu_function_latency_seconds", Histogram, Duration, "",
     "How long requests took in the platform, from end to end."},
    {"FunctionMemoryLimitMB", "hanshu_function_memory_limit_bytes", Gauge, Bytes, "",
     "Memory that an instance may use."},
    {"FunctionMemoryTime", "hanshu_function_memory_gigabyte_seconds_total", Counter, MemoryTime, "state",
     "Billed memory times billed duration."},
    {"FunctionMemoryUsage", "hanshu_function_memory_usage_bytes", Histogram, Bytes, "", "The most memory a run used."},
    {"FunctionMemoryUtilization", "hanshu_function_memory_utilization_ratio", Histogram, Ratio, "",
     "The most memory a run used, of its limit."},
    {"FunctionOndemandActiveInstance", "hanshu_function_ondemand_instances", Gauge, Count, "",
     "On-demand instances there are."},
    {"FunctionOndemandInstanceQuota", "hanshu_function_ondemand_instance_quota", Gauge, Count, "",
     "On-demand instances there may be."},
    {"FunctionProvisionInvocations", "hanshu_function_provisioned_invocations_total", Counter, Count, "",
     "Invocations that a provisioned instance served."},
    {"FunctionProvisionedCurrentInstance", "hanshu_function_provisioned_instances", Gauge, Count, "",
     "Provisioned instances there are."},
    {"FunctionQueueAge", "hanshu_function_queue_age_seconds", Gauge, Duration, "",
     "Age of the oldest async event that waits."},
    {"FunctionRXBytes", "hanshu_function_received_bytes_total", Counter, Bytes, "", "Bytes that instances received."},
    {"FunctionResourceThrottles", "hanshu_function_resource_throttles_total", Counter, Count, "",
     "Requests that were refused with 503 because the machine had no more to give."},
    {"FunctionRetries", "hanshu_function_retries_total", Counter, Count, "", "Runs that repeat a failed one."},
    {"FunctionScheduleDuration", "hanshu_function_schedule_seconds", Histogram, Duration, "",
     "How long requests waited for an instance."},
    {"FunctionServerErrors", "hanshu_function_server_errors_total", Counter, Count, "",
     "Requests that failed by the platform's fault."},
    {"FunctionTXBytes", "hanshu_function_sent_bytes_total", Counter, Bytes, "", "Bytes that instances sent."},
    {"FunctionThrottles", "hanshu_function_throttles_total", Counter, Count, "limit",
     "Requests that were refused, by the limit that did it."},
    {"FunctionTotalInvocations", "hanshu_function_invocations_total", Counter, Count, "", "Invocations, all of them."},
    {"FunctionvCPUCores", "hanshu_function_cpu_cores", Gauge, Cores, "", "Cores that instances use."},
    {"FunctionvCPUQuotaCores", "hanshu_function_cpu_quota_cores", Gauge, Cores, "", "Cores that instances may use."},
    {"FunctionvCPUUtilization", "hanshu_function_cpu_utilization_ratio", Gauge, Ratio, "",
     "Cores that instances use, of those they may use."},
    {"RegionConcurrencyLimit", "hanshu_account_concurrency_limit", Gauge, Count, "",
     "Requests that an account may run at once."},
    {"RegionConcurrentCount", "hanshu_account_concurrent_requests", Gauge, Count, "",
     "Requests that an account runs now."},
    {"SandboxStartDuration", "hanshu_sandbox_start_seconds", Histogram, Duration, "level",
     "How long sandboxes took to start."},
    {"SandboxStarts", "hanshu_sandbox_starts_total", Counter, Count, "outcome",
     "Sandboxes that were started, or failed to."},
    {"StockLevel", "hanshu_stock_sandboxes", Gauge, Count, "runtime", "Warm sandboxes that wait in stock."},
});

using A = Aggregation;

constexpr std::array kViews = std::to_array<MetricView>({
    {"FunctionHTTPStatus2xx", "FunctionHTTPStatus", A::Sum, 0, "2xx"},
    {"FunctionHTTPStatus3xx", "FunctionHTTPStatus", A::Sum, 0, "3xx"},
    {"FunctionHTTPStatus4xx", "FunctionHTTPStatus", A::Sum, 0, "4xx"},
    {"FunctionHTTPStatus5xx", "FunctionHTTPStatus", A::Sum, 0, "5xx"},
    {"FunctionAvgDuration", "FunctionDuration", A::Avg},
    {"FunctionP90Duration", "FunctionDuration", A::Percentile, 90},
    {"FunctionP99Duration", "FunctionDuration", A::Percentile, 99},
    {"FunctionMaxDuration", "FunctionDuration", A::Max},
    {"FunctionLatencyAvg", "FunctionLatency", A::Avg},
    {"FunctionLatencyMax", "FunctionLatency", A::Max},
    {"FunctionMaxMemoryUsage", "FunctionMemoryUsage", A::Max},
    {"FunctionMaxMemoryUsageMB", "FunctionMemoryUsage", A::Max, 0, "*", 1 / kMegabyte},
    {"FunctionAvgMemoryUsageMB", "FunctionMemoryUsage", A::Avg, 0, "*", 1 / kMegabyte},
    {"FunctionMaxMemoryUtilization", "FunctionMemoryUtilization", A::Max},
    {"FunctionAvgMemoryUtilization", "FunctionMemoryUtilization", A::Avg},
    {"FunctionMaxConcurrentRequests", "FunctionConcurrentRequests", A::Max},
    {"FunctionAvgConcurrentRequests", "FunctionConcurrentRequests", A::Avg},
    {"FunctionAsyncMessageLatencyAvg", "FunctionAsyncMessageLatency", A::Avg},
    {"FunctionAsyncMessageLatencyMax", "FunctionAsyncMessageLatency", A::Max},
    {"FunctionMaxvCPUCores", "FunctionvCPUCores", A::Max},
    {"FunctionAvgvCPUCores", "FunctionvCPUCores", A::Avg},
    {"FunctionMaxvCPUUtilization", "FunctionvCPUUtilization", A::Max},
    {"FunctionAvgvCPUUtilization", "FunctionvCPUUtilization", A::Avg},
    {"FunctionRXBytesPerSec", "FunctionRXBytes", A::Rate},
    {"FunctionTXBytesPerSec", "FunctionTXBytes", A::Rate},
    {"RegionTotalInvocations", "FunctionTotalInvocations", A::Sum, 0, "*", 0, true},
    {"RegionServerErrors", "FunctionServerErrors", A::Sum, 0, "*", 0, true},
    {"RegionClientErrors", "FunctionClientErrors", A::Sum, 0, "*", 0, true},
    {"RegionFunctionErrors", "FunctionFunctionErrors", A::Sum, 0, "*", 0, true},
    {"RegionThrottles", "FunctionConcurrencyThrottles", A::Sum, 0, "*", 0, true},
    {"RegionResourceThrottles", "FunctionResourceThrottles", A::Sum, 0, "*", 0, true},
    {"RegionProvisionedCurrentInstance", "FunctionProvisionedCurrentInstance", A::Sum, 0, "*", 0, true},
});

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr std::uint64_t kGiB = 1024 * kMiB;

// Half a millisecond, a warm call, to two hours, the longest timeout's neighbourhood.
constexpr Bounds kDurationBounds = {500,        1'000,       2'500,       5'000,        10'000,
                                    25'000,     50'000,      100'000,     250'000,      500'000,
                                    1'000'000,  2'500'000,   5'000'000,   10'000'000,   30'000'000,
                                    60'000'000, 300'000'000, 900'000'000, 7'200'000'000};
constexpr Bounds kByteBounds = {kKiB,      4 * kKiB,  16 * kKiB, 64 * kKiB,  256 * kKiB, kMiB,       4 * kMiB,
                                16 * kMiB, 32 * kMiB, 64 * kMiB, 128 * kMiB, 256 * kMiB, 512 * kMiB, kGiB,
                                2 * kGiB,  4 * kGiB,  8 * kGiB,  16 * kGiB,  32 * kGiB};
constexpr Bounds kRatioBounds = [] {
    Bounds bounds{};
    for (std::size_t i = 0; i < kBounds; ++i) {
        bounds[i] = (i + 1) * 50'000;
    }
    return bounds;
}();
constexpr Bounds kCountBounds = {1,     2,     5,      10,     20,     50,      100,     200,     500,      1'000,
                                 2'000, 5'000, 10'000, 20'000, 50'000, 100'000, 200'000, 500'000, 1'000'000};

}  // namespace

const UnitInfo& infoOf(Unit unit) noexcept {
    return kUnits[static_cast<std::size_t>(unit)];
}

Aggregations aggregationsOf(Kind kind) noexcept {
    switch (kind) {
        case Kind::Counter:
            return maskOf(A::Sum) | maskOf(A::Rate) | maskOf(A::Min) | maskOf(A::Max);
        case Kind::Gauge:
            return maskOf(A::Avg) | maskOf(A::Min) | maskOf(A::Max) | maskOf(A::Last) | maskOf(A::Sum);
        case Kind::Histogram:
            return maskOf(A::Avg) | maskOf(A::Min) | maskOf(A::Max) | maskOf(A::Sum) | maskOf(A::Count) |
                   maskOf(A::Rate) | maskOf(A::Percentile);
    }
    return 0;
}

Aggregation usualOf(Kind kind) noexcept {
    return kind == Kind::Counter ? A::Sum : A::Avg;
}

std::span<const MetricInfo> metricTable() noexcept {
    return kMetrics;
}
std::span<const MetricView> viewTable() noexcept {
    return kViews;
}

const MetricInfo* findMetric(std::string_view name) noexcept {
    const auto found = std::ranges::lower_bound(kMetrics, name, {}, &MetricInfo::name);
    return found != kMetrics.end() && found->name == name ? &*found : nullptr;
}

const MetricView* findView(std::string_view name) noexcept {
    const auto found = std::ranges::find(kViews, name, &MetricView::name);
    return found != kViews.end() ? &*found : nullptr;
}

const Bounds& boundsOf(std::string_view metric) noexcept {
    const auto* info = findMetric(metric);
    switch (info != nullptr ? info->unit : Count) {
        case Duration:
            return kDurationBounds;
        case Bytes:
            return kByteBounds;
        case Ratio:
            return kRatioBounds;
        default:
            return kCountBounds;
    }
}

}  // namespace hanshu::metrics
