// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The compiled form of a query, inside this room: a tree of tests with negations at its leaves. Immutable; any thread.
#pragma once

#include "query/pattern.h"
#include "query/query.h"

#include <limits>
#include <memory>
#include <variant>

namespace re2 {
class RE2;
}

namespace hanshu::query {

// Both ends belong to it.
template <class T>
struct Interval {
    T low = std::numeric_limits<T>::lowest();
    T high = std::numeric_limits<T>::max();
    [[nodiscard]] bool openBelow() const noexcept { return low == std::numeric_limits<T>::lowest(); }
    [[nodiscard]] bool openAbove() const noexcept { return high == std::numeric_limits<T>::max(); }
};
using IntegerInterval = Interval<std::int64_t>;
// A bound that is missing is infinite rather than the greatest number.
struct RealInterval {
    double low = -std::numeric_limits<double>::infinity();
    double high = std::numeric_limits<double>::infinity();
    [[nodiscard]] bool openBelow() const noexcept { return low == -std::numeric_limits<double>::infinity(); }
    [[nodiscard]] bool openAbove() const noexcept { return high == std::numeric_limits<double>::infinity(); }
};

struct PresentTest {};
struct ChoiceTest {  // Enumeration, Boolean
    std::uint64_t set = 0;
    std::uint64_t all = 0;
};
struct IntegerTest {  // Duration, Bytes, Time
    IntegerInterval interval;
};
struct RealTest {
    RealInterval interval;
};
struct EqualTest {
    std::vector<std::string> values;  // any of them
};
struct ContainsTest {
    std::string needle;  // in ASCII lower case
};
struct WildcardTest {
    Wildcards wildcards;
};
struct RegexTest {
    std::shared_ptr<const re2::RE2> regex;
    Literals required;
};
using Test =
    std::variant<PresentTest, ChoiceTest, IntegerTest, RealTest, EqualTest, ContainsTest, WildcardTest, RegexTest>;

struct Expression {
    enum class Kind { True, False, And, Or, Leaf };
    Kind kind = Kind::True;
    std::vector<Expression> children{};  // And, Or: two or more, the cheap first
    FieldId field = 0;                   // Leaf
    bool negated = false;                // Leaf
    Test test{};                         // Leaf

    [[nodiscard]] static Expression constant(bool truth) { return {.kind = truth ? Kind::True : Kind::False}; }
    [[nodiscard]] static Expression of(FieldId field, Test test);
    // Simplified, sorted by cost.
    [[nodiscard]] static Expression all(std::vector<Expression> children);
    [[nodiscard]] static Expression any(std::vector<Expression> children);
    [[nodiscard]] Expression inverted() &&;
};

struct Query::State {
    Expression root;
    std::vector<Field> fields;
    std::optional<FieldId> timeField;
};

}  // namespace hanshu::query
