// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One message between daemon, spawner and parked launchers: bytes and file descriptors over a SOCK_SEQPACKET socket.
// Values and plain functions; any thread, each object one thread at a time.
#pragma once

#include "base/unique_fd.h"

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hanshu::sandbox {

// Below the kernel's default socket buffer (212992), with room for its bookkeeping.
inline constexpr std::size_t kMaxFrameBytes = 128 * 1024;
// Below the kernel's SCM_MAX_FD (253).
inline constexpr std::size_t kMaxFrameFds = 32;

struct Frame {
    std::string bytes;
    std::vector<UniqueFd> fds;
};

enum class Received { Frame, Nothing, Closed };

// 0, or the errno of a failure (EAGAIN where the socket is full). Never blocks and raises no SIGPIPE.
[[nodiscard]] int sendFrame(int socket, std::string_view bytes, std::span<const int> fds);
// `wait` blocks until there is one.
[[nodiscard]] Received receiveFrame(int socket, Frame& frame, bool wait);

class Encoder {
public:
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    Encoder& put(T value) {
        const auto at = m_bytes.size();
        m_bytes.resize(at + sizeof value);
        std::memcpy(m_bytes.data() + at, &value, sizeof value);
        return *this;
    }
    Encoder& put(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        m_bytes.append(text);
        return *this;
    }
    [[nodiscard]] const std::string& bytes() const noexcept { return m_bytes; }

private:
    std::string m_bytes;
};

// Reads what an Encoder wrote. A short or damaged message leaves zeros and `good()` false; it never reads past the end.
class Decoder {
public:
    explicit Decoder(std::string_view bytes) : m_rest(bytes) {}
    template <class T>
        requires(std::is_arithmetic_v<T> || std::is_enum_v<T>)
    T get() {
        T value{};
        if (m_rest.size() < sizeof value) {
            m_good = false;
            return value;
        }
        std::memcpy(&value, m_rest.data(), sizeof value);
        m_rest.remove_prefix(sizeof value);
        return value;
    }
    std::string text() {
        const auto size = get<std::uint32_t>();
        if (!m_good || size > m_rest.size()) {
            m_good = false;
            return {};
        }
        std::string value(m_rest.substr(0, size));
        m_rest.remove_prefix(size);
        return value;
    }
    // The length of a list; more than `most` is damage.
    std::uint32_t count(std::uint32_t most) {
        const auto value = get<std::uint32_t>();
        m_good = m_good && value <= most;
        return m_good ? value : 0;
    }
    [[nodiscard]] bool good() const noexcept { return m_good; }

private:
    std::string_view m_rest;
    bool m_good = true;
};

}  // namespace hanshu::sandbox
