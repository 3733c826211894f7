// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The event that an event function gets for an HTTP request, and the answer that its result stands for (reference 3.7).
// Values; any thread.
#pragma once

#include "base/clock.h"
#include "base/http.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu::gateway {

struct UrlEventSpec {
    const http::Request& request;
    std::string_view path;  // below the function's address, as on the wire
    std::string_view account;
    std::string_view triggerId;
    std::string_view requestId;
    SystemTime now;
};

[[nodiscard]] std::string makeUrlEvent(const UrlEventSpec& spec, std::string body);

// {statusCode, headers, isBase64Encoded, body} is unpacked; any other JSON is the body of a 200 as application/json,
// and any other result that of a 200 as application/octet-stream. FunctionResponseInvalid (parameter message) where
// statusCode is there and the rest is not what it must be.
[[nodiscard]] Result<http::Response> unpackUrlResult(std::string result);

}  // namespace hanshu::gateway
