// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Places in a query's text, the limits of a query, and how its errors tell where they are. Values; any thread.
//
// Every error of this room is InvalidArgument with the parameters `offset` and `length`, in bytes of the text, and
// those that its reason names below. A range always begins and ends between characters; it is empty where something is
// missing.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hanshu::query {

struct SourceRange {
    std::size_t offset = 0;
    std::size_t length = 0;

    [[nodiscard]] std::size_t end() const noexcept { return offset + length; }
    [[nodiscard]] std::string_view of(std::string_view text) const { return text.substr(offset, length); }
    auto operator<=>(const SourceRange&) const = default;
};

// From the first byte of `first` to the last of `last`.
[[nodiscard]] inline SourceRange spanning(SourceRange first, SourceRange last) noexcept {
    return {first.offset, last.end() - first.offset};
}

inline constexpr std::size_t kTextLimit = 8 * 1024;  // bytes of a query: more than any person writes or any URL holds
inline constexpr std::size_t kDepthLimit = 64;       // nested parentheses and negations: bounds the stack
inline constexpr std::size_t kTermLimit = 256;       // values in all terms: bounds what one record may cost
inline constexpr std::size_t kRegexLimit = 32;  // regular expressions of a query: bounds memory, with the two below
inline constexpr std::size_t kPatternLimit =
    1024;  // bytes of a regular expression or of a text looked for within others
inline constexpr std::size_t kRegexMemory = 1U << 20;  // bytes that RE2 may take for one expression and its automaton

namespace reason {
// The text as a whole.
inline constexpr std::string_view kTooLong = "QueryTooLong";            // limit
inline constexpr std::string_view kTooDeep = "QueryTooDeep";            // limit
inline constexpr std::string_view kTooManyTerms = "QueryTooManyTerms";  // limit
inline constexpr std::string_view kInvalidText = "QueryInvalidText";    // not UTF-8, or a control character
// Its form.
inline constexpr std::string_view kUnterminatedQuote = "QueryUnterminatedQuote";
inline constexpr std::string_view kUnterminatedRegex = "QueryUnterminatedRegex";
inline constexpr std::string_view kBadEscape = "QueryBadEscape";  // escape
inline constexpr std::string_view kUnclosedParenthesis = "QueryUnclosedParenthesis";
inline constexpr std::string_view kUnexpected = "QueryUnexpected";          // found
inline constexpr std::string_view kMissingOperand = "QueryMissingOperand";  // after: OR, AND, NOT, -, (
inline constexpr std::string_view kMissingValue = "QueryMissingValue";      // field
inline constexpr std::string_view kEmptyText = "QueryEmptyText";
// Its fields and values.
inline constexpr std::string_view kUnknownField = "QueryUnknownField";  // field, suggestion (may be empty)
inline constexpr std::string_view kNoFreeText = "QueryNoFreeText";      // the list has no field that free text searches
inline constexpr std::string_view kBadValue = "QueryBadValue";          // field, kind, value
inline constexpr std::string_view kUnknownValue = "QueryUnknownValue";  // field, value, suggestion, allowed (by ", ")
inline constexpr std::string_view kNotComparable = "QueryNotComparable";          // field, kind, operator
inline constexpr std::string_view kListCompared = "QueryListCompared";            // field, operator
inline constexpr std::string_view kPatternNotAllowed = "QueryPatternNotAllowed";  // field, kind
inline constexpr std::string_view kTooManyRegexes = "QueryTooManyRegexes";        // limit
inline constexpr std::string_view kPatternTooLong = "QueryPatternTooLong";        // limit
inline constexpr std::string_view kBadRegex = "QueryBadRegex";                    // message: RE2's, in English
inline constexpr std::string_view kRangeOrder = "QueryRangeOrder";                // field
inline constexpr std::string_view kTimeOrder = "QueryTimeOrder";                  // since, until: as written
inline constexpr std::string_view kUnknownZone = "QueryUnknownZone";              // zone
// Of the edits (edit.h).
inline constexpr std::string_view kNoSuchTerm = "QueryNoSuchTerm";
}  // namespace reason

using ErrorParams = std::vector<std::pair<std::string, std::string>>;

// An error at a place of the text.
[[nodiscard]] Failure failAt(SourceRange where, std::string_view reason, ErrorParams params = {});
[[nodiscard]] Failure failAtLimit(SourceRange where, std::string_view reason, std::size_t limit);
// Where an error of this room is; nothing for any other error.
[[nodiscard]] std::optional<SourceRange> errorRange(const Error& error);

}  // namespace hanshu::query
