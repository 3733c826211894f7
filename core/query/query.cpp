// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/expression.h"

#include <re2/re2.h>
#include <algorithm>

namespace hanshu::query {
namespace {

struct Cost {
    int operator()(const PresentTest&) const { return 1; }
    int operator()(const ChoiceTest&) const { return 1; }
    int operator()(const IntegerTest&) const { return 1; }
    int operator()(const RealTest&) const { return 1; }
    int operator()(const EqualTest& test) const { return 1 + static_cast<int>(test.values.size()) / 4; }
    int operator()(const ContainsTest&) const { return 20; }
    int operator()(const WildcardTest&) const { return 40; }
    int operator()(const RegexTest&) const { return 100; }
};

int costOf(const Expression& expression) {
    int cost = expression.kind == Expression::Kind::Leaf ? std::visit(Cost{}, expression.test) : 0;
    for (const auto& child : expression.children) {
        cost += costOf(child);
    }
    return cost;
}

Expression joined(Expression::Kind kind, std::vector<Expression> children) {
    const bool isAnd = kind == Expression::Kind::And;
    const auto neutral = isAnd ? Expression::Kind::True : Expression::Kind::False;
    const auto decisive = isAnd ? Expression::Kind::False : Expression::Kind::True;
    std::vector<std::pair<int, Expression>> kept;
    for (auto& child : children) {
        if (child.kind == decisive) {
            return Expression{.kind = decisive};
        }
        if (child.kind == kind) {
            for (auto& inner : child.children) {
                const auto cost = costOf(inner);
                kept.emplace_back(cost, std::move(inner));
            }
        } else if (child.kind != neutral) {
            const auto cost = costOf(child);
            kept.emplace_back(cost, std::move(child));
        }
    }
    if (kept.empty()) {
        return Expression{.kind = neutral};
    }
    if (kept.size() == 1) {
        return std::move(kept.front().second);
    }
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Expression expression{.kind = kind};
    for (auto& [cost, child] : kept) {
        expression.children.push_back(std::move(child));
    }
    return expression;
}

// Whether a value that is there passes. A value of another kind than the field's does not.
struct Passes {
    const Value& value;

    bool operator()(const PresentTest&) const { return true; }
    bool operator()(const ChoiceTest& test) const {
        return value.kind() == Value::Kind::Integer && value.integer() >= 0 && value.integer() < 64 &&
               ((test.set >> static_cast<unsigned>(value.integer())) & 1U) != 0;
    }
    bool operator()(const IntegerTest& test) const {
        return value.kind() == Value::Kind::Integer && value.integer() >= test.interval.low &&
               value.integer() <= test.interval.high;
    }
    bool operator()(const RealTest& test) const {
        return value.kind() == Value::Kind::Real && value.real() >= test.interval.low &&
               value.real() <= test.interval.high;
    }
    bool operator()(const EqualTest& test) const {
        return isText() && std::find(test.values.begin(), test.values.end(), value.text()) != test.values.end();
    }
    bool operator()(const ContainsTest& test) const { return isText() && containsFolded(value.text(), test.needle); }
    bool operator()(const WildcardTest& test) const { return isText() && test.wildcards.matches(value.text()); }
    bool operator()(const RegexTest& test) const {
        return isText() && test.regex->Match({value.text().data(), value.text().size()}, 0, value.text().size(),
                                             re2::RE2::UNANCHORED, nullptr, 0);
    }

private:
    [[nodiscard]] bool isText() const { return value.kind() == Value::Kind::Text; }

public:
    explicit Passes(const Value& tested) : value(tested) {}
};

bool passes(const Expression& leaf, const Value& value) {
    const bool passed = value.kind() != Value::Kind::Absent && std::visit(Passes(value), leaf.test);
    return passed != leaf.negated;
}

bool holds(const Expression& expression, const Record& record) {
    const auto held = [&](const Expression& child) { return holds(child, record); };
    switch (expression.kind) {
        case Expression::Kind::True:
            return true;
        case Expression::Kind::False:
            return false;
        case Expression::Kind::And:
            return std::all_of(expression.children.begin(), expression.children.end(), held);
        case Expression::Kind::Or:
            return std::any_of(expression.children.begin(), expression.children.end(), held);
        case Expression::Kind::Leaf:
            break;
    }
    return passes(expression, record.value(expression.field));
}

// Negations are at the leaves, so that what is not known may count as true.
bool mayHold(const Expression& expression, FieldId field, const Value& value) {
    const auto may = [&](const Expression& child) { return mayHold(child, field, value); };
    switch (expression.kind) {
        case Expression::Kind::True:
            return true;
        case Expression::Kind::False:
            return false;
        case Expression::Kind::And:
            return std::all_of(expression.children.begin(), expression.children.end(), may);
        case Expression::Kind::Or:
            return std::any_of(expression.children.begin(), expression.children.end(), may);
        case Expression::Kind::Leaf:
            break;
    }
    return expression.field != field || passes(expression, value);
}

}  // namespace

Expression Expression::of(FieldId field, Test test) {
    return {.kind = Kind::Leaf, .field = field, .test = std::move(test)};
}

Expression Expression::all(std::vector<Expression> children) {
    return joined(Kind::And, std::move(children));
}

Expression Expression::any(std::vector<Expression> children) {
    return joined(Kind::Or, std::move(children));
}

Expression Expression::inverted() && {
    if (kind == Kind::Leaf) {
        negated = !negated;
        return std::move(*this);
    }
    for (auto& child : children) {
        child = std::move(child).inverted();
    }
    switch (kind) {
        case Kind::True:
            kind = Kind::False;
            break;
        case Kind::False:
            kind = Kind::True;
            break;
        case Kind::And:
            kind = Kind::Or;
            break;
        case Kind::Or:
            kind = Kind::And;
            break;
        case Kind::Leaf:
            break;
    }
    return std::move(*this);
}

Query::Query() : m_state(std::make_shared<const State>()) {}

bool Query::matches(const Record& record) const {
    return holds(m_state->root, record);
}

bool Query::allows(FieldId field, const Value& value) const {
    return mayHold(m_state->root, field, value);
}

bool Query::matchesEverything() const noexcept {
    return m_state->root.kind == Expression::Kind::True;
}

bool Query::matchesNothing() const noexcept {
    return m_state->root.kind == Expression::Kind::False;
}

}  // namespace hanshu::query
