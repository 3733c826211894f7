// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_request_body.h"

#include <cstring>

namespace hanshu::gateway {
namespace {

// What is read and thrown away of a body that nobody wanted, to keep the connection.
constexpr std::uint64_t kDiscardLimit = 65536;

}  // namespace

void HttpRequestBody::start(http::Request& request) {
    m_broken = false;
    m_kind = Kind::None;
    if (m_parser.chunked()) {
        m_kind = Kind::Chunked;
    } else if (const auto length = m_parser.contentLength()) {
        request.contentLength = length;
        m_remaining = *length;
        m_kind = *length > 0 ? Kind::Sized : Kind::None;
    }
    m_expectsContinue = !m_parser.http10() && !done() && !request.headers.get("expect").empty();
}

void HttpRequestBody::startWithout() {
    m_broken = m_expectsContinue = false;
    m_kind = Kind::None;
}

bool HttpRequestBody::isWorthDiscarding() const noexcept {
    return m_kind == Kind::Sized && !m_expectsContinue && !m_broken && m_remaining <= kDiscardLimit;
}

Task<bool> HttpRequestBody::discard() {
    std::array<char, 4096> sink;
    while (!done()) {
        auto count = co_await read(sink);
        if (!count) {
            co_return false;
        }
    }
    co_return true;
}

Task<Result<std::size_t>> HttpRequestBody::read(std::span<char> into) {
    if (m_broken) {
        co_return clientGone("the body broke off before");
    }
    if (done() || into.empty()) {
        co_return std::size_t{0};
    }
    if (m_expectsContinue) {
        m_expectsContinue = false;
        if (m_socket.buffered().empty()) {
            auto sent = co_await m_socket.transmit("HTTP/1.1 100 Continue\r\n\r\n", {}, {});
            if (!sent) {
                m_broken = true;
                co_return fail(std::move(sent.error()));
            }
        }
    }
    Result<std::size_t> count;
    if (m_kind == Kind::Sized) {
        count = co_await readSized(into);
    } else {
        count = co_await readChunked(into);
    }
    m_socket.arm(0);
    m_broken = !count;
    co_return count;
}

Failure HttpRequestBody::cutOff() const {
    if (m_socket.expired()) {
        return fail(Code::DeadlineExceeded, "RequestTimeout",
                    {{"message", "the request's body made no progress in time"}});
    }
    return clientGone("the connection ended within the request's body");
}

Task<Result<std::size_t>> HttpRequestBody::readSized(std::span<char> into) {
    const auto wanted = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), m_remaining)));
    const auto buffered = m_socket.buffered();
    std::size_t count = std::min(buffered.size(), wanted.size());
    if (count > 0) {
        std::memcpy(wanted.data(), buffered.data(), count);
        m_socket.take(count);
    } else if (const auto now = m_socket.readNow(wanted)) {
        count = *now;
    } else {
        m_socket.arm(m_socket.bodyDeadline());
        const auto [error, later] = co_await m_socket.readLater(wanted);
        count = error ? 0 : later;
    }
    if (count == 0) {
        co_return cutOff();
    }
    m_remaining -= count;
    if (m_remaining == 0) {
        m_kind = Kind::None;
    }
    co_return count;
}

Task<Result<std::size_t>> HttpRequestBody::readChunked(std::span<char> into) {
    m_parser.deliverTo(into);
    bool starved = m_socket.buffered().empty();
    for (;;) {
        if (starved) {
            if (m_socket.bufferFull()) {
                co_return fail(Code::InvalidArgument, "InvalidArgument",
                               {{"message", "malformed chunked body: a chunk's header or the trailer is too large"}});
            }
            m_socket.arm(m_socket.bodyDeadline());
            const auto count = co_await m_socket.fill();
            if (count == 0) {
                co_return cutOff();
            }
        }
        std::size_t taken = 0;
        const auto step = m_parser.put(m_socket.buffered(), taken);
        m_socket.take(taken);
        if (step == HttpParser::Step::Failed) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"message", "malformed chunked body: " + m_parser.failure()}});
        }
        if (m_parser.bodyDone()) {
            m_kind = Kind::None;
            co_return m_parser.delivered();
        }
        if (m_parser.delivered() > 0) {
            co_return m_parser.delivered();
        }
        starved = step == HttpParser::Step::NeedMore || m_socket.buffered().empty();
    }
}

}  // namespace hanshu::gateway
