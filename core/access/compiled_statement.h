// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One statement of a grant in the shape that a question is asked of. Immutable; any thread.
#pragma once

#include "api/arn.h"
#include "grant.pb.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::access {

using Context = std::map<std::string, std::string, std::less<>>;

// A question's texts, taken apart once for all statements.
struct AskedText {
    AskedText(std::string_view askedAction, std::string_view askedResource)
        : action(askedAction), resource(askedResource), arn(api::parseArn(askedResource)) {}
    std::string_view action;
    std::string_view resource;
    std::optional<api::Arn> arn;
};

class CompiledStatement {
public:
    explicit CompiledStatement(const api::Statement& statement);

    [[nodiscard]] bool denies() const noexcept { return m_denies; }
    [[nodiscard]] bool matches(const AskedText& asked, const Context& context) const;

private:
    // Part by part: a `*` never crosses a colon of the ARN's first four parts, or `acs:oss:*:*:in/*` would match a key
    // such as `x:in/y` in another bucket. An empty region or account is any.
    struct ResourcePattern {
        bool any = false;
        std::string service;
        std::string region;
        std::string account;
        std::string resource;
    };
    struct Comparison {
        bool negated = false;
        bool like = false;
        std::string key;
        std::vector<std::string> values;
    };

    [[nodiscard]] bool matchesAction(std::string_view action) const;
    [[nodiscard]] bool matchesResource(const AskedText& asked) const;
    [[nodiscard]] static bool holds(const Comparison& comparison, const Context& context);

    bool m_denies;
    std::vector<std::string> m_actions;
    std::vector<ResourcePattern> m_resources;
    std::vector<Comparison> m_comparisons;
};

}  // namespace hanshu::access
