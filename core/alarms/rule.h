// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is watched: one rule of alarms, and what must hold of it. Values; any thread.
#pragma once

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <set>
#include <variant>

namespace hanshu::alarms {

using RuleId = StrongId<struct RuleIdTag>;        // [A-Za-z0-9._-], 1 to kMaxIdBytes; `and`, `or`, `not` are none
using ChannelId = StrongId<struct ChannelIdTag>;  // the same

// Of what a metric is measured; the order is that of the room metrics.
enum class Dimension : std::uint8_t { Account, Function, Qualifier, Detail };
inline constexpr std::size_t kDimensions = 4;
[[nodiscard]] std::string_view nameOf(Dimension dimension) noexcept;

// Whose value it is; empty where a dimension was not asked for apart.
using SeriesKey = std::array<std::string, kDimensions>;
// Which series are wanted: `*` stands for any characters, `?` for one byte.
using SeriesGlobs = std::array<std::string, kDimensions>;
[[nodiscard]] inline SeriesGlobs anySeries() {
    return {"*", "*", "*", "*"};
}
[[nodiscard]] bool matchesGlob(std::string_view glob, std::string_view text) noexcept;
[[nodiscard]] bool isExact(std::string_view glob) noexcept;

// Stored as numbers, these and those below: only add at the end.
enum class Severity : std::uint8_t { Info, Warning, Critical };
enum class Statistic : std::uint8_t { Sum, Avg, Min, Max, Count, P50, P90, P95, P99, P999 };
enum class Operator : std::uint8_t { Above, AtLeast, Below, AtMost, Equal, NotEqual };
// What the threshold is held against: the value, or by how many percent it differs from what it was before. A change
// from 0 is infinite; from 0 to 0 it is 0.
enum class Against : std::uint8_t { Value, PeriodBefore, Yesterday, LastWeek };
// A period without data counts as fine; as violated; not at all, and the state stays whatever comes; not at all, and
// after as many periods as the rule looks at, the alarm is over.
enum class NoData : std::uint8_t { Ok, Firing, Keep, Ignore };

[[nodiscard]] std::string_view nameOf(Severity severity) noexcept;    // info, warning, critical
[[nodiscard]] std::string_view nameOf(Statistic statistic) noexcept;  // sum … p99.9
[[nodiscard]] std::string_view nameOf(Operator op) noexcept;          // > >= < <= == !=

struct MetricSource {
    std::string metric;
    // Not empty: the value is divided by the same statistic of this metric; where that is 0, there is no data.
    std::string dividedBy;
    SeriesGlobs series = anySeries();
    Statistic statistic = Statistic::Sum;
    // Series that agree in these are one; all: each series is watched on its own; none: all together.
    std::array<bool, kDimensions> groupBy = {true, true, true, true};

    bool operator==(const MetricSource&) const = default;
};

// How many lines of an account's logs match, in the filter grammar of queries.
struct LogSource {
    std::string account;
    std::string filter;

    bool operator==(const LogSource&) const = default;
};

// Whether other rules fire: ids, AND, OR, NOT and parentheses (composite.h). Has neither operator nor threshold.
struct CompositeSource {
    std::string expression;

    bool operator==(const CompositeSource&) const = default;
};

// When somebody wants to hear of it. Outside, an alarm that fires is silenced.
struct EffectiveHours {
    std::string zone = "UTC";                            // an IANA name
    std::bitset<7> weekdays = std::bitset<7>().set();    // 0 is Monday; the day on which the hours begin
    std::chrono::minutes from{0};                        // since midnight
    std::chrono::minutes until{std::chrono::hours(24)};  // exclusive; before `from`: on the next day

    bool operator==(const EffectiveHours&) const = default;
};

struct AlarmRule {
    RuleId id;
    std::string name;
    bool isEnabled = true;
    Severity severity = Severity::Warning;
    std::map<std::string, std::string> labels;

    std::variant<MetricSource, LogSource, CompositeSource> source;
    Operator op = Operator::Above;
    Against against = Against::Value;
    double threshold = 0;  // in percent unless against Value

    std::chrono::seconds period{60};  // a multiple of ten seconds, which divides a day
    std::uint32_t violated = 1;       // of so many periods …
    std::uint32_t of = 1;             // … among so many
    std::uint32_t calm = 1;           // so many periods in a row without the above end an alarm
    NoData noData = NoData::Ok;

    std::chrono::seconds repeatEvery = std::chrono::hours(24);  // told again while it fires; 0: never
    std::vector<EffectiveHours> hours;                          // any of them; none: always
    std::set<ChannelId> channels;
    std::string title;  // templates of notify/message.h; empty: the usual ones
    std::string text;
};

inline constexpr std::size_t kMaxIdBytes = 128;
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxTemplateBytes = 8 * 1024;
inline constexpr std::size_t kMaxLabels = 32;
inline constexpr std::size_t kMaxChannels = 16;
inline constexpr std::size_t kMaxHours = 16;
inline constexpr std::uint32_t kMaxPeriods = 60;  // of `of` and `calm`: fits the bits of a state
inline constexpr std::chrono::seconds kPeriodStep{10};
inline constexpr std::chrono::seconds kLongestPeriod = std::chrono::days(1);

// What is wrong with one field.
struct Violation {
    std::string field;    // as in AlarmRule
    std::string problem;  // "must be …": a clause that says what to do
};

// Everything that is wrong with a rule by itself; empty: it is right. What only the daemon knows (whether the metric
// and the channels exist, what fields a filter may use, whether other rules form a cycle) is for its user to add.
[[nodiscard]] std::vector<Violation> validate(const AlarmRule& rule);
// InvalidArgument, reason InvalidAlarmRule, with `message` naming all and one `violation` for each.
[[nodiscard]] Failure invalid(const std::vector<Violation>& violations);

// Whether the two watch the same in the same way, so that what is known of the one holds for the other.
[[nodiscard]] bool watchTheSame(const AlarmRule& a, const AlarmRule& b) noexcept;

// What fires it in words: "sum of FunctionFunctionErrors > 0 in 3 of 5 periods of 1m".
[[nodiscard]] std::string describe(const AlarmRule& rule);
[[nodiscard]] std::string formatDuration(std::chrono::seconds duration);  // 90s → 1m30s

}  // namespace hanshu::alarms
