// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a load balancer and a monitoring system ask (resources/docs/http.md lists the metrics).
#include "api/rest_error.h"
#include "gateway/rest_call.h"
#include "invoke/limits.h"
#include "scheduler/scheduler.h"
#include "store/event_queue.h"
#include "telemetry/metrics_keeper.h"
#include "telemetry/recorder.h"

namespace hanshu::gateway {
namespace {

http::Response textResponse(std::string_view contentType, std::string body) {
    http::Response response;
    response.headers.add("Content-Type", std::string(contentType));
    response.headers.add("X-Fc-Request-Id", newRequestId().value);
    response.headers.add("Cache-Control", "no-store");
    response.body = std::move(body);
    return response;
}

// The text format of Prometheus, version 0.0.4.
class Exposition {
public:
    void counter(std::string_view name, std::string_view help, double value) { add(name, "counter", help, value); }
    void gauge(std::string_view name, std::string_view help, double value) { add(name, "gauge", help, value); }
    [[nodiscard]] std::string take() { return std::move(m_text); }

private:
    void add(std::string_view name, std::string_view type, std::string_view help, double value) {
        fmt::format_to(std::back_inserter(m_text), "# HELP {0} {1}\n# TYPE {0} {2}\n{0} {3}\n", name, help, type,
                       value);
    }
    std::string m_text;
};

void addRuns(const telemetry::Totals& totals, Exposition& metrics) {
    const auto count = [&](std::string_view name, std::string_view help, std::uint64_t value) {
        metrics.counter(name, help, static_cast<double>(value));
    };
    count("hanshu_invocations_total", "Runs and refusals since start.", totals.invocations);
    count("hanshu_throttles_total", "Calls refused by a concurrency limit.", totals.throttles);
    count("hanshu_denied_total", "Calls that no grant allows.", totals.denied);
    count("hanshu_disabled_total", "Calls of functions that are switched off.", totals.disabled);
    count("hanshu_platform_errors_total", "Calls that the platform failed.", totals.platformErrors);
    count("hanshu_cold_starts_total", "Runs that had to wait for a new instance.", totals.coldStarts);
    metrics.counter("hanshu_run_seconds_total", "Time spent in handlers.", totals.runSeconds);
    metrics.counter("hanshu_gigabyte_seconds_total", "Billed memory times billed time.", totals.gbSeconds);
}

void addInstances(const Rooms& rooms, Exposition& metrics) {
    const auto instances = rooms.scheduler.instances();
    const auto idle = std::ranges::count(instances, "idle", &scheduler::InstanceView::state);
    metrics.gauge("hanshu_running", "Runs that go on now.", rooms.limits.running(rooms.account));
    metrics.gauge("hanshu_instances", "Instances that are started.", static_cast<double>(instances.size()));
    metrics.gauge("hanshu_instances_idle", "Instances that wait for a call.", static_cast<double>(idle));
}

void addQueue(const store::QueueStats& stats, SystemTime now, Exposition& metrics) {
    const auto age = stats.oldest ? std::chrono::duration<double>(now - *stats.oldest).count() : 0;
    metrics.gauge("hanshu_events_backlog", "Events that wait.", static_cast<double>(stats.backlog));
    metrics.gauge("hanshu_events_running", "Events that run.", static_cast<double>(stats.running));
    metrics.gauge("hanshu_events_dead_letters", "Events that were given up.", static_cast<double>(stats.deadLetters));
    metrics.gauge("hanshu_events_oldest_seconds", "Age of the oldest event that waits.", std::max(age, 0.0));
}

Task<http::Response> metricsResponse(const Rooms& rooms) {
    auto stats = co_await rooms.queue.stats();
    if (!stats) {
        co_return api::toErrorResponse(stats.error(), newRequestId().value);
    }
    Exposition metrics;
    addRuns(rooms.recorder.totals(), metrics);
    addInstances(rooms, metrics);
    addQueue(*stats, rooms.clock.now(), metrics);
    metrics.gauge("hanshu_ready", "1 when the daemon takes work.", rooms.ready() ? 1 : 0);
    co_return textResponse(metrics::kExpositionType, metrics.take() + rooms.metrics.exposition());
}

}  // namespace

Task<std::optional<http::Response>> healthResponse(RestCore& core, const http::Request& request) {
    if (request.method != "GET" && request.method != "HEAD") {
        co_return std::nullopt;
    }
    if (request.path == "/healthz") {
        co_return textResponse("text/plain", "ok\n");
    }
    if (request.path == "/readyz") {
        if (core.rooms.ready()) {
            co_return textResponse("text/plain", "ready\n");
        }
        co_return api::toErrorResponse(Error{Code::Unavailable, "NotReady", {}, {}}, newRequestId().value);
    }
    if (request.path == "/metrics") {
        auto response = co_await metricsResponse(core.rooms);
        co_return response;
    }
    co_return std::nullopt;
}

}  // namespace hanshu::gateway
