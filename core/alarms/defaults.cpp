// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/defaults.h"

namespace hanshu::alarms {
namespace {

using namespace std::chrono_literals;
using enum Severity;
using enum Statistic;

constexpr std::string_view kPrefix = "default.";

constexpr std::array kTable = std::to_array<DefaultRule>({
    {"errors", "Errors", Critical, "FunctionFunctionErrors", "FunctionTotalInvocations", Sum, Operator::Above, 0.05,
     false, 60s, 3, 5, "*", "More than one run in twenty fails by the function's own fault."},
    {"throttles", "Throttles", Warning, "FunctionThrottles", "", Sum, Operator::Above, 0, false, 60s, 2, 5, "*",
     "Requests are refused because of a limit."},
    {"duration", "Duration near the timeout", Warning, "FunctionDuration", "", P95, Operator::Above, 0.8, true, 60s, 3,
     5, "*", "One run in twenty takes more than 80 % of the time it may."},
    {"memory", "Memory near the limit", Warning, "FunctionMemoryUtilization", "", Max, Operator::Above, 0.9, false, 60s,
     3, 5, "*", "A run used more than 90 % of its memory."},
    {"backlog", "Backlog", Warning, "FunctionQueueAge", "", Max, Operator::Above, 300'000, false, 60s, 3, 5, "*",
     "The oldest async event has waited for more than five minutes."},
    {"dead-letters", "Dead letters", Critical, "FunctionDeadLetters", "", Sum, Operator::Above, 0, false, 60s, 1, 1,
     "*", "An async event failed for good."},
    {"cold-starts", "Cold starts", Info, "FunctionColdStarts", "FunctionTotalInvocations", Sum, Operator::Above, 0.2,
     false, 300s, 3, 3, "*", "More than one request in five waits for an instance to start."},
});

[[nodiscard]] AlarmRule toRule(const DefaultRule& row, const FunctionFacts& facts, bool isOn) {
    AlarmRule rule;
    rule.id = RuleId{fmt::format("{}{}.{}.{}", kPrefix, facts.account, facts.function, row.suffix)};
    rule.name = fmt::format("{} of {}", row.name, facts.function);
    rule.isEnabled = isOn;
    rule.severity = row.severity;
    rule.labels = {{"default", std::string(row.suffix)}};
    rule.source = MetricSource{std::string(row.metric),
                               std::string(row.dividedBy),
                               {facts.account, facts.function, "*", std::string(row.detail)},
                               row.statistic,
                               {true, true, false, false}};
    rule.op = row.op;
    rule.threshold = row.isOfTimeout ? row.threshold * std::chrono::duration<double, std::milli>(facts.timeout).count()
                                     : row.threshold;
    rule.period = row.period;
    rule.violated = row.violated;
    rule.of = row.of;
    rule.calm = row.of;
    rule.channels = facts.channels;
    return rule;
}

}  // namespace

std::span<const DefaultRule> defaultRuleTable() noexcept {
    return kTable;
}

std::vector<AlarmRule> defaultRules(const FunctionFacts& facts, bool isOn) {
    std::vector<AlarmRule> rules;
    for (const auto& row : kTable) {
        rules.push_back(toRule(row, facts, isOn));
    }
    return rules;
}

bool isDefaultRule(const RuleId& id) noexcept {
    return id.value.starts_with(kPrefix);
}

}  // namespace hanshu::alarms
