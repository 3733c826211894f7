// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The rules that every function comes with, and one switch for all of them. Values; any thread.
#pragma once

#include "alarms/rule.h"

#include <span>

namespace hanshu::alarms {

// What thresholds depend on.
struct FunctionFacts {
    std::string account;
    std::string function;
    std::chrono::seconds timeout{60};
    std::set<ChannelId> channels;
};

// One of the set; the names and units of metrics are those of the room metrics.
struct DefaultRule {
    std::string_view suffix;  // of the id: default.ACCOUNT.FUNCTION.suffix
    std::string_view name;    // before the function's
    Severity severity;
    std::string_view metric;
    std::string_view dividedBy;
    Statistic statistic;
    Operator op;
    double threshold;  // of timeouts: a part of the function's own, in ms
    bool isOfTimeout;
    std::chrono::seconds period;
    std::uint32_t violated;
    std::uint32_t of;
    std::string_view detail;  // a glob
    std::string_view why;     // a sentence
};
[[nodiscard]] std::span<const DefaultRule> defaultRuleTable() noexcept;

// Off: the same rules, disabled, so that what was acknowledged or silenced stays when they come back on.
[[nodiscard]] std::vector<AlarmRule> defaultRules(const FunctionFacts& facts, bool isOn = true);
[[nodiscard]] bool isDefaultRule(const RuleId& id) noexcept;

}  // namespace hanshu::alarms
