// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an API call and a function URL share of running a function. On an io thread.
#pragma once

#include "gateway/rest_call.h"
#include "invoke/pipeline.h"

#include <string>

namespace hanshu::gateway {

// The response headers of reference 1.6 but the request id.
void addRunHeaders(const invoke::Outcome& outcome, http::Headers& headers);

// An async call: authorized, made durable, then 202 with no body and no Content-Type, which SDKs would try to parse.
[[nodiscard]] RestReply acceptEvent(const Rooms& rooms, invoke::Call run, std::string taskId);

}  // namespace hanshu::gateway
