// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/rule.h"

#include "alarms/composite.h"
#include "alarms/effective_hours.h"
#include "alarms/notify/template.h"
#include "base/encoding.h"
#include "query/ast.h"

#include <cmath>

namespace hanshu::alarms {
namespace {

constexpr std::array<std::string_view, kDimensions> kDimensionNames = {"account", "function", "qualifier", "detail"};
constexpr std::array<std::string_view, 3> kSeverities = {"info", "warning", "critical"};
constexpr std::array<std::string_view, 10> kStatistics = {"sum", "avg", "min", "max", "count",
                                                          "p50", "p90", "p95", "p99", "p99.9"};
constexpr std::array<std::string_view, 6> kOperators = {">", ">=", "<", "<=", "==", "!="};

class Checks {
public:
    template <class... Args>
    void must(bool holds, std::string_view field, fmt::format_string<Args...> problem, Args&&... args) {
        if (!holds) {
            m_found.push_back({std::string(field), fmt::format(problem, std::forward<Args>(args)...)});
        }
    }
    void text(std::string_view value, std::string_view field, std::size_t limit) {
        must(value.size() <= limit, field, "must have at most {} bytes (has {})", limit, value.size());
        must(isUtf8(value), field, "must be UTF-8");
    }
    [[nodiscard]] std::vector<Violation> take() { return std::move(m_found); }

private:
    std::vector<Violation> m_found;
};

void check(const MetricSource& source, Checks& checks) {
    checks.must(!source.metric.empty(), "source.metric", "must name a metric");
    checks.text(source.metric, "source.metric", kMaxNameBytes);
    checks.text(source.dividedBy, "source.dividedBy", kMaxNameBytes);
    for (std::size_t i = 0; i < kDimensions; ++i) {
        const auto field = fmt::format("source.series.{}", kDimensionNames[i]);
        checks.must(!source.series[i].empty(), field, "must be a name or a pattern; * stands for all");
        checks.text(source.series[i], field, kMaxNameBytes);
    }
}

void check(const LogSource& source, Checks& checks) {
    checks.must(!source.account.empty(), "source.account", "must name an account");
    checks.must(!source.filter.empty(), "source.filter", "must say which lines count");
    if (const auto parsed = query::parse(source.filter); !parsed) {
        checks.must(false, "source.filter", "must be a filter ({})", parsed.error().describe());
    }
}

void check(const CompositeSource& source, Checks& checks) {
    if (const auto parsed = Composite::parse(source.expression); !parsed) {
        checks.must(false, "source.expression", "{}", parsed.error().param("message"));
    }
}

void check(const EffectiveHours& hours, std::size_t index, Checks& checks) {
    const auto field = [&](std::string_view part) { return fmt::format("hours[{}].{}", index, part); };
    constexpr std::chrono::minutes kDay = std::chrono::hours(24);
    checks.must(isZone(hours.zone), field("zone"), "must be a zone such as Asia/Shanghai or UTC (actual: {})",
                hours.zone);
    checks.must(hours.weekdays.any(), field("weekdays"), "must have at least one day");
    checks.must(hours.from >= std::chrono::minutes(0) && hours.from < kDay, field("from"),
                "must be from 00:00 to 23:59");
    checks.must(hours.until > std::chrono::minutes(0) && hours.until <= kDay, field("until"),
                "must be from 00:01 to 24:00");
    checks.must(hours.from != hours.until, field("until"), "must differ from the beginning");
}

void checkTemplate(std::string_view text, std::string_view field, Checks& checks) {
    checks.text(text, field, kMaxTemplateBytes);
    if (const auto parsed = checkPlaceholders(text); !parsed) {
        checks.must(false, field, "{}", parsed.error().param("message"));
    }
}

void checkTimes(const AlarmRule& rule, Checks& checks) {
    constexpr std::chrono::seconds kDay = std::chrono::days(1);
    const auto isInRange = rule.period >= kPeriodStep && rule.period <= kLongestPeriod;
    checks.must(isInRange, "period", "must be between 10s and 1 day (actual: {}s)", rule.period.count());
    checks.must(!isInRange || (rule.period % kPeriodStep == kPeriodStep.zero() && kDay % rule.period == kDay.zero()),
                "period", "must be a multiple of 10s that divides a day: 10s, 1m, 5m, 15m, 1h, … (actual: {}s)",
                rule.period.count());
    checks.must(rule.of >= 1 && rule.of <= kMaxPeriods, "of", "must be between 1 and {} periods (actual: {})",
                kMaxPeriods, rule.of);
    checks.must(rule.violated >= 1 && rule.violated <= rule.of, "violated",
                "must be between 1 and the number of periods looked at, {} (actual: {})", rule.of, rule.violated);
    checks.must(rule.calm >= 1 && rule.calm <= kMaxPeriods, "calm", "must be between 1 and {} periods (actual: {})",
                kMaxPeriods, rule.calm);
    checks.must(rule.repeatEvery == std::chrono::seconds(0) ||
                    (rule.repeatEvery >= std::chrono::minutes(1) && rule.repeatEvery <= std::chrono::days(30)),
                "repeatEvery", "must be 0 (never), or between 1m and 30 days (actual: {}s)", rule.repeatEvery.count());
}

[[nodiscard]] std::string describeSource(const MetricSource& source) {
    auto text = fmt::format("{} of {}", nameOf(source.statistic), source.metric);
    return source.dividedBy.empty() ? text : fmt::format("{} / {}", text, source.dividedBy);
}
[[nodiscard]] std::string describeSource(const LogSource& source) {
    return fmt::format("lines of `{}`", source.filter);
}
[[nodiscard]] std::string describeSource(const CompositeSource& source) {
    return source.expression;
}

}  // namespace

std::string_view nameOf(Dimension dimension) noexcept {
    return kDimensionNames[static_cast<std::size_t>(dimension)];
}
std::string_view nameOf(Severity severity) noexcept {
    return kSeverities[static_cast<std::size_t>(severity)];
}
std::string_view nameOf(Statistic statistic) noexcept {
    return kStatistics[static_cast<std::size_t>(statistic)];
}
std::string_view nameOf(Operator op) noexcept {
    return kOperators[static_cast<std::size_t>(op)];
}

bool isExact(std::string_view glob) noexcept {
    return glob.find_first_of("*?") == std::string_view::npos;
}

bool matchesGlob(std::string_view glob, std::string_view text) noexcept {
    // After a mismatch only the last star may take one byte more: linear in practice, never exponential.
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    std::size_t in = 0;
    while (in < text.size()) {
        if (at < glob.size() && glob[at] == '*') {
            star = at++;
            resume = in;
        } else if (at < glob.size() && (glob[at] == '?' || glob[at] == text[in])) {
            ++at;
            ++in;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in = ++resume;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', at) == std::string_view::npos;
}

std::vector<Violation> validate(const AlarmRule& rule) {
    Checks checks;
    checks.must(isName(rule.id.value), "id",
                "must have 1 to {} of the characters A-Z a-z 0-9 . _ -, and be none of "
                "and, or, not",
                kMaxIdBytes);
    checks.must(!rule.name.empty(), "name", "must not be empty");
    checks.text(rule.name, "name", kMaxNameBytes);
    checks.must(rule.labels.size() <= kMaxLabels, "labels", "must be at most {} (are {})", kMaxLabels,
                rule.labels.size());
    for (const auto& [key, value] : rule.labels) {
        checks.must(isName(key), fmt::format("labels.{}", key), "must be named with A-Z a-z 0-9 . _ - alone");
        checks.text(value, fmt::format("labels.{}", key), kMaxNameBytes);
    }
    std::visit([&](const auto& source) { check(source, checks); }, rule.source);
    checks.must(std::isfinite(rule.threshold), "threshold", "must be a number");
    checks.must(rule.against == Against::Value || !std::holds_alternative<CompositeSource>(rule.source), "against",
                "must be the value itself in a rule over other rules");
    checkTimes(rule, checks);
    checks.must(rule.hours.size() <= kMaxHours, "hours", "must be at most {} (are {})", kMaxHours, rule.hours.size());
    for (std::size_t i = 0; i < rule.hours.size(); ++i) {
        check(rule.hours[i], i, checks);
    }
    checks.must(rule.channels.size() <= kMaxChannels, "channels", "must be at most {} (are {})", kMaxChannels,
                rule.channels.size());
    for (const auto& channel : rule.channels) {
        checks.must(isName(channel.value), "channels", "must be ids of channels (actual: {})", channel.value);
    }
    checkTemplate(rule.title, "title", checks);
    checkTemplate(rule.text, "text", checks);
    return checks.take();
}

Failure invalid(const std::vector<Violation>& violations) {
    Error error{Code::InvalidArgument, "InvalidAlarmRule", {{"message", ""}}, {}};
    for (const auto& [field, problem] : violations) {
        auto& message = error.params.front().second;
        message += fmt::format("{}{} {}", message.empty() ? "" : "; ", field, problem);
        error.params.emplace_back("violation", fmt::format("{}: {}", field, problem));
    }
    return fail(std::move(error));
}

bool watchTheSame(const AlarmRule& a, const AlarmRule& b) noexcept {
    return a.source == b.source && a.op == b.op && a.against == b.against && a.threshold == b.threshold &&
           a.period == b.period && a.violated == b.violated && a.of == b.of && a.noData == b.noData;
}

std::string describe(const AlarmRule& rule) {
    auto text = std::visit([](const auto& source) { return describeSource(source); }, rule.source);
    if (!std::holds_alternative<CompositeSource>(rule.source)) {
        constexpr std::array<std::string_view, 4> kAgainst = {"", "% against the period before",
                                                              "% against the same time yesterday",
                                                              "% against the same time last week"};
        text +=
            fmt::format(" {} {}{}", nameOf(rule.op), rule.threshold, kAgainst[static_cast<std::size_t>(rule.against)]);
    }
    const auto period = formatDuration(rule.period);
    return rule.of == 1 ? fmt::format("{} in {}", text, period)
                        : fmt::format("{} in {} of {} periods of {}", text, rule.violated, rule.of, period);
}

std::string formatDuration(std::chrono::seconds duration) {
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits = {{{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
    std::string text;
    auto left = duration.count();
    for (const auto& [unit, seconds] : kUnits) {
        if (left >= seconds) {
            text += fmt::format("{}{}", left / seconds, unit);
            left %= seconds;
        }
    }
    return text.empty() ? "0s" : text;
}

}  // namespace hanshu::alarms
