// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs of hex digits in a message: what ids are made of, which neither compress nor tell blocks apart by their
// trigrams. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hanshu::logs {

// The shortest run that is looked for: the last group of a UUID.
inline constexpr std::size_t kMinHexRun = 12;

// 0–15, or 16 for what is no hex digit.
inline constexpr auto kHexValue = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(16);
    for (std::uint8_t i = 0; i < 10; ++i) {
        table[static_cast<std::size_t>('0' + i)] = i;
    }
    for (std::uint8_t i = 10; i < 16; ++i) {
        table[static_cast<std::size_t>('a' + i - 10)] = i;
        table[static_cast<std::size_t>('A' + i - 10)] = i;
    }
    return table;
}();

[[nodiscard]] inline bool isHex(char c) noexcept {
    return kHexValue[static_cast<unsigned char>(c)] < 16;
}
[[nodiscard]] inline bool isHex(std::string_view text) noexcept {
    for (const char c : text) {
        if (!isHex(c)) {
            return false;
        }
    }
    return true;
}
// As numbers are printed by programs: without capitals it can be restored from its value.
[[nodiscard]] inline bool isLowerHex(std::string_view text) noexcept {
    for (const char c : text) {
        if (!isHex(c) || (c >= 'A' && c <= 'F')) {
            return false;
        }
    }
    return true;
}

// Calls found(begin, end) for every longest run of at least kMinHexRun hex digits, in order. Looks at every twelfth
// character where there are none.
template <class Found>
void forEachHexRun(std::string_view text, Found&& found) {
    for (std::size_t i = kMinHexRun - 1; i < text.size(); i += kMinHexRun) {
        if (!isHex(text[i])) {
            continue;
        }
        auto begin = i;
        while (begin > 0 && isHex(text[begin - 1])) {
            --begin;
        }
        auto end = i + 1;
        while (end < text.size() && isHex(text[end])) {
            ++end;
        }
        if (end - begin >= kMinHexRun) {
            found(begin, end);
        }
        i = end;  // the next run starts behind `end`: its twelfth digit is at `end` + 12 or later
    }
}

inline constexpr std::size_t kUuidSize = 36;
inline constexpr std::size_t kUuidHead = 24;       // 8-4-4-4- before the last group
inline constexpr std::size_t kRequestIdTail = 33;  // 8-24: a request id of Function Compute without its 1-

// Whether the 24 characters before a run of hex digits make it the last group of a UUID.
[[nodiscard]] inline bool isUuidHead(std::string_view head) noexcept {
    return head.size() == kUuidHead && head[8] == '-' && head[13] == '-' && head[18] == '-' && head[23] == '-' &&
           isHex(head.substr(0, 8)) && isHex(head.substr(9, 4)) && isHex(head.substr(14, 4)) &&
           isHex(head.substr(19, 4));
}

}  // namespace hanshu::logs
