// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardstick of warm calls: a bare Beast server that answers each POST with its body. One io_context a core, as the
// daemon has; prints its port, and serves until it is ended.
#include "base/io_pool.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <thread>

#ifdef BOOST_BEAST_SEPARATE_COMPILATION
#include <boost/beast/src.hpp>
#endif

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket) {
    socket.set_option(tcp::no_delay(true));
    beast::flat_buffer buffer;
    boost::system::error_code error;
    for (;;) {
        beast::http::request<beast::http::string_body> request;
        co_await beast::http::async_read(socket, buffer, request, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
        beast::http::response<beast::http::string_body> response(beast::http::status::ok, 11);
        response.body() = std::move(request.body());
        response.prepare_payload();
        co_await beast::http::async_write(socket, response, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            co_return;
        }
    }
}

asio::awaitable<void> listen(asio::io_context& context, tcp::endpoint endpoint) {
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol());
    const int on = 1;
    ::setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    acceptor.bind(endpoint);
    acceptor.listen();
    for (;;) {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        asio::co_spawn(context, serve(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main() {
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    hanshu::IoPool io(std::max(1U, std::thread::hardware_concurrency()));
    tcp::acceptor reserve(io.context(0), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const auto endpoint = reserve.local_endpoint();
    reserve.close();
    for (std::size_t i = 0; i < io.size(); ++i) {
        asio::co_spawn(io.context(i), listen(io.context(i), endpoint), asio::detached);
    }
    fmt::print("{}\n", endpoint.port());
    std::fflush(stdout);
    int signal = 0;
    sigwait(&ending, &signal);
    return 0;
}
