// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/arn.h"
#include "api/findings.h"
#include "api/names.h"
#include "api/validate.h"

#include <array>

namespace hanshu::api {
namespace {

// A grant is compiled and asked on every request: these keep one question below some microseconds.
constexpr std::size_t kMaxStatements = 50;
constexpr std::size_t kMaxPatterns = 50;
constexpr std::size_t kMaxConditionKeys = 10;
constexpr std::size_t kLongestPattern = 1280;  // an ARN with an object's key of 1023 bytes

constexpr std::array<std::string_view, 4> kOperators{"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"};
constexpr std::array<std::string_view, 2> kEffects{"Allow", "Deny"};

bool isOf(std::string_view text, std::string_view extra) {
    return std::ranges::all_of(text, [extra](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

// fc:InvokeFunction, oss:Get*, *.
bool isActionPattern(std::string_view text) {
    if (text == "*") {
        return true;
    }
    const auto name = text.substr(std::min(text.size(), text.find(':') + 1));
    return (text.starts_with("fc:") || text.starts_with("oss:")) && !name.empty() && name.size() <= 64 &&
           isOf(name, "*?");
}

// acs:oss:*:*:bucket/prefix*, acs:fc:*:*:functions/name, *.
bool isResourcePattern(std::string_view text) {
    if (text == "*") {
        return true;
    }
    const auto arn = parseArn(text);
    return arn && (arn->service == "fc" || arn->service == "oss" || arn->service == "*") && isPrintable(text) &&
           text.size() <= kLongestPattern;
}

bool isPrincipal(std::string_view text) {
    const auto arn = parseArn(text);
    return arn && (arn->service == "ram" || arn->service == "oss" || arn->service == "fc") && isPrintable(text) &&
           text.size() <= kLongestPattern && text.find_first_of("*? ") == std::string_view::npos;
}

// Only these requests tell what prefix and delimiter they list by.
bool isListing(std::string_view action) {
    std::string lower(action);
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return lower.starts_with("oss:listobjects") || lower == "oss:listmultipartuploads";
}

// A key that a request does not have fails the statement, so such a mix would silently allow less than it says, or with
// a negated operator more.
void checkListingKeys(const std::string& field, const Statement& statement, Findings& findings) {
    const auto other = std::ranges::find_if(statement.action(), [](const auto& action) { return !isListing(action); });
    if (other == statement.action().end()) {
        return;
    }
    for (const auto& [name, block] : statement.condition()) {
        for (const auto& [key, values] : block.keys()) {
            if (key == "oss:Prefix" || key == "oss:Delimiter") {
                findings.add(
                    fmt::format("{}.{}.{}", field, name, key),
                    fmt::format(
                        "is told by oss:ListObjects and oss:ListMultipartUploads alone, so {} could never match "
                        "it: give that one a statement of its own without the condition, and limit it by its "
                        "resource, such as acs:oss:*:*:BUCKET/PREFIX*",
                        inQuotes(*other)));
            }
        }
    }
}

void checkCondition(const std::string& field, const google::protobuf::Map<std::string, ConditionBlock>& condition,
                    Findings& findings) {
    for (const auto& [name, block] : condition) {
        const auto below = fmt::format("{}.{}", field, shortened(name));
        if (std::ranges::find(kOperators, name) == kOperators.end()) {
            findings.add(below, fmt::format("is not a supported operator (allowed: {})", fmt::join(kOperators, " | ")));
            continue;
        }
        if (block.keys().empty()) {
            findings.add(below, "must compare at least one key, for instance oss:Prefix");
        }
        findings.atMost(below, block.keys().size(), kMaxConditionKeys, "keys");
        for (const auto& [key, values] : block.keys()) {
            const auto located = fmt::format("{}.{}", below, shortened(key));
            if (key.find(':') == std::string::npos || !isOf(key, ":-/")) {
                findings.add(located, "must be a key such as oss:Prefix");
            }
            if (values.values().empty()) {
                findings.add(located, "must have at least one value");
            }
            findings.atMost(located, static_cast<std::size_t>(values.values_size()), kMaxPatterns, "values");
        }
    }
}

void checkPatterns(const std::string& field, const google::protobuf::RepeatedPtrField<std::string>& patterns,
                   bool (*isFine)(std::string_view), std::string_view form, Findings& findings) {
    if (patterns.empty()) {
        findings.add(field, "must have at least one value");
    }
    findings.atMost(field, static_cast<std::size_t>(patterns.size()), kMaxPatterns, "values");
    for (int i = 0; i < patterns.size(); ++i) {
        if (!isFine(patterns[i])) {
            findings.add(fmt::format("{}[{}]", field, i),
                         fmt::format("must be {} (actual: {})", form, inQuotes(patterns[i])));
        }
    }
}

void checkStatement(const std::string& field, const Statement& statement, Findings& findings) {
    findings.oneOf(field + ".Effect", statement.effect(), kEffects);
    checkPatterns(field + ".Action", statement.action(), &isActionPattern,
                  "fc:… or oss:… with * and ? as wildcards, or *", findings);
    checkPatterns(field + ".Resource", statement.resource(), &isResourcePattern,
                  "an ARN acs:fc:… or acs:oss:… with five parts and * and ? as wildcards, or *", findings);
    checkCondition(field + ".Condition", statement.condition(), findings);
    checkListingKeys(field + ".Condition", statement, findings);
}

}  // namespace

Result<void> validateAction(std::string_view action) {
    Findings findings;
    if (!isActionPattern(action) || action.find_first_of("*?") != std::string_view::npos) {
        findings.add("action", fmt::format("must be one action, fc:… or oss:…, for instance fc:InvokeFunction (actual: "
                                           "{})",
                                           inQuotes(action)));
    }
    return findings.result();
}

Result<void> validateGrant(const Grant& grant) {
    Findings findings;
    if (!isTriggerName(grant.grant_name())) {
        findings.add("grantName", fmt::format("must have 1 to 128 characters, letters, digits, _ and -, and not begin "
                                              "with a digit or - (actual: {})",
                                              inQuotes(grant.grant_name())));
    }
    if (grant.description().size() > 1024) {
        findings.add("description", "must have at most 1024 bytes");
    }
    if (!isPrincipal(grant.principal())) {
        findings.add("principal", fmt::format("must be the ARN of a role (acs:ram::ACCOUNT:role/NAME) or of a "
                                              "trigger's source (acs:oss:… or acs:fc:…), without wildcards "
                                              "(actual: {})",
                                              inQuotes(grant.principal())));
    }
    if (grant.statement().empty()) {
        findings.add("statement", "must have at least one value");
    }
    findings.atMost("statement", static_cast<std::size_t>(grant.statement_size()), kMaxStatements, "values");
    for (int i = 0; i < grant.statement_size(); ++i) {
        checkStatement(fmt::format("statement[{}]", i), grant.statement(i), findings);
    }
    return findings.result();
}

}  // namespace hanshu::api
