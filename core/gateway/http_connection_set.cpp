// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_connection_set.h"

#include "gateway/http_connection.h"

#include <poll.h>

namespace hanshu::gateway {

// Whoever begins to wait says so before it looks, and a connection that ends is counted before this looks: one of the
// two sees the other.
void ConnectionCounters::end(std::atomic<int>& counter) {
    counter.fetch_sub(1);
    if (m_waiting.load() > 0) {
        const std::lock_guard lock(m_mutex);
        m_ended.notify_all();
    }
}

bool ConnectionCounters::awaitNone(std::chrono::steady_clock::time_point until) {
    m_waiting.fetch_add(1);
    std::unique_lock lock(m_mutex);
    const bool none = m_ended.wait_until(lock, until, [this] { return connections() == 0; });
    m_waiting.fetch_sub(1);
    return none;
}

ConnectionSet::ConnectionSet(asio::io_context& context, const HttpServer::Options& options,
                             std::shared_ptr<ConnectionCounters> counters)
    : m_context(context), m_counters(std::move(counters)), m_timer(context) {
    // A deadline is late by one tick at most; half a second is little beside the shortest of them.
    const auto shortest = std::min({options.headersTimeout, options.bodyTimeout, options.idleTimeout});
    m_tickLength = std::clamp(shortest / 4, std::chrono::milliseconds{1}, std::chrono::milliseconds{500});
    const auto ticks = [&](std::chrono::milliseconds timeout) {
        return static_cast<std::uint64_t>(timeout / m_tickLength) + 1;
    };
    m_headersTicks = ticks(options.headersTimeout);
    m_bodyTicks = ticks(options.bodyTimeout);
    m_idleTicks = ticks(options.idleTimeout);
}

ConnectionSet::~ConnectionSet() = default;

void ConnectionSet::serve(TcpSocket socket, std::string remoteAddress, std::shared_ptr<const http::Handler> handler,
                          std::atomic<int>& counter) {
    boost::system::error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto connection = std::make_unique<HttpConnection>(shared_from_this(), std::move(socket), std::move(remoteAddress),
                                                       std::move(handler), counter);
    detach(m_context.get_executor(), HttpConnection::run(std::move(connection)));
}

void ConnectionSet::drain() {
    m_draining = true;
    for (auto* connection : m_connections) {
        if (connection->idle()) {
            connection->expire();
        }
    }
}

void ConnectionSet::closeAll() {
    m_draining = true;
    for (auto* connection : m_connections) {
        connection->close();
    }
}

void ConnectionSet::insert(HttpConnection& connection) {
    m_connections.insert(&connection);
    startTicking();
}

void ConnectionSet::erase(HttpConnection& connection) {
    m_connections.erase(&connection);
}

void ConnectionSet::startTicking() {
    if (m_ticking) {
        return;
    }
    m_ticking = true;
    m_timer.expires_after(m_tickLength);
    m_timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        self->m_ticking = false;
        if (!error) {
            self->onTick();
        }
    });
}

// While a handler is at work nobody reads from its connection, and to wait for its end would cost every request; one
// look at all of them in a tick costs none. A client that closes its sending half alone counts as gone too: nothing
// tells the two apart.
void ConnectionSet::closeLeft() {
    std::vector<HttpConnection*> waiting;
    std::vector<pollfd> sockets;
    for (auto* connection : m_connections) {
        if (const int socket = connection->socketOfClientThatWaits(); socket >= 0) {
            waiting.push_back(connection);
            sockets.push_back({socket, POLLRDHUP, 0});
        }
    }
    if (sockets.empty() || ::poll(sockets.data(), sockets.size(), 0) <= 0) {
        return;
    }
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        if (sockets[i].revents != 0) {
            waiting[i]->leave();
        }
    }
}

void ConnectionSet::onTick() {
    ++m_tick;
    for (auto* connection : m_connections) {
        connection->expireAt(m_tick);
    }
    closeLeft();
    if (!m_connections.empty()) {
        startTicking();
    }
}

}  // namespace hanshu::gateway
