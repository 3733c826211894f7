// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a text must contain to be worth a closer look: for indexes of trigrams or words. Values; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hanshu::query {

// A condition that never refuses a text which a query would keep. Its texts are in ASCII lower case, and so must be the
// text that they are looked for in.
struct Literals {
    enum class Kind { Anything, Contains, All, Any };
    Kind kind = Kind::Anything;
    std::string text{};             // Contains
    std::vector<Literals> parts{};  // All, Any: two or more

    // Each in its simplest form.
    [[nodiscard]] static Literals contains(std::string_view text);
    [[nodiscard]] static Literals all(std::vector<Literals> parts);
    [[nodiscard]] static Literals any(std::vector<Literals> parts);

    // Whether a text in ASCII lower case passes.
    [[nodiscard]] bool allows(std::string_view lowerText) const;
};

// What every text contains in which the RE2 expression `pattern` finds something. Looks at the plain parts of the
// expression alone and asks for nothing where it is in doubt.
[[nodiscard]] Literals requiredByRegex(std::string_view pattern, bool ignoreCase);

// The runs of three characters of a text, each once.
[[nodiscard]] std::vector<std::string> trigrams(std::string_view text);

// The condition for FTS5's MATCH over a table with `tokenize=trigram` (any case_sensitive, any detail); empty when it
// asks for nothing. FTS5 stops at a NUL: an index may only hold texts without.
[[nodiscard]] std::string trigramMatch(const Literals& literals);

}  // namespace hanshu::query
