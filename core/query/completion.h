// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What could stand at the cursor of a query that is being written. Pure; any thread that the caller's values allow.
#pragma once

#include "query/schema.h"
#include "query/source.h"

#include <functional>

namespace hanshu::query {

struct Completion {
    enum class Kind { Field, Choice, Operator, Time, Value, Keyword };
    SourceRange range;  // what `text` replaces: the part of a word around the cursor, or nothing at the cursor
    std::string text;   // as it goes into the query, quoted where it must be
    Kind kind = Kind::Field;
    auto operator<=>(const Completion&) const = default;
};

// Values that a field had lately and that begin with a text, best first; called for fields that are no enumeration.
using RecentValues = std::function<std::vector<std::string>(FieldId, std::string_view)>;

// Best first, at most 50. `text` may be broken as it is while somebody types; `cursor` is a byte of it, and counts as
// the end where it lies behind. Nothing within a regular expression, or within quotes outside a field.
[[nodiscard]] std::vector<Completion> complete(std::string_view text, std::size_t cursor, const Schema& schema,
                                               const RecentValues& values = {});

}  // namespace hanshu::query
