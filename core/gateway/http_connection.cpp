// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_connection.h"

#include "base/log.h"

#include <exception>

namespace hanshu::gateway {
namespace {

// What is read and thrown away before a connection with an unread body is closed, so that the client, which may be
// sending still, finds the answer and not a reset (RFC 9112, 9.6).
constexpr std::uint64_t kLingerLimit = 64u << 20u;

}  // namespace

HttpConnection::HttpConnection(std::shared_ptr<ConnectionSet> set, TcpSocket socket, std::string remoteAddress,
                               std::shared_ptr<const http::Handler> handler, std::atomic<int>& counter)
    : m_set(std::move(set)),
      m_remoteAddress(std::move(remoteAddress)),
      m_handler(std::move(handler)),
      m_counter(counter),
      m_socket(std::move(socket), *m_set),
      m_body(m_socket, m_parser),
      m_answer(m_socket, m_body, *m_set) {
    m_set->insert(*this);
}

HttpConnection::~HttpConnection() {
    m_set->erase(*this);
    m_set->counters().end(m_left ? m_set->counters().left : m_counter);
}

int HttpConnection::socketOfClientThatWaits() noexcept {
    const bool waits = m_serving && !m_left && m_body.done() && !m_answer.begun() && m_socket.isOpen();
    return waits ? m_socket.handle() : -1;
}

void HttpConnection::leave() {
    m_left = true;
    m_set->counters().left.fetch_add(1);
    m_set->counters().end(m_counter);
    m_socket.abandon();
}

Task<void> HttpConnection::run(std::unique_ptr<HttpConnection> self) {
    self->m_socket.arm(self->m_set->headersDeadline());
    for (;;) {
        const bool again = co_await self->serveOne();
        if (!again) {
            break;
        }
    }
    if (self->m_lingering) {
        co_await self->linger();
    }
}

// Some clients send a line break too many after a body (RFC 9112, 2.2).
void HttpConnection::skipEmptyLine() noexcept {
    if (!m_parser.begun() && m_socket.buffered().size() > 2 && m_socket.buffered().starts_with("\r\n")) {
        m_socket.take(2);
    }
}

// Reads one request, has it answered; whether the connection goes on.
Task<bool> HttpConnection::serveOne() {
    http::Request request;
    m_parser.start(request);
    m_idle = m_socket.buffered().empty();
    if (m_idle && !m_first) {
        m_socket.arm(m_set->idleDeadline());
    }
    m_first = false;
    bool slow = false;  // the headers came in more than one piece
    do {
        if (m_socket.buffered().empty() || slow) {
            if (m_idle && m_set->draining()) {
                co_return false;
            }
            const auto count = co_await m_socket.fill();
            if (count == 0) {
                if (m_socket.expired() && !m_idle && m_socket.isOpen()) {
                    co_return co_await refuse(
                        refusal(408, "RequestTimeout", "the request's headers did not arrive in time"));
                }
                co_return false;
            }
        }
        m_idle = false;
        skipEmptyLine();
        std::size_t taken = 0;
        const auto step = m_parser.put(m_socket.buffered(), taken);
        m_socket.take(taken);
        if (step == HttpParser::Step::Failed) {
            break;
        }
        if (step == HttpParser::Step::NeedMore && !std::exchange(slow, true)) {
            m_socket.arm(m_set->headersDeadline());
        }
    } while (!m_parser.headDone());
    if (auto refused = m_parser.refusal()) {
        co_return co_await refuse(std::move(*refused));
    }
    m_body.start(request);
    m_answer.start(
        {.keepAlive = m_parser.keepAlive(), .http10 = m_parser.http10(), .isHead = request.method == "HEAD"});
    request.remoteAddress = m_remoteAddress;
    m_socket.arm(0);
    http::Exchange exchange{std::move(request), m_body, m_answer};
    m_serving = true;
    const bool again = co_await answerOf(exchange);
    m_serving = false;
    co_return again;
}

Task<bool> HttpConnection::answerOf(http::Exchange& exchange) {
    try {
        co_await (*m_handler)(exchange);
    } catch (const std::exception& exception) {
        log::error("gateway", "the handler of {} {} threw: {}", exchange.request.method, exchange.request.path,
                   exception.what());
    }
    if (!m_answer.begun()) {
        log::error("gateway", "{} {} had no answer", exchange.request.method, exchange.request.path);
        auto answer = refusal(500, "InternalServerError", "an internal error has occurred. Please retry.");
        auto sent = co_await m_answer.send(std::move(answer));
        if (!sent) {
            co_return false;
        }
    }
    if (!m_answer.finished()) {
        co_return false;  // a streamed answer that broke off: the client must see that it is not whole
    }
    if (!m_answer.keepsAlive() || m_body.broken() || m_socket.failed()) {
        m_lingering = !m_body.done();
        co_return false;
    }
    if (m_body.done()) {
        co_return true;
    }
    co_return co_await m_body.discard();
}

Task<bool> HttpConnection::refuse(http::Response response) {
    m_body.startWithout();
    m_answer.start({.keepAlive = false, .http10 = false, .isHead = false});
    auto sent = co_await m_answer.send(std::move(response));
    m_lingering = sent.has_value();
    co_return false;
}

Task<void> HttpConnection::linger() {
    m_socket.shutdownSend();
    m_socket.arm(m_set->headersDeadline());
    for (std::uint64_t thrown = 0; thrown < kLingerLimit && !m_socket.expired();) {
        m_socket.dropBuffered();
        const auto count = co_await m_socket.fill();
        if (count == 0) {
            co_return;
        }
        thrown += count;
    }
}

}  // namespace hanshu::gateway
