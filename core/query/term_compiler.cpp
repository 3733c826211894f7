// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/term_compiler.h"

#include "query/characters.h"

#include <re2/re2.h>
#include <cmath>

namespace hanshu::query {
namespace {

Result<void> checkLength(const Operand& operand) {
    if (operand.text.size() > kPatternLimit) {
        return failAtLimit(operand.range, reason::kPatternTooLong, kPatternLimit);
    }
    return {};
}

Result<RegexTest> compileRegex(const Operand& operand) {
    HANSHU_TRY(checkLength(operand));
    if (operand.text.empty()) {
        return failAt(operand.range, reason::kEmptyText);
    }
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!operand.ignoreCase);
    options.set_max_mem(kRegexMemory);
    auto regex = std::make_shared<re2::RE2>(operand.text, options);
    if (!regex->ok()) {
        return failAt(operand.range, reason::kBadRegex, {{"message", regex->error()}});
    }
    return RegexTest{std::move(regex), requiredByRegex(operand.text, operand.ignoreCase)};
}

// What `text` allows where it is contained: free text, and values of prose.
Result<Test> partOfText(const Operand& operand) {
    if (operand.form == Operand::Form::Regex) {
        auto regex = compileRegex(operand);
        if (!regex) {
            return fail(std::move(regex.error()));
        }
        return Test(std::move(*regex));
    }
    HANSHU_TRY(checkLength(operand));
    if (operand.wildcards.empty()) {
        return Test(ContainsTest{lowerAscii(operand.text)});
    }
    return Test(WildcardTest{Wildcards(operand.text, operand.wildcards, {.whole = false, .foldCase = true})});
}

// The halves of `a..b`; either may be empty. Nothing where the operand is no range.
std::optional<std::pair<std::string_view, std::string_view>> rangeOf(const Operand& operand) {
    const std::string_view text = operand.text;
    const auto dots = text.find("..");
    if (operand.form != Operand::Form::Word || dots == std::string_view::npos || text == "..") {
        return std::nullopt;
    }
    return std::pair{text.substr(0, dots), text.substr(dots + 2)};
}

// All of the span where it is asked for as such, else what is on the one side of it.
IntegerInterval beside(Operator op, IntegerInterval span) {
    switch (op) {
        case Operator::Greater:
            return {.low = span.high + 1};
        case Operator::GreaterEqual:
            return {.low = span.low};
        case Operator::Less:
            return {.high = span.low - 1};
        case Operator::LessEqual:
            return {.high = span.high};
        case Operator::Is:
        case Operator::Equal:
            break;
    }
    return span;
}

RealInterval beside(Operator op, double number) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    switch (op) {
        case Operator::Greater:
            return {.low = std::nextafter(number, kInfinity)};
        case Operator::GreaterEqual:
            return {.low = number};
        case Operator::Less:
            return {.high = std::nextafter(number, -kInfinity)};
        case Operator::LessEqual:
            return {.high = number};
        case Operator::Is:
        case Operator::Equal:
            break;
    }
    return {number, number};
}

IntegerInterval covering(const TimeSpan& span) {
    return {span.start.time_since_epoch().count(), span.end.time_since_epoch().count() - 1};
}

Failure badValue(const Operand& operand, ErrorParams params) {
    return failAt(operand.range, reason::kBadValue, std::move(params));
}

}  // namespace

bool TermCompiler::Target::compares() const noexcept {
    return term->op != Operator::Is && term->op != Operator::Equal;
}

SourceRange TermCompiler::Target::operatorRange() const noexcept {
    return {term->fieldRange.offset, term->fieldRange.length + 1 + toText(term->op).size()};
}

ErrorParams TermCompiler::Target::params(const Operand* value) const {
    ErrorParams params{{"field", field->name}, {"kind", std::string(toText(field->kind))}};
    if (value != nullptr) {
        params.emplace_back("value", value->text);
    }
    return params;
}

