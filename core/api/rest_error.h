// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An Error as Function Compute's REST API tells it. Any thread.
#pragma once

#include "base/http.h"
#include "base/result.h"

#include <string>

namespace hanshu::api {

struct RestError {
    unsigned status = 500;  // HTTP
    std::string code;       // the reason, as the SDKs read it
    std::string message;    // an English sentence
};

// `params` fill the sentence. A parameter `message` is taken as the whole sentence. An internal error tells nothing of
// its detail.
[[nodiscard]] RestError toRestError(const Error& error);

// The five-key JSON form that both generations of SDKs understand: ErrorCode, ErrorMessage, Code, Message, RequestId;
// with Content-Type and X-Fc-Request-Id.
[[nodiscard]] http::Response toErrorResponse(const Error& error, std::string_view requestId);

}  // namespace hanshu::api
