// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The head of an HTTP/1.1 answer as bytes. Any thread.
#pragma once

#include "base/http.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::gateway {

// How the end of an answer's body is told.
enum class Framing {
    None,     // an answer that has no body (1xx, 204, 304)
    Length,   // Content-Length
    Chunked,  // Transfer-Encoding: chunked
    Close,    // the end of the connection, for HTTP/1.0
};

struct HeadSpec {
    const http::Response& response;
    Framing framing = Framing::Length;
    std::uint64_t length = 0;  // of Framing::Length
    bool keepAlive = true;
    bool http10 = false;
    bool headersMayNameLength = false;  // for HEAD: the handler's Content-Length wins over `length`
};

// Replaces `into`. A field that is no valid header (a token, and a value without control characters) is left out, so
// that nobody can smuggle a line break into the answer; fields that are the gateway's own are left out too.
void writeHead(const HeadSpec& spec, std::string& into);

// An answer to a request that was refused before it had a handler, in the five-key JSON form. `code` and `message` need
// no escaping.
[[nodiscard]] http::Response refusal(unsigned status, std::string_view code, std::string_view message);

}  // namespace hanshu::gateway