Result<Expression> TermCompiler::compile(const Term& term, bool required) {
    for (const auto& value : term.values) {
        if (value.form == Operand::Form::Regex && ++m_regexes > kRegexLimit) {
            return failAtLimit(value.range, reason::kTooManyRegexes, kRegexLimit);
        }
    }
    if (!term.field) {
        return freeText(term.values.front());
    }
    const auto id = m_schema.find(*term.field);
    if (id) {
        const Target target{*id, &m_schema.field(*id), &term};
        HANSHU_TRY(checkForm(target));
        return anyOf(target);
    }
    for (const std::string_view name : {"since", "until", "at"}) {
        if (m_schema.timeField() && equalIgnoringCase(*term.field, name)) {
            return boundary(term, required);
        }
    }
    return failAt(term.fieldRange, reason::kUnknownField,
                  {{"field", *term.field}, {"suggestion", m_schema.nearest(*term.field)}});
}

Result<Expression> TermCompiler::freeText(const Operand& operand) const {
    if (operand.form == Operand::Form::Present) {
        return Expression::constant(true);
    }
    if (m_schema.searched().empty()) {
        return failAt(operand.range, reason::kNoFreeText);
    }
    auto test = partOfText(operand);
    if (!test) {
        return fail(std::move(test.error()));
    }
    std::vector<Expression> places;
    for (const auto field : m_schema.searched()) {
        places.push_back(Expression::of(field, *test));
    }
    return Expression::any(std::move(places));
}

Result<Expression> TermCompiler::boundary(const Term& term, bool required) {
    const Target target{*m_schema.timeField(), &m_schema.field(*m_schema.timeField()), &term};
    const auto& operand = term.values.front();
    ErrorParams params{{"field", *term.field}, {"kind", "time"}, {"operator", std::string(toText(term.op))}};
    if (term.op != Operator::Is) {
        return failAt(target.operatorRange(), reason::kNotComparable, std::move(params));
    }
    if (term.values.size() > 1) {
        return failAt(target.operatorRange(), reason::kListCompared, std::move(params));
    }
    const bool at = equalIgnoringCase(*term.field, "at");
    const bool since = equalIgnoringCase(*term.field, "since");
    const bool plain = operand.form == Operand::Form::Word || operand.form == Operand::Form::Quoted;
    const auto span = plain ? m_times.read(operand.text, at) : std::nullopt;
    if (!span) {
        return badValue(operand, {{"field", *term.field}, {"kind", "time"}, {"value", operand.text}});
    }
    if (required && !at) {
        HANSHU_TRY(inOrder(since, *span, operand));
    }
    const auto op = at ? Operator::Is : since ? Operator::GreaterEqual : Operator::LessEqual;
    return Expression::of(target.id, IntegerTest{beside(op, covering(*span))});
}

Result<void> TermCompiler::inOrder(bool since, const TimeSpan& span, const Operand& operand) {
    if (since && (!m_since || m_since->time < span.start)) {
        m_since = Bound{span.start, operand.text};
    }
    if (!since && (!m_until || m_until->time > span.end)) {
        m_until = Bound{span.end, operand.text};
    }
    if (m_since && m_until && m_since->time >= m_until->time) {
        return failAt(operand.range, reason::kTimeOrder, {{"since", m_since->text}, {"until", m_until->text}});
    }
    return {};
}

// Whether the field can be asked in this way at all.
Result<void> TermCompiler::checkForm(const Target& target) {
    const auto kind = target.field->kind;
    const bool isText = kind == FieldKind::Text || kind == FieldKind::Keyword;
    const bool hasOrder =
        kind == FieldKind::Enumeration ? target.field->ordered : !isText && kind != FieldKind::Boolean;
    auto params = target.params();
    params.emplace_back("operator", toText(target.term->op));
    if (target.compares() && !hasOrder) {
        return failAt(target.operatorRange(), reason::kNotComparable, std::move(params));
    }
    if (target.compares() && target.term->values.size() > 1) {
        return failAt(target.operatorRange(), reason::kListCompared, std::move(params));
    }
    for (const auto& value : target.term->values) {
        const bool pattern = value.form == Operand::Form::Regex || !value.wildcards.empty();
        const bool allowed = target.term->op == Operator::Is && (isText || kind == FieldKind::Enumeration);
        if ((pattern && !allowed) || (value.form == Operand::Form::Present && target.term->op != Operator::Is)) {
            return failAt(value.range, reason::kPatternNotAllowed, target.params());
        }
    }
    return {};
}

