// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_server.h"

#include "base/log.h"
#include "base/unique_fd.h"
#include "gateway/http_connection_set.h"
#include "gateway/http_wire.h"

#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <charconv>
#include <condition_variable>

namespace hanshu::gateway {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;
using Endpoint = asio::ip::tcp::endpoint;

// How long an acceptor waits when the process has no descriptor left: long enough for some to come back, short enough
// to go unnoticed.
constexpr std::chrono::milliseconds kAcceptPause{50};
// How long the end of a server waits for handlers that are at work: the drain before it had its own, longer time.
constexpr std::chrono::seconds kCloseTimeout{10};

Result<Endpoint> parseAddress(const std::string& text) {
    const auto colon = text.rfind(':');
    const auto invalid = [&] { return fail(Code::InvalidArgument, "AddressInvalid", {{"address", text}}); };
    if (colon == std::string::npos) {
        return invalid();
    }
    std::string_view host = std::string_view{text}.substr(0, colon);
    const std::string_view digits = std::string_view{text}.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) {
        host = host.substr(1, host.size() - 2);
    }
    std::uint16_t port = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : std::string(host), error);
    if (error || parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || digits.empty() ||
        address.is_v6() != bracketed) {
        return invalid();
    }
    return Endpoint(address, port);
}

Failure bindFailure(const std::string& address, const boost::system::error_code& error) {
    if (error == boost::system::errc::address_in_use) {
        return fail(Code::AlreadyExists, "AddressInUse", {{"address", address}}, error.message());
    }
    return fail(Code::InvalidArgument, "AddressInvalid", {{"address", address}}, error.message());
}

// SO_REUSEPORT would let a second server share the port of a first one in silence; a socket without it finds that one.
Result<void> checkFree(const std::string& address, const Endpoint& endpoint) {
    UniqueFd probe(::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (probe.get() < 0 || setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return systemError("socket", errno);
    }
    if (::bind(probe.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
        return bindFailure(address, {errno, boost::system::system_category()});
    }
    return {};
}

Result<Endpoint> open(Acceptor& acceptor, const std::string& address, const Endpoint& endpoint) {
    using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) {
        acceptor.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
        acceptor.set_option(ReusePort(true), error);
    }
    if (!error) {
        acceptor.bind(endpoint, error);
    }
    if (!error) {
        acceptor.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
        return bindFailure(address, error);
    }
    return acceptor.local_endpoint(error);
}

// Best effort: the connection is closed whether or not the client reads why.
void turnAway(TcpSocket socket) {
    const auto response = refusal(503, "TooManyConnections", "the server has as many connections as it takes; retry");
    std::string bytes;
    writeHead({.response = response, .length = response.body.size(), .keepAlive = false}, bytes);
    bytes += response.body;
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(bytes), ignored);
    socket.shutdown(TcpSocket::shutdown_send, ignored);
}

}  // namespace

struct HttpServer::State {
    // What lives on one io thread.
    struct Worker {
        Worker(asio::io_context& context, const Options& options, std::shared_ptr<ConnectionCounters> counters)
            : acceptor(context), connections(std::make_shared<ConnectionSet>(context, options, std::move(counters))) {}
        Acceptor acceptor;
        std::shared_ptr<ConnectionSet> connections;
    };

    IoPool& io;
    Options options;
    std::shared_ptr<const http::Handler> handler;
    std::shared_ptr<ConnectionCounters> counters = std::make_shared<ConnectionCounters>();
    std::vector<std::unique_ptr<Worker>> workers;
    Endpoint endpoint;
    std::atomic<int> busy{0};  // accept loops and posted steps: they use this object

    State(IoPool& pool, Options given, http::Handler toServe)
        : io(pool), options(std::move(given)), handler(std::make_shared<const http::Handler>(std::move(toServe))) {}

    Result<void> listen();
    Task<void> acceptLoop(Worker& worker);
    // Runs `step` for each worker on its io thread.
    template <class Step>
    void onEach(Step step) {
        for (auto& worker : workers) {
            busy.fetch_add(1);
            asio::post(worker->connections->context(), [this, &worker = *worker, step] {
                step(worker);
                busy.fetch_sub(1);
            });
        }
    }
    [[nodiscard]] bool atWork() const noexcept {
        return busy.load() > 0 || counters->open.load() > 0 || counters->adopted.load() > 0 ||
               counters->left.load() > 0;
    }
    void awaitQuiet() const;
};

