// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A connection's socket: buffered reading, whole writing, and the deadline of the wait it is in. On its io thread.
#pragma once

#include "gateway/http_connection_set.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>

namespace hanshu::gateway {

// Why a read or write of a body ends when the client ended the connection: Cancelled `ClientClosedRequest`.
[[nodiscard]] Failure clientGone(std::string detail);

class HttpSocket {
public:
    HttpSocket(TcpSocket socket, const ConnectionSet& set);

    // What was read and not yet taken.
    [[nodiscard]] std::string_view buffered() const noexcept { return {m_buffer.get() + m_begin, m_end - m_begin}; }
    void take(std::size_t count) noexcept { m_begin += count; }
    void dropBuffered() noexcept { m_begin = m_end = 0; }
    [[nodiscard]] bool bufferFull() const noexcept;
    // Waits for more bytes behind those that are buffered; 0 when there will be none.
    [[nodiscard]] asio::awaitable<std::size_t> fill();

    // Past the buffer: what has come already (0: nothing will), or nothing where one has to wait.
    [[nodiscard]] std::optional<std::size_t> readNow(std::span<char> into);
    [[nodiscard]] asio::awaitable<std::tuple<boost::system::error_code, std::size_t>> readLater(std::span<char> into);

    // One system call where the socket takes it all, as it nearly always does.
    [[nodiscard]] Task<Result<void>> transmit(std::string_view head, std::string_view body, std::string_view tail);
    // A write has failed: the client can't be told anything any more.
    [[nodiscard]] bool failed() const noexcept { return m_failed; }

    // The end of the wait that comes, as a tick of the coarse clock; 0: none.
    [[nodiscard]] std::uint64_t bodyDeadline() const noexcept { return m_set.bodyDeadline(); }
    void arm(std::uint64_t deadline) noexcept {
        m_deadline = deadline;
        m_expired = false;
    }
    void expireAt(std::uint64_t tick);
    void expire();  // ends the wait that it is in
    [[nodiscard]] bool expired() const noexcept { return m_expired; }

    void shutdownSend();
    void close();
    // Closes it and gives back the buffer: nothing is read any more, and every write fails.
    void abandon();
    [[nodiscard]] int handle() { return m_socket.native_handle(); }
    [[nodiscard]] bool isOpen() const { return m_socket.is_open(); }

private:
    TcpSocket m_socket;
    const ConnectionSet& m_set;
    std::unique_ptr<char[]> m_buffer;
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    std::uint64_t m_deadline = 0;
    bool m_expired = false;
    bool m_failed = false;
};

}  // namespace hanshu::gateway
