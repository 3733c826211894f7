// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Finding text in text as free text and wildcards do. Immutable; any thread; matching allocates nothing.
#pragma once

#include "query/literals.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::query {

// Whether `needle`, already in ASCII lower case, stands in `text` in any ASCII case.
[[nodiscard]] bool containsFolded(std::string_view text, std::string_view needle) noexcept;

// A text in which `*` stands for any characters and `?` for one.
class Wildcards {
public:
    struct Options {
        bool whole = true;      // must be all of the text rather than a part of it
        bool foldCase = false;  // without regard to ASCII case
    };
    // `marks`: the ascending places in `pattern` that are wildcards.
    Wildcards(std::string_view pattern, const std::vector<std::size_t>& marks, Options options);

    [[nodiscard]] bool matches(std::string_view text) const noexcept;
    // What every text that matches contains.
    [[nodiscard]] Literals required() const;
    // What every text that matches begins with; empty unless the whole text must match.
    [[nodiscard]] std::string_view prefix() const noexcept { return m_prefix; }
    // Whether `prefix` followed by anything is all that is asked.
    [[nodiscard]] bool isPrefixOnly() const noexcept;

private:
    // What stands between two *: bytes, of which some stand for a whole character.
    struct Piece {
        std::string bytes;
        std::vector<bool> any;
        bool fixed = true;  // no ?, so it takes as many bytes as it has
    };
    [[nodiscard]] std::size_t endAt(const Piece& piece, std::string_view text, std::size_t at) const noexcept;
    [[nodiscard]] std::size_t find(const Piece& piece, std::string_view text, std::size_t from) const noexcept;
    [[nodiscard]] bool endsWith(const Piece& piece, std::string_view text, std::size_t from) const noexcept;

    Options m_options;
    std::vector<Piece> m_pieces;
    bool m_openStart = false;
    bool m_openEnd = false;
    std::string m_prefix;
};

}  // namespace hanshu::query
