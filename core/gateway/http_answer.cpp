// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_answer.h"

#include <fmt/format.h>
#include <iterator>

namespace hanshu::gateway {
namespace {

bool hasNoBody(unsigned status) noexcept {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

void HttpAnswer::start(const Wish& wish) {
    m_wish = wish;
    m_begun = m_finished = m_headWaits = false;
}

bool HttpAnswer::staysOpen() const noexcept {
    return m_wish.keepAlive && (m_body.done() || m_body.isWorthDiscarding()) && !m_set.draining();
}

Task<Result<void>> HttpAnswer::send(http::Response response) {
    if (m_begun) {
        co_return internalError("a request was answered twice");
    }
    m_begun = m_finished = true;
    m_wish.keepAlive = staysOpen();
    m_framing = hasNoBody(response.status) ? Framing::None : Framing::Length;
    writeHead({.response = response,
               .framing = m_framing,
               .length = response.body.size(),
               .keepAlive = m_wish.keepAlive,
               .http10 = m_wish.http10,
               .headersMayNameLength = m_wish.isHead},
              m_head);
    const bool bodyless = m_wish.isHead || m_framing == Framing::None;
    co_return co_await m_socket.transmit(m_head, bodyless ? std::string_view{} : response.body, {});
}

Task<Result<void>> HttpAnswer::begin(http::Response response, std::optional<std::uint64_t> length) {
    if (m_begun) {
        co_return internalError("a request was answered twice");
    }
    m_begun = true;
    m_framing = hasNoBody(response.status) ? Framing::None
                : length                   ? Framing::Length
                : m_wish.http10            ? Framing::Close
                                           : Framing::Chunked;
    m_wish.keepAlive = staysOpen() && m_framing != Framing::Close;
    m_unsent = length.value_or(0);
    writeHead({.response = response,
               .framing = m_framing,
               .length = m_unsent,
               .keepAlive = m_wish.keepAlive,
               .http10 = m_wish.http10,
               .headersMayNameLength = false},
              m_head);
    m_headWaits = true;
    co_return Result<void>{};
}

Task<Result<void>> HttpAnswer::write(std::string_view bytes) {
    if (!m_begun || m_finished) {
        co_return internalError("bytes of an answer that has not begun, or has ended");
    }
    if (m_framing == Framing::Length) {
        if (bytes.size() > m_unsent) {
            co_return internalError("an answer is longer than its Content-Length");
        }
        m_unsent -= bytes.size();
    }
    if (bytes.empty() || m_wish.isHead || m_framing == Framing::None) {
        co_return Result<void>{};
    }
    const bool chunked = m_framing == Framing::Chunked;
    if (!m_headWaits) {
        m_head.clear();
    }
    m_headWaits = false;
    if (chunked) {
        fmt::format_to(std::back_inserter(m_head), "{:x}\r\n", bytes.size());
    }
    co_return co_await m_socket.transmit(m_head, bytes, chunked ? "\r\n" : "");
}

Task<Result<void>> HttpAnswer::finish() {
    if (!m_begun || m_finished) {
        co_return internalError("the end of an answer that has not begun, or has ended");
    }
    if (m_framing == Framing::Length && m_unsent > 0 && !m_wish.isHead) {
        co_return internalError("an answer is shorter than its Content-Length");
    }
    m_finished = true;
    const std::string_view last = m_framing == Framing::Chunked && !m_wish.isHead ? "0\r\n\r\n" : "";
    const std::string_view head = m_headWaits ? std::string_view{m_head} : std::string_view{};
    m_headWaits = false;
    if (head.empty() && last.empty()) {
        co_return Result<void>{};
    }
    co_return co_await m_socket.transmit(head, last, {});
}

}  // namespace hanshu::gateway
