// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A query that was understood: decides about records, and tells a store what it may leave out beforehand. Immutable and
// cheap to copy; any thread.
#pragma once

#include "query/ast.h"
#include "query/literals.h"
#include "query/record.h"
#include "query/schema.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hanshu::query {

struct Expression;  // query/expression.h

struct Options {
    SystemTime now;            // what `1h` and `today` count from
    std::string zone = "UTC";  // IANA name: where times without a zone are
};

// From `from` up to, without, `until`; the type's least and greatest values stand for no bound.
struct TimeRange {
    SystemTime from = SystemTime::min();
    SystemTime until = SystemTime::max();
    auto operator<=>(const TimeRange&) const = default;
};

// Where a field is in a SQL statement.
struct SqlColumn {
    // Yields NULL where the field is absent. Text and keywords: TEXT compared as BINARY; numbers: REAL or INTEGER;
    // durations and times: microseconds; sizes: bytes; booleans: 0 or 1; choices: their index, or their name.
    std::string expression;
    bool choicesByName = false;
};

struct SqlMapping {
    std::map<FieldId, SqlColumn> columns;  // what is not here is left to `matches`
    // A field with a table of its trigrams, and the condition on it, in which `?` stands for the MATCH expression:
    // "sequence IN (SELECT rowid FROM message_trigrams WHERE message_trigrams MATCH ?)".
    std::optional<FieldId> trigramField{};
    std::string trigramCondition{};
    int firstParameter = 1;  // parameters are numbered ?1, ?2, …
};

using SqlValue = std::variant<std::int64_t, double, std::string>;

struct SqlFilter {
    std::string where;  // never empty: "1" where nothing can be left out
    std::vector<SqlValue> parameters;
    bool exact = true;  // keeps just what `matches` keeps; else more, and `matches` must look at the rows
};

class Query {
public:
    // Matches everything.
    Query();

    // Allocates nothing but what RE2's automata grow by.
    [[nodiscard]] bool matches(const Record& record) const;
    [[nodiscard]] bool matchesEverything() const noexcept;
    [[nodiscard]] bool matchesNothing() const noexcept;

    // A condition for SQLite (3.23 or later) that holds for every row which `matches` keeps.
    [[nodiscard]] SqlFilter sql(const SqlMapping& mapping) const;
    // When records that match can have been: ascending, apart from each other; empty where there can be none. Holds for
    // records that have a time.
    [[nodiscard]] std::vector<TimeRange> times() const;
    // What the text of `field` must contain in every record that matches.
    [[nodiscard]] Literals required(FieldId field) const;
    // Whether any term is about `field`; free text is about the fields that it searches.
    [[nodiscard]] bool mentions(FieldId field) const;
    // False where no record with this value in `field` can match, whatever its other fields are.
    [[nodiscard]] bool allows(FieldId field, const Value& value) const;
    // True where a record matches exactly when `allows` holds for each of these fields of it, each on its own.
    [[nodiscard]] bool isDecidedBy(const std::vector<FieldId>& fields) const;
    // The values of a text or keyword `field` of which every record that matches has one, each once and in order;
    // nothing where the query does not say.
    [[nodiscard]] std::optional<std::vector<std::string>> onlyValues(FieldId field) const;

private:
    friend Result<Query> compile(const Ast& ast, const Schema& schema, const Options& options);
    struct State;
    explicit Query(std::shared_ptr<const State> state) : m_state(std::move(state)) {}
    std::shared_ptr<const State> m_state;
};

// Errors of source.h, at their places.
[[nodiscard]] Result<Query> compile(std::string_view text, const Schema& schema, const Options& options);
[[nodiscard]] Result<Query> compile(const Ast& ast, const Schema& schema, const Options& options);

}  // namespace hanshu::query
