// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The form of a query: a tree of terms, each with its place in the text. Immutable; any thread.
//
// The tree knows nothing of fields' kinds: `duration:>2s` is a field, an operator and the word `2s`. What the words
// mean is decided by `compile` (query.h).
#pragma once

#include "query/source.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::query {

enum class Operator { Is, Equal, Greater, GreaterEqual, Less, LessEqual };

// As it is written: nothing for Is, else `=`, `>`, `>=`, `<`, `<=`.
[[nodiscard]] std::string_view toText(Operator op) noexcept;

struct Operand {
    enum class Form {
        Word,     // as it stands, with wildcards
        Quoted,   // "…": no wildcards, ranges or operators in it
        Regex,    // /…/ or /…/i
        Present,  // a lone *
    };
    Form form = Form::Word;
    std::string text{};                    // without quotes, slashes and escapes; of a regex its RE2 source
    std::vector<std::size_t> wildcards{};  // Word: where in `text` a * or ? stands for others; ascending
    bool ignoreCase = false;               // Regex: /…/i
    SourceRange range{};                   // with quotes, slashes and flags
};

struct Term {
    std::optional<std::string> field{};  // nothing: free text
    SourceRange fieldRange{};            // without the colon
    Operator op = Operator::Is;
    std::vector<Operand> values{};  // any of them; at least one
};

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct Node {
    enum class Kind { And, Or, Not, Term };
    Kind kind = Kind::Term;
    SourceRange range{};              // with its parentheses
    std::vector<NodePtr> children{};  // And, Or: two or more; Not: one; Term: none
    Term term{};                      // Term
};

// A query that was read. Without a root it is empty and matches everything.
struct Ast {
    NodePtr root{};
};

// `text` is UTF-8. The first error in reading order, with its place.
[[nodiscard]] Result<Ast> parse(std::string_view text);

// The canonical text: one space between terms, no needless parentheses, implicit AND, `-` for NOT, quotes as they were.
// It parses back to the same tree.
[[nodiscard]] std::string print(const Ast& ast);

// Whether two trees differ in places only.
[[nodiscard]] bool sameQuery(const Ast& a, const Ast& b);

// A word that `parse` reads as exactly this UTF-8 text, quoted where it must be; never a wildcard or an operator.
[[nodiscard]] std::string toWord(std::string_view text);

}  // namespace hanshu::query
