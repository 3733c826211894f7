// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One HTTP/1.1 connection: reads a request, has it answered, reads the next. On its io thread.
#pragma once

#include "gateway/http_answer.h"

namespace hanshu::gateway {

class HttpConnection {
public:
    // `counter` counts it as long as its socket is open.
    HttpConnection(std::shared_ptr<ConnectionSet> set, TcpSocket socket, std::string remoteAddress,
                   std::shared_ptr<const http::Handler> handler, std::atomic<int>& counter);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    static Task<void> run(std::unique_ptr<HttpConnection> self);

    // Between two requests.
    [[nodiscard]] bool idle() const noexcept { return m_idle; }
    void expireAt(std::uint64_t tick) { m_socket.expireAt(tick); }
    void expire() { m_socket.expire(); }
    void close() { m_socket.close(); }
    // The socket of a client that has sent its request and waits for the answer; -1 for any other.
    [[nodiscard]] int socketOfClientThatWaits() noexcept;
    // The client is gone: gives back the socket, its buffer and its place. The handler goes on, and its answer fails.
    void leave();

private:
    Task<bool> serveOne();
    Task<bool> answerOf(http::Exchange& exchange);
    // Answers a request that no handler sees; the connection ends with it.
    Task<bool> refuse(http::Response response);
    Task<void> linger();
    void skipEmptyLine() noexcept;

    std::shared_ptr<ConnectionSet> m_set;
    std::string m_remoteAddress;
    std::shared_ptr<const http::Handler> m_handler;
    std::atomic<int>& m_counter;
    HttpSocket m_socket;
    HttpParser m_parser;
    HttpRequestBody m_body;
    HttpAnswer m_answer;
    bool m_idle = false;
    bool m_first = true;
    bool m_lingering = false;
    bool m_serving = false;
    bool m_left = false;
};

}  // namespace hanshu::gateway
