// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A socket that sends exactly what a test says, right or wrong, and reads HTTP answers. Blocks, with a deadline.
#pragma once

#include "base/encoding.h"
#include "base/http.h"
#include "base/unique_fd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::tests {

struct RawAnswer {
    unsigned status = 0;
    http::Headers headers;
    std::string body;
};

class RawClient {
public:
    // `address` is 127.0.0.1:port.
    explicit RawClient(const std::string& address) : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        const auto colon = address.rfind(':');
        to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + colon + 1)));
        inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
        const int on = 1;
        setsockopt(m_fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        m_connected = ::connect(m_fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
    }
    explicit RawClient(UniqueFd fd) : m_fd(std::move(fd)), m_connected(true) {}

    [[nodiscard]] bool connected() const { return m_connected; }
    [[nodiscard]] int fd() const { return m_fd.get(); }

    // False when the server does not take it all.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::send(m_fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count <= 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }
    void shutdownSend() { ::shutdown(m_fd.get(), SHUT_WR); }
    void close() { m_fd.reset(); }

    // The next answer; none when the connection ended, or after `timeout`. `ofHead`: it has no body.
    std::optional<RawAnswer> receive(bool ofHead = false,
                                     std::chrono::milliseconds timeout = std::chrono::seconds{10}) {
        m_until = std::chrono::steady_clock::now() + timeout;
        const auto head = readHead();
        if (!head) {
            return std::nullopt;
        }
        RawAnswer answer;
        answer.status = static_cast<unsigned>(std::atoi(head->c_str() + 9));
        for (auto at = head->find("\r\n"); at + 2 < head->size();) {
            const auto end = head->find("\r\n", at + 2);
            const auto line = head->substr(at + 2, end - at - 2);
            if (const auto colon = line.find(": "); colon != std::string::npos) {
                answer.headers.add(line.substr(0, colon), line.substr(colon + 2));
            }
            at = end;
        }
        if (ofHead || answer.status < 200 || answer.status == 204 || answer.status == 304) {
            return answer;
        }
        if (answer.headers.get("transfer-encoding") == "chunked") {
            return readChunks(answer) ? std::optional(answer) : std::nullopt;
        }
        if (!answer.headers.has("content-length")) {
            while (more()) {
            }
            answer.body = std::exchange(m_buffer, {});
            return answer;
        }
        const auto length = std::strtoull(std::string(answer.headers.get("content-length")).c_str(), nullptr, 10);
        while (m_buffer.size() < length) {
            if (!more()) {
                return std::nullopt;
            }
        }
        answer.body = m_buffer.substr(0, length);
        m_buffer.erase(0, length);
        return answer;
    }

    // Of a body that is too large to keep: what has come, at least a byte; empty where none does within `timeout`.
    std::string readSome(std::chrono::milliseconds timeout = std::chrono::seconds{10}) {
        m_until = std::chrono::steady_clock::now() + timeout;
        if (m_buffer.empty()) {
            more();
        }
        return std::exchange(m_buffer, {});
    }

    std::optional<RawAnswer> exchange(std::string_view bytes) {
        send(bytes);
        return receive();
    }

    // Whether the server ends the connection within `timeout`, with nothing more to read.
    bool closed(std::chrono::milliseconds timeout = std::chrono::seconds{10}) {
        m_until = std::chrono::steady_clock::now() + timeout;
        return m_buffer.empty() && !more() && m_ended;
    }

private:
    bool more() {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(m_until - std::chrono::steady_clock::now());
        pollfd wait{m_fd.get(), POLLIN, 0};
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        std::string piece(65536, '\0');
        const auto count = ::recv(m_fd.get(), piece.data(), piece.size(), 0);
        if (count <= 0) {
            m_ended = true;
            return false;
        }
        m_buffer.append(piece, 0, static_cast<std::size_t>(count));
        return true;
    }
    std::optional<std::string> readHead() {
        for (;;) {
            if (const auto end = m_buffer.find("\r\n\r\n"); end != std::string::npos) {
                auto head = m_buffer.substr(0, end + 2);
                m_buffer.erase(0, end + 4);
                return head;
            }
            if (!more()) {
                return std::nullopt;
            }
        }
    }
    bool readChunks(RawAnswer& answer) {
        for (;;) {
            auto line = m_buffer.find("\r\n");
            if (line == std::string::npos) {
                if (!more()) {
                    return false;
                }
                continue;
            }
            const auto size = std::strtoull(m_buffer.c_str(), nullptr, 16);
            while (m_buffer.size() < line + 2 + size + 2) {
                if (!more()) {
                    return false;
                }
            }
            answer.body += m_buffer.substr(line + 2, size);
            m_buffer.erase(0, line + 2 + size + 2);
            if (size == 0) {
                return true;
            }
        }
    }

    UniqueFd m_fd;
    bool m_connected = false;
    bool m_ended = false;
    std::string m_buffer;
    std::chrono::steady_clock::time_point m_until;
};

}  // namespace hanshu::tests