Result<Expression> TermCompiler::anyOf(const Target& target) const {
    std::vector<Expression> choices;
    ChoiceTest set;
    EqualTest equal;
    const auto kind = target.field->kind;
    const auto count = kind == FieldKind::Boolean ? 2 : target.field->choices.size();
    set.all = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    for (const auto& operand : target.term->values) {
        if (operand.form == Operand::Form::Present) {
            choices.push_back(Expression::of(target.id, PresentTest{}));
        } else if (kind == FieldKind::Enumeration || kind == FieldKind::Boolean) {
            auto chosen = choiceSet(target, operand);
            if (!chosen) {
                return fail(std::move(chosen.error()));
            }
            set.set |= *chosen;
        } else {
            auto choice = kind == FieldKind::Text || kind == FieldKind::Keyword ? textValue(target, operand)
                          : kind == FieldKind::Number                           ? numberValue(target, operand)
                                                                                : integerValue(target, operand);
            if (!choice) {
                return choice;
            }
            if (auto* one = std::get_if<EqualTest>(&choice->test)) {
                equal.values.push_back(std::move(one->values.front()));
            } else {
                choices.push_back(std::move(*choice));
            }
        }
    }
    if (set.set != 0) {
        choices.push_back(set.set == set.all ? Expression::of(target.id, PresentTest{})
                                             : Expression::of(target.id, set));
    }
    if (!equal.values.empty()) {
        choices.push_back(Expression::of(target.id, std::move(equal)));
    }
    return Expression::any(std::move(choices));
}

Result<Expression> TermCompiler::textValue(const Target& target, const Operand& operand) const {
    const bool prose = target.field->kind == FieldKind::Text;
    const bool pattern = operand.form == Operand::Form::Regex || !operand.wildcards.empty();
    if (!pattern && (!prose || target.term->op == Operator::Equal || operand.text.empty())) {
        return Expression::of(target.id, EqualTest{{operand.text}});
    }
    if (!prose && !operand.wildcards.empty()) {
        HANSHU_TRY(checkLength(operand));
        return Expression::of(target.id, WildcardTest{Wildcards(operand.text, operand.wildcards, {})});
    }
    auto test = partOfText(operand);
    if (!test) {
        return fail(std::move(test.error()));
    }
    return Expression::of(target.id, std::move(*test));
}

Result<std::uint64_t> TermCompiler::choiceSet(const Target& target, const Operand& operand) {
    const auto& field = *target.field;
    if (field.kind == FieldKind::Boolean) {
        const auto truth = parseBoolean(operand.text);
        if (!truth) {
            return badValue(operand, target.params(&operand));
        }
        return std::uint64_t{*truth ? 2U : 1U};
    }
    if (operand.form == Operand::Form::Regex || !operand.wildcards.empty()) {
        return chosenByPattern(target, operand);
    }
    const auto unknown = [&](std::string_view name) {
        std::vector<std::string_view> names;
        std::string allowed;
        for (const auto& choice : field.choices) {
            names.emplace_back(choice.name);
            allowed += (allowed.empty() ? "" : ", ") + choice.name;
        }
        return failAt(operand.range, reason::kUnknownValue,
                      {{"field", field.name},
                       {"value", std::string(name)},
                       {"suggestion", nearestName(name, names)},
                       {"allowed", allowed}});
    };
    std::size_t low = 0;
    std::size_t high = field.choices.size() - 1;
    const auto range = field.ordered && !target.compares() ? rangeOf(operand) : std::nullopt;
    const auto [first, second] =
        range.value_or(std::pair<std::string_view, std::string_view>{operand.text, operand.text});
    const auto from = first.empty() && range ? std::optional<std::size_t>{low} : findChoice(field, first);
    const auto to = second.empty() && range ? std::optional<std::size_t>{high} : findChoice(field, second);
    if (!from || !to) {
        return unknown(from ? second : first);
    }
    if (*from > *to) {
        return failAt(operand.range, reason::kRangeOrder, {{"field", field.name}});
    }
    const auto asked =
        beside(target.term->op, IntegerInterval{static_cast<std::int64_t>(*from), static_cast<std::int64_t>(*to)});
    std::uint64_t set = 0;
    for (std::size_t i = low; i <= high; ++i) {
        const auto index = static_cast<std::int64_t>(i);
        set |= index >= asked.low && index <= asked.high ? std::uint64_t{1} << i : 0;
    }
    return set;
}

