// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/expression.h"

#include <algorithm>

namespace hanshu::query {
namespace {

// Ascending, apart from each other.
using Ranges = std::vector<TimeRange>;

Ranges everything() {
    return {TimeRange{}};
}

Ranges united(const Ranges& a, const Ranges& b) {
    Ranges sorted;
    std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(sorted));
    Ranges out;
    for (const auto& range : sorted) {
        if (!out.empty() && range.from <= out.back().until) {
            out.back().until = std::max(out.back().until, range.until);
        } else {
            out.push_back(range);
        }
    }
    return out;
}

Ranges common(const Ranges& a, const Ranges& b) {
    Ranges out;
    for (auto left = a.begin(), right = b.begin(); left != a.end() && right != b.end();) {
        const TimeRange both{std::max(left->from, right->from), std::min(left->until, right->until)};
        if (both.from < both.until) {
            out.push_back(both);
        }
        (left->until < right->until ? left : right)++;
    }
    return out;
}

Ranges without(const TimeRange& range) {
    Ranges out;
    if (range.from > SystemTime::min()) {
        out.push_back({SystemTime::min(), range.from});
    }
    if (range.until < SystemTime::max()) {
        out.push_back({range.until, SystemTime::max()});
    }
    return out;
}

TimeRange rangeOf(const IntegerInterval& interval) {
    TimeRange range;
    if (!interval.openBelow()) {
        range.from = SystemTime{std::chrono::microseconds{interval.low}};
    }
    if (!interval.openAbove()) {
        range.until = SystemTime{std::chrono::microseconds{interval.high + 1}};
    }
    return range;
}

Ranges rangesOf(const Expression& expression, FieldId time) {
    switch (expression.kind) {
        case Expression::Kind::True:
            return everything();
        case Expression::Kind::False:
            return {};
        case Expression::Kind::Leaf:
            break;
        case Expression::Kind::And: {
            auto out = everything();
            for (const auto& child : expression.children) {
                out = common(out, rangesOf(child, time));
            }
            return out;
        }
        case Expression::Kind::Or: {
            Ranges out;
            for (const auto& child : expression.children) {
                out = united(out, rangesOf(child, time));
            }
            return out;
        }
    }
    const auto* test = std::get_if<IntegerTest>(&expression.test);
    if (expression.field != time || test == nullptr) {
        return everything();
    }
    const auto range = rangeOf(test->interval);
    return expression.negated ? without(range) : Ranges{range};
}

Literals requiredBy(const Expression& expression, FieldId field) {
    if (expression.kind == Expression::Kind::And || expression.kind == Expression::Kind::Or) {
        std::vector<Literals> parts;
        for (const auto& child : expression.children) {
            parts.push_back(requiredBy(child, field));
        }
        return expression.kind == Expression::Kind::And ? Literals::all(std::move(parts))
                                                        : Literals::any(std::move(parts));
    }
    if (expression.kind != Expression::Kind::Leaf || expression.field != field || expression.negated) {
        return {};
    }
    if (const auto* contains = std::get_if<ContainsTest>(&expression.test)) {
        return Literals::contains(contains->needle);
    }
    if (const auto* wildcard = std::get_if<WildcardTest>(&expression.test)) {
        return wildcard->wildcards.required();
    }
    if (const auto* regex = std::get_if<RegexTest>(&expression.test)) {
        return regex->required;
    }
    if (const auto* equal = std::get_if<EqualTest>(&expression.test)) {
        std::vector<Literals> parts;
        for (const auto& value : equal->values) {
            parts.push_back(Literals::contains(value));
        }
        return Literals::any(std::move(parts));
    }
    return {};
}

using Values = std::optional<std::vector<std::string>>;

Values sharedBy(Values a, Values b) {
    if (!a || !b) {
        return a ? std::move(a) : std::move(b);
    }
    std::vector<std::string> out;
    std::set_intersection(a->begin(), a->end(), b->begin(), b->end(), std::back_inserter(out));
    return out;
}

Values ofEither(Values a, Values b) {
    if (!a || !b) {
        return std::nullopt;
    }
    std::vector<std::string> out;
    std::set_union(a->begin(), a->end(), b->begin(), b->end(), std::back_inserter(out));
    return out;
}

Values valuesOf(const Expression& expression, FieldId field) {
    switch (expression.kind) {
        case Expression::Kind::True:
            return std::nullopt;
        case Expression::Kind::False:
            return std::vector<std::string>();
        case Expression::Kind::Leaf:
            break;
        case Expression::Kind::And: {
            Values out;
            for (const auto& child : expression.children) {
                out = sharedBy(std::move(out), valuesOf(child, field));
            }
            return out;
        }
        case Expression::Kind::Or: {
            Values out = std::vector<std::string>();
            for (const auto& child : expression.children) {
                out = ofEither(std::move(out), valuesOf(child, field));
            }
            return out;
        }
    }
    const auto* test = std::get_if<EqualTest>(&expression.test);
    if (test == nullptr || expression.field != field || expression.negated) {
        return std::nullopt;
    }
    auto values = test->values;
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

// The field that all of it is about; nothing where it is about several, or none.
std::optional<FieldId> onlyFieldOf(const Expression& expression) {
    if (expression.kind == Expression::Kind::Leaf) {
        return expression.field;
    }
    std::optional<FieldId> field;
    for (const auto& child : expression.children) {
        const auto inner = onlyFieldOf(child);
        if (!inner || (field && *field != *inner)) {
            return std::nullopt;
        }
        field = inner;
    }
    return field;
}

bool isAbout(const Expression& expression, FieldId field) {
    return expression.kind == Expression::Kind::Leaf
               ? expression.field == field
               : std::ranges::any_of(expression.children, [=](const auto& child) { return isAbout(child, field); });
}

}  // namespace

bool Query::mentions(FieldId field) const {
    return isAbout(m_state->root, field);
}

bool Query::isDecidedBy(const std::vector<FieldId>& fields) const {
    const auto& root = m_state->root;
    const auto decided = [&](const Expression& expression) {
        const auto field = onlyFieldOf(expression);
        return field && std::ranges::find(fields, *field) != fields.end();
    };
    switch (root.kind) {
        case Expression::Kind::True:
        case Expression::Kind::False:
            return true;
        case Expression::Kind::And:
            return std::ranges::all_of(root.children, decided);
        case Expression::Kind::Or:
        case Expression::Kind::Leaf:
            break;
    }
    return decided(root);
}

std::optional<std::vector<std::string>> Query::onlyValues(FieldId field) const {
    return valuesOf(m_state->root, field);
}

std::vector<TimeRange> Query::times() const {
    if (!m_state->timeField) {
        return matchesNothing() ? Ranges{} : everything();
    }
    return rangesOf(m_state->root, *m_state->timeField);
}

Literals Query::required(FieldId field) const {
    return requiredBy(m_state->root, field);
}

}  // namespace hanshu::query
