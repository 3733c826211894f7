// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An HTTP/1.1 listener over Beast: parses, limits, streams; routing and answers are the handler's. One acceptor an io
// thread (SO_REUSEPORT); a connection stays on the thread that accepted it.
//
// Limits: headers 8 KiB, 10 s to send them, 60 s without progress in a body, 90 s of idle keep-alive (reference 1.1),
// `maxConnections` in all. Malformed requests get 400, too large headers 431, too slow ones 408, a connection too many
// 503: all in the five-key JSON form.
//
// A client that goes away while its request is served gives its place back within half a second; the handler goes on,
// and finds its answer failed with Cancelled.
#pragma once

#include "base/http.h"
#include "base/io_pool.h"
#include "base/result.h"

#include <chrono>
#include <memory>
#include <string>

namespace hanshu::gateway {

class HttpServer {
public:
    struct Options {
        std::string address;         // 127.0.0.1:8080, [::1]:0
        int maxConnections = 10000;  // and as many adopted ones
        std::chrono::milliseconds headersTimeout{10'000};
        std::chrono::milliseconds bodyTimeout{60'000};
        std::chrono::milliseconds idleTimeout{90'000};
    };
    // InvalidArgument `AddressInvalid`, AlreadyExists `AddressInUse`, both with parameter address.
    [[nodiscard]] static Result<std::unique_ptr<HttpServer>> listen(IoPool& io, Options options, http::Handler handler);
    // Ends every connection, and waits for the handlers that are still at work. Not on an io thread, and before the
    // io threads stop.
    ~HttpServer();
    [[nodiscard]] std::string address() const;  // with the port it has: 127.0.0.1:41234
    // Accepts no more, ends idle connections, lets requests finish (they answer with Connection: close). Any thread.
    void drain();
    // Connections that are open. Any thread.
    [[nodiscard]] int connections() const noexcept;
    // After `drain`: waits until the last of them has ended, or until then; whether none is left. Blocks, so not on an
    // io thread.
    [[nodiscard]] bool awaitNoConnections(std::chrono::steady_clock::time_point until);
    // Serves a connection that somebody else accepted; takes the fd. On an io thread, where it stays.
    void adopt(int fd, http::Handler handler);

private:
    struct State;
    explicit HttpServer(std::shared_ptr<State> state);
    std::shared_ptr<State> m_state;
};

}  // namespace hanshu::gateway
