// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The one way in which * and ? are matched. Any thread.
#pragma once

#include <string_view>

namespace hanshu::access {

// `*` is any run of characters, `?` any one character of UTF-8. Goes back to the last `*` alone, so that the time is
// at worst the product of the lengths.
template <class Equal>
[[nodiscard]] bool matchesWith(std::string_view pattern, std::string_view text, Equal equal) noexcept {
    const auto isContinuation = [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; };
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && pattern[p] == '?') {
            ++p;
            ++t;
            while (t < text.size() && isContinuation(text[t])) {
                ++t;
            }
        } else if (p < pattern.size() && equal(pattern[p], text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

}  // namespace hanshu::access
