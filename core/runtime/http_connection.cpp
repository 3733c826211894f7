// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/http_connection.h"

#include "runtime/frames.h"

#include <sys/socket.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <cstring>

namespace hanshu::runtime {
namespace {

namespace beast = boost::beast;
namespace wire = boost::beast::http;

constexpr std::uint32_t kHeaderLimit = 64 * 1024;

Failure lost(const boost::system::error_code& error) {
    return fail(Code::Unavailable, "ConnectionLost", {}, error.message());
}

}  // namespace

HttpConnection::HttpConnection(const asio::any_io_executor& executor, UniqueFd socket, std::uint16_t port)
    : m_socket(executor), m_port(port) {
    m_socket.assign(asio::ip::tcp::v4(), socket.release());
}

Task<Result<void>> HttpConnection::connect() {
    const auto self = shared_from_this();
    if (m_connected && closedByPeer()) {
        disconnect();
    }
    if (m_connected) {
        co_return Result<void>{};
    }
    if (mustStop()) {
        co_return fail(Code::Cancelled, "ConnectionLost", {}, "the run is over");
    }
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), m_port);
    boost::system::error_code error;
    co_await m_socket.async_connect(server, asio::redirect_error(asio::use_awaitable, error));
    if (error || mustStop()) {
        disconnect();
        co_return lost(error);
    }
    m_socket.set_option(asio::ip::tcp::no_delay(true), error);
    m_connected = true;
    co_return Result<void>{};
}

Task<Result<WireResponse>> HttpConnection::exchange(WireRequest request) {
    const auto self = shared_from_this();
    m_interrupted = false;
    auto connected = co_await connect();
    if (!connected) {
        co_return fail(std::move(connected.error()));
    }
    wire::request<wire::string_body> message;
    message.method_string(request.method);
    message.target(request.target);
    for (const auto& [name, value] : request.headers) {
        message.insert(name, value);
    }
    message.keep_alive(request.keepAlive);
    message.body() = std::move(request.body);
    message.prepare_payload();
    boost::system::error_code error;
    co_await wire::async_write(m_socket, message, asio::redirect_error(asio::use_awaitable, error));
    if (error || mustStop()) {
        disconnect();
        co_return lost(error);
    }
    wire::response_parser<wire::string_body> parser;
    parser.body_limit(kPayloadLimit);
    parser.header_limit(kHeaderLimit);
    parser.skip(request.method == "HEAD");
    beast::flat_buffer buffer;
    co_await wire::async_read(m_socket, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
    if (error || mustStop()) {
        disconnect();
        if (error == wire::error::body_limit) {
            co_return fail(Code::OutOfRange, "ResponseTooLarge", {}, "the response is larger than 32 MB");
        }
        co_return lost(error);
    }
    auto& reply = parser.get();
    WireResponse response;
    response.status = reply.result_int();
    for (const auto& field : reply) {
        response.headers.emplace_back(field.name_string(), field.value());
    }
    response.body = std::move(reply.body());
    // Bytes behind the response belong to no request: such a connection can't be trusted with another one.
    if (!request.keepAlive || !parser.keep_alive() || buffer.size() > 0) {
        disconnect();
    }
    co_return response;
}

void HttpConnection::interrupt() {
    m_interrupted = true;
    boost::system::error_code ignored;
    m_socket.cancel(ignored);
}

void HttpConnection::abort() {
    m_aborted = true;
    m_connected = false;
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

// The socket itself must stay, since nobody can make another one inside: AF_UNSPEC dissolves its association.
void HttpConnection::disconnect() {
    m_connected = false;
    if (m_socket.is_open()) {
        sockaddr none{};
        none.sa_family = AF_UNSPEC;
        ::connect(m_socket.native_handle(), &none, sizeof none);
    }
}

bool HttpConnection::closedByPeer() noexcept {
    char byte = 0;
    const auto count = ::recv(m_socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || errno != EAGAIN;  // unasked bytes are as bad as an end
}

}  // namespace hanshu::runtime