Result<void> HttpServer::State::listen() {
    auto parsed = parseAddress(options.address);
    if (!parsed) {
        return fail(std::move(parsed.error()));
    }
    endpoint = *parsed;
    if (endpoint.port() != 0) {
        HANSHU_TRY(checkFree(options.address, endpoint));
    }
    for (std::size_t i = 0; i < io.size(); ++i) {
        workers.push_back(std::make_unique<Worker>(io.context(i), options, counters));
        auto bound = open(workers.back()->acceptor, options.address, endpoint);
        if (!bound) {
            return fail(std::move(bound.error()));
        }
        endpoint = *bound;
    }
    return {};
}

Task<void> HttpServer::State::acceptLoop(Worker& worker) {
    asio::steady_timer pause(worker.connections->context());
    while (worker.acceptor.is_open()) {
        Endpoint peer;
        auto [error, socket] = co_await worker.acceptor.async_accept(peer, asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted) {
            break;
        }
        if (error) {
            // A client that left already, or no descriptors: neither ends the server.
            if (error != asio::error::connection_aborted) {
                pause.expires_after(kAcceptPause);
                co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            }
            continue;
        }
        if (counters->open.fetch_add(1) >= options.maxConnections) {
            counters->end(counters->open);
            turnAway(std::move(socket));
            continue;
        }
        worker.connections->serve(std::move(socket), peer.address().to_string(), handler, counters->open);
    }
    busy.fetch_sub(1);
}

void HttpServer::State::awaitQuiet() const {
    if (IoPool::currentIndex() >= 0) {
        return;
    }
    const auto until = std::chrono::steady_clock::now() + kCloseTimeout;
    while (atWork()) {
        if (workers.front()->connections->context().stopped()) {
            return;
        }
        if (std::chrono::steady_clock::now() > until) {
            log::error("gateway", "{} connections of {} are still at work after {} s", counters->open.load(),
                       options.address, kCloseTimeout.count());
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

HttpServer::HttpServer(std::shared_ptr<State> state) : m_state(std::move(state)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(IoPool& io, Options options, http::Handler handler) {
    auto state = std::make_shared<State>(io, std::move(options), std::move(handler));
    HANSHU_TRY(state->listen());
    for (auto& worker : state->workers) {
        state->busy.fetch_add(1);
        detach(worker->connections->context().get_executor(), state->acceptLoop(*worker));
    }
    return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::~HttpServer() {
    m_state->onEach([](State::Worker& worker) {
        boost::system::error_code ignored;
        worker.acceptor.close(ignored);
        worker.connections->closeAll();
    });
    m_state->awaitQuiet();
}

std::string HttpServer::address() const {
    const auto& endpoint = m_state->endpoint;
    const auto host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                      : fmt::format("{}:{}", host, endpoint.port());
}

void HttpServer::drain() {
    m_state->onEach([](State::Worker& worker) {
        boost::system::error_code ignored;
        worker.acceptor.close(ignored);
        worker.connections->drain();
    });
}

int HttpServer::connections() const noexcept {
    return m_state->counters->connections();
}

bool HttpServer::awaitNoConnections(std::chrono::steady_clock::time_point until) {
    return m_state->counters->awaitNone(until);
}

void HttpServer::adopt(int fd, http::Handler handler) {
    UniqueFd owned(fd);
    const int index = IoPool::currentIndex();
    if (index < 0) {
        log::error("gateway", "a connection was handed over outside of the io threads and is closed");
        return;
    }
    auto& set = m_state->workers.at(static_cast<std::size_t>(index))->connections;
    if (set->draining()) {
        return;
    }
    TcpSocket socket(set->context());
    boost::system::error_code error;
    socket.assign(asio::ip::tcp::v4(), owned.get(), error);
    if (error) {
        return;
    }
    (void)owned.release();
    if (m_state->counters->adopted.fetch_add(1) >= m_state->options.maxConnections) {
        m_state->counters->end(m_state->counters->adopted);
        turnAway(std::move(socket));
        return;
    }
    set->serve(std::move(socket), {}, std::make_shared<const http::Handler>(std::move(handler)),
               m_state->counters->adopted);
}

}  // namespace hanshu::gateway
