// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/compiled_statement.h"

#include "access/pattern.h"
#include "access/policy.h"
#include "base/http.h"

#include <algorithm>

namespace hanshu::access {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string orAny(std::string_view part) {
    return part.empty() ? "*" : std::string(part);
}

// Names of condition keys compare without case, as those of actions do.
const std::string* valueOf(const Context& context, std::string_view key) {
    for (const auto& [name, value] : context) {
        if (http::equalsIgnoringCase(name, key)) {
            return &value;
        }
    }
    return nullptr;
}

}  // namespace

bool matchesPattern(std::string_view pattern, std::string_view text) noexcept {
    return matchesWith(pattern, text, [](char a, char b) { return a == b; });
}

CompiledStatement::CompiledStatement(const api::Statement& statement)
    // What is not plainly an Allow denies: a grant that was not validated must not open anything.
    : m_denies(statement.effect() != "Allow"), m_actions(statement.action().begin(), statement.action().end()) {
    for (const auto& text : statement.resource()) {
        if (text == "*") {
            m_resources.push_back({.any = true, .service = {}, .region = {}, .account = {}, .resource = {}});
        } else if (const auto arn = api::parseArn(text)) {
            m_resources.push_back({.any = false,
                                   .service = std::string(arn->service),
                                   .region = orAny(arn->region),
                                   .account = orAny(arn->account),
                                   .resource = std::string(arn->resource)});
        }
    }
    for (const auto& [name, block] : statement.condition()) {
        for (const auto& [key, values] : block.keys()) {
            m_comparisons.push_back({.negated = name.find("Not") != std::string::npos,
                                     .like = name.ends_with("Like"),
                                     .key = key,
                                     .values = {values.values().begin(), values.values().end()}});
        }
    }
}

bool CompiledStatement::matches(const AskedText& asked, const Context& context) const {
    return matchesAction(asked.action) && matchesResource(asked) &&
           std::ranges::all_of(m_comparisons, [&](const Comparison& c) { return holds(c, context); });
}

bool CompiledStatement::matchesAction(std::string_view action) const {
    return std::ranges::any_of(m_actions, [action](const std::string& pattern) {
        return matchesWith(pattern, action, [](char a, char b) { return lower(a) == lower(b); });
    });
}

bool CompiledStatement::matchesResource(const AskedText& asked) const {
    return std::ranges::any_of(m_resources, [&asked](const ResourcePattern& pattern) {
        return pattern.any || (asked.arn && matchesPattern(pattern.service, asked.arn->service) &&
                               matchesPattern(pattern.region, asked.arn->region) &&
                               matchesPattern(pattern.account, asked.arn->account) &&
                               matchesPattern(pattern.resource, asked.arn->resource));
    });
}

bool CompiledStatement::holds(const Comparison& comparison, const Context& context) {
    const auto* actual = valueOf(context, comparison.key);
    if (actual == nullptr) {
        return comparison.negated;
    }
    const bool matched = std::ranges::any_of(comparison.values, [&](const std::string& value) {
        return comparison.like ? matchesPattern(value, *actual) : value == *actual;
    });
    return matched != comparison.negated;
}

}  // namespace hanshu::access
