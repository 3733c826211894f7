// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The body of the request that a connection is at, sized or chunked. On the connection's thread.
#pragma once

#include "gateway/http_parser.h"
#include "gateway/http_socket.h"

namespace hanshu::gateway {

class HttpRequestBody final : public http::BodyReader {
public:
    HttpRequestBody(HttpSocket& socket, HttpParser& parser) : m_socket(socket), m_parser(parser) {}

    // The body of `request`, whose head is done; sets its length.
    void start(http::Request& request);
    // None is to be read: that of a request which is refused.
    void startWithout();
    [[nodiscard]] Task<Result<std::size_t>> read(std::span<char> into) override;
    // Reads the rest and throws it away; false when there is no end to it.
    [[nodiscard]] Task<bool> discard();

    [[nodiscard]] bool done() const noexcept { return m_kind == Kind::None; }
    // It can't be read any further.
    [[nodiscard]] bool broken() const noexcept { return m_broken; }
    // Whether the rest is short enough to be read for the sake of the connection.
    [[nodiscard]] bool isWorthDiscarding() const noexcept;

private:
    enum class Kind { None, Sized, Chunked };

    Task<Result<std::size_t>> readSized(std::span<char> into);
    Task<Result<std::size_t>> readChunked(std::span<char> into);
    // Why a wait for bytes brought none.
    [[nodiscard]] Failure cutOff() const;

    HttpSocket& m_socket;
    HttpParser& m_parser;
    Kind m_kind = Kind::None;
    std::uint64_t m_remaining = 0;  // of a sized body
    bool m_expectsContinue = false;
    bool m_broken = false;
};

}  // namespace hanshu::gateway
