// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Changes that a click makes to a query: the terms that everything must pass are chips, to be added, taken out or
// turned round. Pure functions on the text; any thread. What the person wrote elsewhere stays as it is.
#pragma once

#include "query/ast.h"

namespace hanshu::query {

// One part of the outermost AND.
struct Chip {
    SourceRange range{};  // with its sign and parentheses
    bool negated = false;
    NodePtr part{};  // without the negation; a group of terms is one chip
};

[[nodiscard]] std::vector<Chip> chips(const Ast& ast);

// `text` with a term that asks for this value of the field, or, with `negated`, refuses it. Takes the place of its
// opposite; is there once. Errors of `parse` for `text`.
[[nodiscard]] Result<std::string> withTerm(std::string_view text, std::string_view field, std::string_view value,
                                           bool negated);
// Without the chip at `range`. QueryNoSuchTerm where none is.
[[nodiscard]] Result<std::string> withoutChip(std::string_view text, SourceRange range);
// The chip at `range` with its negation turned round. QueryNoSuchTerm where none is.
[[nodiscard]] Result<std::string> withChipTurned(std::string_view text, SourceRange range);

}  // namespace hanshu::query
