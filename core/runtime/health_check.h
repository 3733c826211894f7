// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The health check that a custom runtime's function asks for: what is configured, and one look. One io thread.
#pragma once

#include "base/async.h"
#include "function.pb.h"
#include "runtime/http_connection.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace hanshu::runtime {

struct HealthPlan {
    std::string target;  // path and query
    std::chrono::seconds initialDelay{0};
    std::chrono::seconds period{3};
    std::chrono::seconds timeout{1};
    int failuresToFail = 3;    // in a row
    int successesToServe = 1;  // in a row
};

// Empty where none is asked for. Numbers that are not set are those of the reference, 1.3.
[[nodiscard]] std::optional<HealthPlan> healthPlan(const api::CustomRuntimeConfig& config);

// GETs the target: empty when a status of 2xx came in time, otherwise why the look failed. `connection` serves nothing
// else meanwhile, is closed afterwards and can be used again.
[[nodiscard]] Task<std::string> lookAtHealth(std::shared_ptr<HttpConnection> connection, HealthPlan plan, int port);

}  // namespace hanshu::runtime
