// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One keep-alive HTTP/1.1 connection to the server of a custom runtime, over a socket that was made inside its sandbox.
// One io thread.
#pragma once

#include "base/async.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/instance.h"

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hanshu::runtime {

struct WireRequest {
    std::string method = "POST";
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    bool keepAlive = true;  // the connection stays for the next one
};

struct WireResponse {
    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;  // as sent, hop-by-hop ones too
    std::string body;
};

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
public:
    HttpConnection(const asio::any_io_executor& executor, UniqueFd socket, std::uint16_t port);

    // Connects to 127.0.0.1 inside unless it is connected; the error tells why not. One call at a time.
    [[nodiscard]] Task<Result<void>> connect();
    // One request and its response of at most 32 MB. A connection that the server closed while it was idle is made
    // anew. After an error it is not connected.
    [[nodiscard]] Task<Result<WireResponse>> exchange(WireRequest request);
    // The exchange that is under way fails; the connection can be used again.
    void interrupt();
    // Whatever waits fails, and so does everything after.
    void abort();

private:
    void disconnect();
    [[nodiscard]] bool closedByPeer() noexcept;
    [[nodiscard]] bool mustStop() const noexcept { return m_aborted || m_interrupted; }

    asio::ip::tcp::socket m_socket;
    std::uint16_t m_port;
    bool m_connected = false;
    bool m_aborted = false;
    bool m_interrupted = false;
};

}  // namespace hanshu::runtime
