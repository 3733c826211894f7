// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a segment's index knows of a message or a field: terms, of which a block has some and not others. Any thread.
//
// A text that is looked for as a substring, without regard to the case of ASCII, has terms that every message that
// contains it has as well:
//   - every three bytes of it,
//   - every five decimal digits in a row: numbers differ in little else,
//   - every UUID and every request id of Function Compute as a whole: their trigrams are nearly everywhere.
#pragma once

#include "logs/hex_runs.h"

#include <string>
#include <string_view>
#include <vector>

namespace hanshu::logs {

// Trigrams are below kTrigrams, digits behind them, hashes from kFirstHash on.
using Term = std::uint32_t;
inline constexpr Term kTrigrams = 1U << 24U;
inline constexpr Term kDigitTerms = 100'000;
inline constexpr std::size_t kDigitRun = 5;
inline constexpr Term kFirstHash = 1U << 31U;

enum class TermField : std::uint8_t { Id, Function, Qualifier, Instance, Request };

// The term of a whole value, by its case; false positives are 1 in 2^31 for each term of a segment.
[[nodiscard]] Term fieldTerm(TermField field, std::string_view value) noexcept;

// Capitals of ASCII as small letters, everything else as it is.
inline constexpr auto kFold = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < 256; ++i) {
        table[i] = static_cast<std::uint8_t>(i >= 'A' && i <= 'Z' ? i + 32 : i);
    }
    return table;
}();
void fold(std::string_view text, std::string& into);
[[nodiscard]] std::string folded(std::string_view text);

// The terms of ids in a text, folded.
template <class Found>
void forEachIdTerm(std::string_view text, Found&& found) {
    forEachHexRun(text, [&](std::size_t begin, std::size_t end) {
        if (begin >= kUuidHead && isUuidHead(text.substr(begin - kUuidHead, kUuidHead))) {
            found(fieldTerm(TermField::Id, folded(text.substr(begin - kUuidHead, kUuidSize))));
        }
        if (end - begin >= 24 && begin >= 9 && text[begin - 1] == '-' && isHex(text.substr(begin - 9, 8))) {
            found(fieldTerm(TermField::Id, folded(text.substr(begin - 9, kRequestIdTail))));
        }
    });
}

// The terms of a text that is looked for, the most telling first; none when it is too short to have any.
[[nodiscard]] std::vector<Term> termsOf(std::string_view text);

// Collects the terms of a block's messages and fields, each once.
class TermCollector {
public:
    TermCollector();
    void addMessage(std::string_view message);
    void addField(TermField field, std::string_view value) { m_hashes.push_back(fieldTerm(field, value)); }
    // The terms since the last call, each once, in no order.
    void take(std::vector<Term>& terms);

private:
    void mark(Term term) {
        auto& word = m_seen[term >> 6U];
        const auto bit = std::uint64_t{1} << (term & 63U);
        if ((word & bit) == 0) {
            word |= bit;
            m_small.push_back(term);
        }
    }

    std::vector<std::uint64_t> m_seen;  // 2 MiB: one bit a trigram or run of digits
    std::vector<Term> m_small;
    std::vector<Term> m_hashes;
};

}  // namespace hanshu::logs
