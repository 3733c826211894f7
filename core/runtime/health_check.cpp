// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/health_check.h"

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>

namespace hanshu::runtime {
namespace {

struct LookState {
    bool over = false;
    bool late = false;
};

}  // namespace

std::optional<HealthPlan> healthPlan(const api::CustomRuntimeConfig& config) {
    const auto& check = config.health_check_config();
    if (check.http_get_url().empty()) {
        return std::nullopt;
    }
    HealthPlan plan;
    plan.target = check.http_get_url();
    if (check.has_initial_delay_seconds()) {
        plan.initialDelay = std::chrono::seconds(check.initial_delay_seconds());
    }
    if (check.has_period_seconds()) {
        plan.period = std::chrono::seconds(check.period_seconds());
    }
    if (check.has_timeout_seconds()) {
        plan.timeout = std::chrono::seconds(check.timeout_seconds());
    }
    if (check.has_failure_threshold()) {
        plan.failuresToFail = check.failure_threshold();
    }
    if (check.has_success_threshold()) {
        plan.successesToServe = check.success_threshold();
    }
    return plan;
}

Task<std::string> lookAtHealth(std::shared_ptr<HttpConnection> connection, HealthPlan plan, int port) {
    const auto executor = co_await asio::this_coro::executor;
    WireRequest request;
    request.method = "GET";
    request.target = plan.target;
    // A server that serves one connection after the other would serve no run while this one stays.
    request.keepAlive = false;
    request.headers.emplace_back("Host", fmt::format("127.0.0.1:{}", port));
    request.headers.emplace_back("User-Agent", "hanshu-health-check");
    // Shared, because a timer that fired in the last moment calls its handler after the look.
    const auto state = std::make_shared<LookState>();
    asio::steady_timer timer(executor, plan.timeout);
    timer.async_wait([connection, state](const boost::system::error_code& error) {
        if (!error && !state->over) {
            state->late = true;
            connection->interrupt();
        }
    });
    auto response = co_await connection->exchange(std::move(request));
    state->over = true;
    timer.cancel();
    if (response) {
        co_return response->status / 100 == 2 ? "" : fmt::format("GET {}: status {}", plan.target, response->status);
    }
    co_return state->late ? fmt::format("GET {}: no answer within {} s", plan.target, plan.timeout.count())
                          : fmt::format("GET {}: {}", plan.target, response.error().detail);
}

}  // namespace hanshu::runtime
