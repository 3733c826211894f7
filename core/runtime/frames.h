// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The frames between the daemon and an agent: their kinds, limits and encoding. resources/docs/runtimes.md describes
// them. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::runtime {

// To the agent.
enum class Order : std::uint8_t { Assign = 1, Invoke = 2, Hook = 3 };

// From the agent. Sockets and ExecFailed come from the custom runtime's alone.
enum class Answer : std::uint8_t { Ready = 1, Loaded = 2, LoadFailed = 3, Result = 4, Sockets = 5, ExecFailed = 6 };

inline constexpr std::size_t kFrameHead = 5;            // u32 length of the body, u8 kind
inline constexpr std::size_t kResultHead = 5;           // u32 run, u8 status
inline constexpr std::size_t kPayloadLimit = 32 << 20;  // reference 5.7: payloads of synchronous calls
inline constexpr std::size_t kErrorLimit = 1 << 20;     // an error's text and stack

// Flags of an order.
inline constexpr std::uint8_t kCredentials = 1;    // three strings follow
inline constexpr std::uint8_t kInEnvironment = 2;  // and belong into the environment
inline constexpr std::uint8_t kInContext = 4;      // the context may show them

// Little-endian numbers, and strings as u32 length and bytes.
class FrameWriter {
public:
    explicit FrameWriter(Order order);
    FrameWriter& u8(std::uint8_t value);
    FrameWriter& u32(std::uint32_t value);
    FrameWriter& text(std::string_view value);
    FrameWriter& raw(std::string_view bytes);
    // The frame, for a body that `following` more bytes end, which are sent behind it.
    [[nodiscard]] std::string finish(std::size_t following = 0);

private:
    std::string m_bytes;
};

struct FrameHead {
    Answer kind{};
    std::uint32_t length = 0;
};

// Empty when the bytes are no head of a frame that an agent may send: an unknown kind, or longer than its kind allows.
// `bytes` has at least kFrameHead bytes.
[[nodiscard]] std::optional<FrameHead> readHead(std::string_view bytes) noexcept;

[[nodiscard]] std::uint32_t readU32(const char* bytes) noexcept;

}  // namespace hanshu::runtime
