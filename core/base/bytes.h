// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers and texts as bytes and back, little-endian and in variable length (LEB128). Any thread, each object one at a
// time.
#pragma once

#include "base/clock.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace hanshu {

static_assert(std::endian::native == std::endian::little, "files are little-endian; add byte swaps");

// Sums that wrap around: of damaged numbers, any is as good as another, but none may be undefined.
[[nodiscard]] constexpr std::int64_t wrappingAdd(std::int64_t a, std::int64_t b) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
[[nodiscard]] constexpr SystemTime wrappingAdd(SystemTime time, std::int64_t micros) noexcept {
    return SystemTime{std::chrono::microseconds(wrappingAdd(time.time_since_epoch().count(), micros))};
}

class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : m_out(out) {}

    void byte(std::uint8_t value) { m_out.push_back(static_cast<char>(value)); }
    template <class T>
    void fixed(T value) {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        m_out.append(bytes, sizeof value);
    }
    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            m_out.push_back(static_cast<char>(value | 0x80));
            value >>= 7U;
        }
        m_out.push_back(static_cast<char>(value));
    }
    void zigzag(std::int64_t value) {
        varint((static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63U));
    }
    void text(std::string_view value) {
        varint(value.size());
        m_out.append(value);
    }

private:
    std::string& m_out;
};

// Reads what may be damaged: beyond the end everything is 0 and empty, and ok() turns false.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : m_at(bytes.data()), m_end(bytes.data() + bytes.size()) {}

    [[nodiscard]] bool ok() const noexcept { return m_ok; }
    [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(m_end - m_at); }
    void fail() noexcept {
        m_ok = false;
        m_at = m_end;
    }

    std::uint8_t byte() noexcept {
        if (m_at == m_end) {
            m_ok = false;
            return 0;
        }
        return static_cast<std::uint8_t>(*m_at++);
    }
    template <class T>
    T fixed() noexcept {
        T value{};
        const auto got = bytes(sizeof value);
        if (got.size() == sizeof value) {
            std::memcpy(&value, got.data(), sizeof value);
        }
        return value;
    }
    std::uint64_t varint() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto next = byte();
            value |= static_cast<std::uint64_t>(next & 0x7FU) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        fail();
        return 0;
    }
    // Fails above `limit`.
    std::uint32_t varint32(std::uint32_t limit = UINT32_MAX) noexcept {
        const auto value = varint();
        if (value > limit) {
            fail();
            return 0;
        }
        return static_cast<std::uint32_t>(value);
    }
    std::int64_t zigzag() noexcept {
        const auto value = varint();
        return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
    }
    std::string_view bytes(std::size_t size) noexcept {
        if (size > left()) {
            fail();
            return {};
        }
        const std::string_view got(m_at, size);
        m_at += size;
        return got;
    }
    // As many of the next `limit` bytes as `length(at, limit)` says.
    template <class Length>
    std::string_view plain(std::size_t limit, Length&& length) noexcept {
        return bytes(length(m_at, limit < left() ? limit : left()));
    }
    std::string_view text() noexcept { return bytes(varint()); }

private:
    const char* m_at;
    const char* m_end;
    bool m_ok = true;
};

}  // namespace hanshu
