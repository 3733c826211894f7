// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An HTTP exchange as the rooms see it: no parser, no socket. An exchange lives on one io thread.
//
// The gateway parses a request, makes an Exchange of it and hands it to a Handler, which answers exactly once. A
// handler that returns without an answer has a bug; the gateway then answers 500.
#pragma once

#include "base/async.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanshu::http {

// Header fields in the order they came. Names compare without case.
class Headers {
public:
    void add(std::string name, std::string value);
    // Replaces every field of that name.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);
    // The first value, empty when there is none.
    [[nodiscard]] std::string_view get(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& fields() const noexcept { return m_fields; }

private:
    std::vector<std::pair<std::string, std::string>> m_fields;
};

[[nodiscard]] bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept;

struct Request {
    std::string method;  // as on the wire: GET
    std::string path;    // as on the wire, percent-encoded, without the query
    std::string query;   // as on the wire, without '?'
    Headers headers;
    std::optional<std::uint64_t> contentLength;  // bytes; absent for chunked bodies and for none
    std::string remoteAddress;                   // without port; empty for a sandbox's own endpoint
    bool secure = false;

    // The decoded value of the first query parameter of that name.
    [[nodiscard]] std::optional<std::string> queryValue(std::string_view name) const;
    // Every decoded pair, in order; a key without '=' has an empty value.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> queryPairs() const;
};

struct Response {
    unsigned status = 200;
    Headers headers;  // without Content-Length, Transfer-Encoding, Connection, Date: the gateway's own
    std::string body;
};

// The body of a request, in pieces. The first read answers "Expect: 100-continue".
class BodyReader {
public:
    virtual ~BodyReader() = default;
    // Up to `into.size()` bytes; 0 at the end. Fails with Cancelled when the client goes away.
    [[nodiscard]] virtual Task<Result<std::size_t>> read(std::span<char> into) = 0;
};

class ResponseWriter {
public:
    virtual ~ResponseWriter() = default;
    // Answers at once. For HEAD the body is not sent, and `Content-Length` is its size unless `headers` holds one.
    [[nodiscard]] virtual Task<Result<void>> send(Response response) = 0;
    // Starts a streamed answer of `length` bytes, or chunked where it is not known; `response.body` is empty.
    [[nodiscard]] virtual Task<Result<void>> begin(Response response, std::optional<std::uint64_t> length) = 0;
    [[nodiscard]] virtual Task<Result<void>> write(std::string_view bytes) = 0;
    [[nodiscard]] virtual Task<Result<void>> finish() = 0;
    [[nodiscard]] virtual bool begun() const noexcept = 0;
};

struct Exchange {
    Request request;
    BodyReader& body;
    ResponseWriter& reply;
};

using Handler = std::function<Task<void>(Exchange&)>;

// The whole body as one string; EntityTooLarge (with the limit as parameter `limit`) when it is longer than `limit`
// bytes.
[[nodiscard]] Task<Result<std::string>> readAll(Exchange& exchange, std::size_t limit);

}  // namespace hanshu::http
