// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an HTTP trigger lets in, and which headers pass between a client and a function. Any thread.
#pragma once

#include "base/http.h"
#include "base/result.h"
#include "runtime/instance.h"
#include "trigger.pb.h"

#include <string>
#include <utility>
#include <vector>

namespace hanshu::gateway {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// disableURLInternet, then methods (none named: all). PermissionDenied AccessDenied with its sentence.
[[nodiscard]] Result<void> checkHttpTrigger(const api::HttpTriggerConfig& config, const http::Request& request);

// A preflight of a browser (Fetch standard, 4.8) that the trigger's corsConfig answers, without the function: an
// OPTIONS with Origin and Access-Control-Request-Method.
[[nodiscard]] bool isPreflight(const api::HttpTriggerConfig& config, const http::Request& request);
[[nodiscard]] http::Response preflightResponse(const api::CorsConfig& cors, const http::Request& request);
// The CORS fields of an actual answer; they win over the function's own.
void addCorsHeaders(const api::CorsConfig& cors, const http::Request& request, http::Headers& headers);

// What a program inside gets: no x-fc-* (the platform's own), nothing of the connection.
[[nodiscard]] HeaderList passedRequestHeaders(const http::Headers& headers);
// What a client gets of what a function says: not the fields that the platform sets (reference 3.5).
[[nodiscard]] http::Headers passedResponseHeaders(const HeaderList& headers);

}  // namespace hanshu::gateway
