// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The HTTP connections of one io thread, with the coarse clock that ends the slow ones. Every call on that thread.
#pragma once

#include "base/http.h"
#include "gateway/http_server.h"

#include <atomic>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace hanshu::gateway {

// A socket whose executor is known to the compiler: no type erasure between the reactor and the connection.
using TcpSocket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

class HttpConnection;

// Shared by all io threads of a server.
struct ConnectionCounters {
    std::atomic<int> open{0};     // accepted by the server itself
    std::atomic<int> adopted{0};  // accepted by somebody else
    std::atomic<int> left{0};     // closed, while the handler of its last request is still at work

    [[nodiscard]] int connections() const noexcept { return open.load() + adopted.load(); }
    // A connection of one of them is gone.
    void end(std::atomic<int>& counter);
    // Whether no connection is open, by `until` at the latest. Blocks.
    [[nodiscard]] bool awaitNone(std::chrono::steady_clock::time_point until);

private:
    std::atomic<int> m_waiting{0};  // most connections end while nobody waits, and pass the mutex by
    std::mutex m_mutex;
    std::condition_variable m_ended;
};

class ConnectionSet : public std::enable_shared_from_this<ConnectionSet> {
public:
    ConnectionSet(asio::io_context& context, const HttpServer::Options& options,
                  std::shared_ptr<ConnectionCounters> counters);
    ~ConnectionSet();

    // Serves the connection until it ends; `counter` counts it as long.
    void serve(TcpSocket socket, std::string remoteAddress, std::shared_ptr<const http::Handler> handler,
               std::atomic<int>& counter);
    // Ends idle connections; the others end after the answer they are at.
    void drain();
    void closeAll();

    [[nodiscard]] asio::io_context& context() noexcept { return m_context; }
    [[nodiscard]] bool draining() const noexcept { return m_draining; }
    [[nodiscard]] ConnectionCounters& counters() const noexcept { return *m_counters; }

    // Deadlines are counted in ticks of the coarse clock: nothing is armed or cancelled per request.
    [[nodiscard]] std::uint64_t headersDeadline() const noexcept { return m_tick + m_headersTicks; }
    [[nodiscard]] std::uint64_t bodyDeadline() const noexcept { return m_tick + m_bodyTicks; }
    [[nodiscard]] std::uint64_t idleDeadline() const noexcept { return m_tick + m_idleTicks; }

    void insert(HttpConnection& connection);
    void erase(HttpConnection& connection);

private:
    void startTicking();
    void onTick();
    void closeLeft();

    asio::io_context& m_context;
    std::shared_ptr<ConnectionCounters> m_counters;
    asio::steady_timer m_timer;
    std::chrono::milliseconds m_tickLength;
    std::uint64_t m_tick = 1;
    std::uint64_t m_headersTicks;
    std::uint64_t m_bodyTicks;
    std::uint64_t m_idleTicks;
    bool m_ticking = false;
    bool m_draining = false;
    std::unordered_set<HttpConnection*> m_connections;
};

}  // namespace hanshu::gateway
