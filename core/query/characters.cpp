// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/characters.h"

#include <algorithm>
#include <array>
#include <vector>

namespace hanshu::query {
namespace {

constexpr bool isLetter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

constexpr std::size_t kFieldNameLimit = 64;

// No-break space, ideographic space, byte order mark, left-to-right and right-to-left mark.
constexpr std::array<std::string_view, 5> kWideSpaces{"\xc2\xa0", "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8e",
                                                      "\xe2\x80\x8f"};

}  // namespace

std::size_t characterLength(std::string_view text, std::size_t at) noexcept {
    std::size_t length = 1;
    while (at + length < text.size() && length < 4 &&
           (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U) {
        ++length;
    }
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0xC0U ? length : 1;
}

std::size_t spaceLength(std::string_view text, std::size_t at) noexcept {
    if (at >= text.size()) {
        return 0;
    }
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        return 1;
    }
    if (static_cast<unsigned char>(c) < 0x80U) {
        return 0;
    }
    for (const auto wide : kWideSpaces) {
        if (text.substr(at, wide.size()) == wide) {
            return wide.size();
        }
    }
    return 0;
}

std::string lowerAscii(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return lowerAscii(c); });
    return lower;
}

bool equalIgnoringCase(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && startsIgnoringCase(a, b);
}

bool startsIgnoringCase(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                      [](char a, char b) { return lowerAscii(a) == lowerAscii(b); });
}

bool isFieldName(std::string_view text) noexcept {
    return !text.empty() && text.size() <= kFieldNameLimit && (isLetter(text[0]) || text[0] == '_') &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return isLetter(c) || isDigit(c) || c == '_' || c == '-' || c == '.'; });
}

std::size_t editDistance(std::string_view a, std::string_view b, std::size_t limit) {
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) {
        return limit + 1;
    }
    // Damerau's, with swaps of neighbours: three rows of the usual table.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) {
        last[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lowerAscii(a[i - 1]) == lowerAscii(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
            if (i > 1 && j > 1 && lowerAscii(a[i - 1]) == lowerAscii(b[j - 2]) &&
                lowerAscii(a[i - 2]) == lowerAscii(b[j - 1])) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(last);
        last.swap(row);
    }
    return std::min(last[b.size()], limit + 1);
}

}  // namespace hanshu::query
