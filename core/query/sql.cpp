// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/characters.h"
#include "query/expression.h"

#include <fmt/format.h>

namespace hanshu::query {
namespace {

struct Condition {
    std::string sql = "1";
    bool exact = true;
};

// Nothing is left out, though something could be.
Condition unknown() {
    return {"1", false};
}

// Joined as a balanced tree: SQLite refuses expressions deeper than 1000.
std::string joined(const std::vector<std::string>& parts, std::size_t from, std::size_t to, std::string_view op) {
    if (to - from == 1) {
        return parts[from];
    }
    const auto middle = from + (to - from) / 2;
    return fmt::format("({} {} {})", joined(parts, from, middle, op), op, joined(parts, middle, to, op));
}

class SqlWriter {
public:
    SqlWriter(const SqlMapping& mapping, const std::vector<Field>& fields) : m_mapping(mapping), m_fields(fields) {}

    Condition write(const Expression& expression) {
        switch (expression.kind) {
            case Expression::Kind::True:
                return {};
            case Expression::Kind::False:
                return {"0", true};
            case Expression::Kind::Leaf:
                return writeTest(expression);
            case Expression::Kind::And:
            case Expression::Kind::Or:
                break;
        }
        return writeJoined(expression);
    }

    std::string parameter(SqlValue value) {
        m_parameters.push_back(std::move(value));
        return fmt::format("?{}", m_mapping.firstParameter + static_cast<int>(m_parameters.size()) - 1);
    }

    std::vector<SqlValue> takeParameters() { return std::move(m_parameters); }

private:
    Condition writeJoined(const Expression& expression) {
        const bool isAnd = expression.kind == Expression::Kind::And;
        const auto before = m_parameters.size();
        std::vector<std::string> parts;
        bool exact = true;
        for (const auto& child : expression.children) {
            auto condition = write(child);
            exact = exact && condition.exact;
            if (condition.sql == "1" && !isAnd) {
                m_parameters.resize(before);  // an alternative that keeps everything makes the others useless
                return unknown();
            }
            if (condition.sql != "1") {
                parts.push_back(std::move(condition.sql));
            }
        }
        if (parts.empty()) {
            return {"1", exact};
        }
        return {joined(parts, 0, parts.size(), isAnd ? "AND" : "OR"), exact};
    }

    Condition writeTest(const Expression& expression) {
        const auto column = m_mapping.columns.find(expression.field);
        if (column == m_mapping.columns.end()) {
            return unknown();
        }
        m_column = &column->second;
        m_field = &m_fields.at(expression.field);
        const auto before = m_parameters.size();
        auto condition = std::visit([&](const auto& test) { return conditionOf(test); }, expression.test);
        if (!expression.negated) {
            return condition;
        }
        if (!condition.exact) {
            m_parameters.resize(before);
            return unknown();
        }
        // Also where the field is NULL, of which a comparison is neither true nor false.
        return {fmt::format("({} IS NOT TRUE)", condition.sql), true};
    }

    [[nodiscard]] const std::string& column() const { return m_column->expression; }

    Condition conditionOf(const PresentTest&) { return {fmt::format("({} IS NOT NULL)", column()), true}; }

    Condition conditionOf(const ChoiceTest& test) {
        std::string list;
        for (std::size_t i = 0; i < 64; ++i) {
            if (((test.set >> i) & 1U) == 0) {
                continue;
            }
            list += list.empty() ? "" : ", ";
            list += m_column->choicesByName ? parameter(m_field->choices.at(i).name) : std::to_string(i);
        }
        return {fmt::format("({} IN ({}))", column(), list), true};
    }

    template <class T>
    Condition between(const T& interval) {
        if (interval.openBelow() && interval.openAbove()) {
            return conditionOf(PresentTest{});
        }
        if (interval.openBelow()) {
            return {fmt::format("({} <= {})", column(), parameter(interval.high)), true};
        }
        if (interval.openAbove()) {
            return {fmt::format("({} >= {})", column(), parameter(interval.low)), true};
        }
        if (interval.low == interval.high) {
            return {fmt::format("({} = {})", column(), parameter(interval.low)), true};
        }
        const auto low = parameter(interval.low);
        return {fmt::format("({} BETWEEN {} AND {})", column(), low, parameter(interval.high)), true};
    }
    Condition conditionOf(const IntegerTest& test) { return between(test.interval); }
    Condition conditionOf(const RealTest& test) { return between(test.interval); }

    Condition conditionOf(const EqualTest& test) {
        std::string list;
        for (const auto& value : test.values) {
            list += (list.empty() ? "" : ", ") + parameter(value);
        }
        return {test.values.size() == 1 ? fmt::format("({} = {})", column(), list)
                                        : fmt::format("({} IN ({}))", column(), list),
                true};
    }

    // instr and lower, unlike LIKE and GLOB, go on after a NUL.
    Condition conditionOf(const ContainsTest& test) {
        return {fmt::format("(instr(lower({}), {}) > 0)", column(), parameter(test.needle)), true};
    }

    Condition conditionOf(const WildcardTest& test) {
        const auto prefix = test.wildcards.prefix();
        if (prefix.empty()) {
            return {containing(test.wildcards.required()), false};
        }
        // A range, which an index of the column serves. The last byte is one of UTF-8, so it can grow by one.
        std::string behind(prefix);
        ++behind.back();
        const auto low = parameter(std::string(prefix));
        auto range = fmt::format("({0} >= {1} AND {0} < {2})", column(), low, parameter(std::move(behind)));
        if (test.wildcards.isPrefixOnly()) {
            return {std::move(range), true};
        }
        const auto rest = containing(test.wildcards.required());
        return {rest == "1" ? range : fmt::format("({} AND {})", range, rest), false};
    }

    Condition conditionOf(const RegexTest& test) { return {containing(test.required), false}; }

    std::string containing(const Literals& literals) {
        if (literals.kind == Literals::Kind::Anything) {
            return "1";
        }
        if (literals.kind == Literals::Kind::Contains) {
            return conditionOf(ContainsTest{literals.text}).sql;
        }
        std::vector<std::string> parts;
        for (const auto& part : literals.parts) {
            parts.push_back(containing(part));
        }
        return joined(parts, 0, parts.size(), literals.kind == Literals::Kind::All ? "AND" : "OR");
    }

    const SqlMapping& m_mapping;
    const std::vector<Field>& m_fields;
    const SqlColumn* m_column = nullptr;
    const Field* m_field = nullptr;
    std::vector<SqlValue> m_parameters;
};

}  // namespace

SqlFilter Query::sql(const SqlMapping& mapping) const {
    SqlWriter writer(mapping, m_state->fields);
    const auto condition = writer.write(m_state->root);
    SqlFilter filter{.where = condition.sql, .parameters = {}, .exact = condition.exact};
    const auto match = mapping.trigramField ? trigramMatch(required(*mapping.trigramField)) : std::string{};
    const auto place = mapping.trigramCondition.find('?');
    if (!match.empty() && place != std::string::npos) {
        auto trigrams = mapping.trigramCondition;
        trigrams.replace(place, 1, writer.parameter(match));
        filter.where = fmt::format("(({}) AND {})", trigrams, filter.where);
    }
    filter.parameters = writer.takeParameters();
    return filter;
}

}  // namespace hanshu::query