Result<std::uint64_t> TermCompiler::chosenByPattern(const Target& target, const Operand& operand) {
    std::optional<RegexTest> regex;
    std::optional<Wildcards> wildcards;
    if (operand.form == Operand::Form::Regex) {
        auto compiled = compileRegex(operand);
        if (!compiled) {
            return fail(std::move(compiled.error()));
        }
        regex = std::move(*compiled);
    } else {
        HANSHU_TRY(checkLength(operand));
        wildcards.emplace(operand.text, operand.wildcards, Wildcards::Options{.foldCase = true});
    }
    std::uint64_t set = 0;
    for (std::size_t i = 0; i < target.field->choices.size(); ++i) {
        const auto& name = target.field->choices[i].name;
        const bool chosen = regex ? re2::RE2::PartialMatch(name, *regex->regex) : wildcards->matches(name);
        set |= chosen ? std::uint64_t{1} << i : 0;
    }
    return set;
}

Result<Expression> TermCompiler::numberValue(const Target& target, const Operand& operand) const {
    const auto range = target.compares() ? std::nullopt : rangeOf(operand);
    if (!range) {
        const auto number = parseNumber(operand.text);
        if (!number) {
            return badValue(operand, target.params(&operand));
        }
        return Expression::of(target.id, RealTest{beside(target.term->op, *number)});
    }
    RealInterval interval;
    const auto low = parseNumber(range->first);
    const auto high = parseNumber(range->second);
    if ((!low && !range->first.empty()) || (!high && !range->second.empty())) {
        return badValue(operand, target.params(&operand));
    }
    interval.low = low.value_or(interval.low);
    interval.high = high.value_or(interval.high);
    if (interval.low > interval.high) {
        return failAt(operand.range, reason::kRangeOrder, {{"field", target.field->name}});
    }
    return Expression::of(target.id, RealTest{interval});
}

Result<Expression> TermCompiler::integerValue(const Target& target, const Operand& operand) const {
    const auto range = target.compares() ? std::nullopt : rangeOf(operand);
    if (!range) {
        const auto span = integers(target, operand, operand.text, !target.compares());
        if (!span) {
            return fail(span.error());
        }
        return Expression::of(target.id, IntegerTest{beside(target.term->op, *span)});
    }
    IntegerInterval interval;
    if (!range->first.empty()) {
        const auto low = integers(target, operand, range->first, false);
        if (!low) {
            return fail(low.error());
        }
        interval.low = low->low;
    }
    if (!range->second.empty()) {
        const auto high = integers(target, operand, range->second, false);
        if (!high) {
            return fail(high.error());
        }
        interval.high = high->high;
    }
    if (interval.low > interval.high) {
        return failAt(operand.range, reason::kRangeOrder, {{"field", target.field->name}});
    }
    return Expression::of(target.id, IntegerTest{interval});
}

// The numbers that one written value stands for: of a time all that it covers, else one.
Result<IntegerInterval> TermCompiler::integers(const Target& target, const Operand& operand, std::string_view text,
                                               bool whole) const {
    switch (target.field->kind) {
        case FieldKind::Time:
            if (const auto span = m_times.read(text, whole)) {
                return covering(*span);
            }
            break;
        case FieldKind::Duration:
            if (const auto duration = parseDuration(text)) {
                return IntegerInterval{duration->value.count(), duration->value.count()};
            }
            break;
        case FieldKind::Bytes:
            if (const auto bytes = parseBytes(text)) {
                return IntegerInterval{*bytes, *bytes};
            }
            break;
        default:
            break;
    }
    return badValue(operand, target.params(&operand));
}

}  // namespace hanshu::query
