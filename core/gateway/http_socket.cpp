// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_socket.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <cstring>

namespace hanshu::gateway {
namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kBufferSize = 16384;  // twice the headers: the rest takes the beginning of a body

}  // namespace

Failure clientGone(std::string detail) {
    return fail(Code::Cancelled, "ClientClosedRequest", {}, std::move(detail));
}

HttpSocket::HttpSocket(TcpSocket socket, const ConnectionSet& set)
    : m_socket(std::move(socket)), m_set(set), m_buffer(new char[kBufferSize]) {}

bool HttpSocket::bufferFull() const noexcept {
    return m_end - m_begin == kBufferSize;
}

asio::awaitable<std::size_t> HttpSocket::fill() {
    if (m_begin > 0) {
        std::memmove(m_buffer.get(), m_buffer.get() + m_begin, m_end - m_begin);
        m_end -= m_begin;
        m_begin = 0;
    }
    const auto [error, count] =
        co_await m_socket.async_read_some(asio::buffer(m_buffer.get() + m_end, kBufferSize - m_end), kAsTuple);
    m_end += error ? 0 : count;
    co_return error ? 0 : count;
}

std::optional<std::size_t> HttpSocket::readNow(std::span<char> into) {
    const auto count = ::recv(m_socket.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(std::max<ssize_t>(count, 0));
}

asio::awaitable<std::tuple<boost::system::error_code, std::size_t>> HttpSocket::readLater(std::span<char> into) {
    return m_socket.async_read_some(asio::buffer(into.data(), into.size()), kAsTuple);
}

Task<Result<void>> HttpSocket::transmit(std::string_view head, std::string_view body, std::string_view tail) {
    std::array<iovec, 3> parts{};
    std::size_t count = 0;
    for (const auto part : {head, body, tail}) {
        if (!part.empty()) {
            parts.at(count++) = {const_cast<char*>(part.data()), part.size()};
        }
    }
    std::size_t first = 0;
    while (first < count) {
        msghdr message{};
        message.msg_iov = &parts.at(first);
        message.msg_iovlen = count - first;
        const auto sent = ::sendmsg(m_socket.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) {
            arm(m_set.bodyDeadline());
            const auto [error] = co_await m_socket.async_wait(TcpSocket::wait_write, kAsTuple);
            const bool late = m_expired;
            arm(0);
            if (error || late) {
                m_failed = true;
                co_return clientGone(late ? "the client takes no bytes" : error.message());
            }
            continue;
        }
        if (sent < 0 && errno != EINTR) {
            m_failed = true;
            co_return clientGone(std::strerror(errno));
        }
        for (auto left = static_cast<std::size_t>(std::max<ssize_t>(sent, 0)); left > 0;) {
            auto& part = parts.at(first);
            const auto taken = std::min(left, part.iov_len);
            part.iov_base = static_cast<char*>(part.iov_base) + taken;
            part.iov_len -= taken;
            left -= taken;
            first += part.iov_len == 0 ? 1 : 0;
        }
    }
    co_return Result<void>{};
}

void HttpSocket::expireAt(std::uint64_t tick) {
    if (m_deadline != 0 && tick >= m_deadline) {
        expire();
    }
}

void HttpSocket::expire() {
    m_expired = true;
    boost::system::error_code ignored;
    m_socket.cancel(ignored);
}

void HttpSocket::shutdownSend() {
    boost::system::error_code ignored;
    m_socket.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

void HttpSocket::close() {
    m_expired = true;
    boost::system::error_code ignored;
    m_socket.close(ignored);
}

void HttpSocket::abandon() {
    close();
    dropBuffered();
    m_buffer.reset();
}

}  // namespace hanshu::gateway
