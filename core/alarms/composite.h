// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A condition over the states of other rules: `errors AND NOT (maintenance OR drill)`. Immutable; any thread.
#pragma once

#include "alarms/rule.h"

#include <functional>

namespace hanshu::alarms {

// Whether it may name a rule, a channel or a label.
[[nodiscard]] bool isName(std::string_view text) noexcept;

class Composite {
public:
    static constexpr std::size_t kMaxRules = 64;
    static constexpr std::size_t kMaxDepth = 32;  // bounds the stack of the parser

    // AND binds stronger than OR; the words in any case of letters. InvalidArgument with `message`, which says where.
    [[nodiscard]] static Result<Composite> parse(std::string_view expression);

    [[nodiscard]] bool evaluate(const std::function<bool(const RuleId&)>& isFiring) const;
    [[nodiscard]] const std::vector<RuleId>& rules() const noexcept { return m_rules; }  // each once

private:
    friend class CompositeParser;
    enum class Kind : std::uint8_t { Rule, And, Or, Not };
    struct Step {
        Kind kind;
        std::uint32_t rule = 0;  // in m_rules
    };
    std::vector<RuleId> m_rules;
    std::vector<Step> m_steps;  // in reverse Polish order
};

// The rules in an order in which each comes after those it is made of, or what is wrong: an operand that there is not,
// a cycle. Names the rules concerned.
[[nodiscard]] Result<std::vector<RuleId>> orderOf(const std::map<RuleId, Composite>& composites,
                                                  const std::function<bool(const RuleId&)>& exists);

}  // namespace hanshu::alarms
