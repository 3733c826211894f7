// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/frames.h"

#include <cstring>

namespace hanshu::runtime {
namespace {

void putU32(char* into, std::uint32_t value) noexcept {
    for (int i = 0; i < 4; ++i) {
        into[i] = static_cast<char>(value >> (8 * i) & 0xff);
    }
}

std::optional<std::size_t> limitOf(std::uint8_t kind) noexcept {
    switch (static_cast<Answer>(kind)) {
        case Answer::Ready:
        case Answer::Loaded:
            return 0;
        case Answer::LoadFailed:
            return kErrorLimit;
        case Answer::Result:
            return kResultHead + kPayloadLimit;
        case Answer::Sockets:
            return sizeof(std::uint32_t);
        case Answer::ExecFailed:
            return 1024;  // a path and the text of an errno
    }
    return std::nullopt;
}

}  // namespace

FrameWriter::FrameWriter(Order order) {
    m_bytes.reserve(256);
    m_bytes.assign(4, '\0');
    m_bytes += static_cast<char>(order);
}

FrameWriter& FrameWriter::u8(std::uint8_t value) {
    m_bytes += static_cast<char>(value);
    return *this;
}

FrameWriter& FrameWriter::u32(std::uint32_t value) {
    char bytes[4];
    putU32(bytes, value);
    m_bytes.append(bytes, sizeof bytes);
    return *this;
}

FrameWriter& FrameWriter::text(std::string_view value) {
    return u32(static_cast<std::uint32_t>(value.size())).raw(value);
}

FrameWriter& FrameWriter::raw(std::string_view bytes) {
    m_bytes.append(bytes);
    return *this;
}

std::string FrameWriter::finish(std::size_t following) {
    putU32(m_bytes.data(), static_cast<std::uint32_t>(m_bytes.size() - kFrameHead + following));
    return std::move(m_bytes);
}

std::optional<FrameHead> readHead(std::string_view bytes) noexcept {
    const auto kind = static_cast<std::uint8_t>(bytes[4]);
    const auto length = readU32(bytes.data());
    const auto limit = limitOf(kind);
    if (!limit || length > *limit || (static_cast<Answer>(kind) == Answer::Result && length < kResultHead)) {
        return std::nullopt;
    }
    return FrameHead{static_cast<Answer>(kind), length};
}

std::uint32_t readU32(const char* bytes) noexcept {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
        value |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return value;
}

}  // namespace hanshu::runtime
