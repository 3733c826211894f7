// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Characters of UTF-8 text as the grammar sees them. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hanshu::query {

// Bytes of the character at `at`, at least 1; a byte that begins none counts as a character of its own.
[[nodiscard]] std::size_t characterLength(std::string_view text, std::size_t at) noexcept;

// Bytes of the white space at `at`, or 0. Also what editors and input methods leave behind unseen: the no-break space,
// the ideographic space of Chinese input methods, byte order and direction marks.
[[nodiscard]] std::size_t spaceLength(std::string_view text, std::size_t at) noexcept;

[[nodiscard]] constexpr char lowerAscii(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] std::string lowerAscii(std::string_view text);
[[nodiscard]] bool equalIgnoringCase(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool startsIgnoringCase(std::string_view text, std::string_view prefix) noexcept;

// Whether it may name a field: a letter or _, then letters, digits, `_`, `-` and `.`; at most 64 bytes of ASCII.
[[nodiscard]] bool isFieldName(std::string_view text) noexcept;

// How many characters must be put in, left out, replaced or swapped with their neighbour to make `b` of `a`, without
// regard to ASCII case. More than `limit` is told as limit + 1.
[[nodiscard]] std::size_t editDistance(std::string_view a, std::string_view b, std::size_t limit);

}  // namespace hanshu::query
