// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/crc32c.h"

#include <array>
#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

namespace hanshu {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41 reflected

constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        auto value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value >> 1U) ^ ((value & 1U) != 0 ? kPolynomial : 0U);
        }
        table[i] = value;
    }
    return table;
}();

#ifdef __x86_64__
__attribute__((target("sse4.2"))) std::uint32_t byInstruction(std::string_view bytes, std::uint32_t previous) noexcept {
    std::uint64_t state = ~previous;
    const auto* at = bytes.data();
    auto left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        state = _mm_crc32_u64(state, word);
    }
    auto last = static_cast<std::uint32_t>(state);
    for (; left > 0; --left, ++at) {
        last = _mm_crc32_u8(last, static_cast<unsigned char>(*at));
    }
    return ~last;
}
#endif

}  // namespace

std::uint32_t detail::crc32cByTable(std::string_view bytes, std::uint32_t previous) noexcept {
    auto state = ~previous;
    for (const char byte : bytes) {
        state = (state >> 8U) ^ kTable[(state ^ static_cast<unsigned char>(byte)) & 0xFFU];
    }
    return ~state;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t previous) noexcept {
#ifdef __x86_64__
    static const bool hasInstruction = __builtin_cpu_supports("sse4.2") != 0;
    if (hasInstruction) {
        return byInstruction(bytes, previous);
    }
#endif
    return detail::crc32cByTable(bytes, previous);
}

}  // namespace hanshu
