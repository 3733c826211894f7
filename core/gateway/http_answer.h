// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The answer to the request that a connection is at, whole or streamed. On the connection's thread.
#pragma once

#include "gateway/http_request_body.h"
#include "gateway/http_wire.h"

namespace hanshu::gateway {

class HttpAnswer final : public http::ResponseWriter {
public:
    HttpAnswer(HttpSocket& socket, const HttpRequestBody& body, const ConnectionSet& set)
        : m_socket(socket), m_body(body), m_set(set) {}

    // How the request wants to be answered.
    struct Wish {
        bool keepAlive = true;
        bool http10 = false;
        bool isHead = false;
    };
    void start(const Wish& wish);

    [[nodiscard]] Task<Result<void>> send(http::Response response) override;
    [[nodiscard]] Task<Result<void>> begin(http::Response response, std::optional<std::uint64_t> length) override;
    [[nodiscard]] Task<Result<void>> write(std::string_view bytes) override;
    [[nodiscard]] Task<Result<void>> finish() override;
    [[nodiscard]] bool begun() const noexcept override { return m_begun; }

    [[nodiscard]] bool finished() const noexcept { return m_finished; }
    // Whether the answer promised, or the client wished, that the connection goes on.
    [[nodiscard]] bool keepsAlive() const noexcept { return m_wish.keepAlive; }

private:
    // Whether the connection can go on after an answer that is given now.
    [[nodiscard]] bool staysOpen() const noexcept;

    HttpSocket& m_socket;
    const HttpRequestBody& m_body;
    const ConnectionSet& m_set;
    Wish m_wish;
    std::string m_head;  // keeps its capacity from answer to answer
    Framing m_framing = Framing::Length;
    std::uint64_t m_unsent = 0;  // of a streamed answer with a length
    bool m_begun = false;
    bool m_finished = false;
    bool m_headWaits = false;  // begun, and to be sent together with the first bytes of the body
};

}  // namespace hanshu::gateway
