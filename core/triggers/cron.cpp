// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "triggers/cron.h"

#include <date/date.h>
#include <date/tz.h>
#include <fmt/format.h>
#include <array>
#include <charconv>
#include <span>
#include <vector>

namespace hanshu::triggers {
namespace {

using namespace std::chrono_literals;

// The rarest date of a calendar, 29 February on one weekday, comes back within 40 years; a year more for its edges.
constexpr int kSearchDays = 41 * 366;

Failure wrong(std::string_view expression, std::string_view problem) {
    return fail(
        Code::InvalidArgument, "InvalidArgument",
        {{"field", "triggerConfig.cronExpression"},
         {"message", fmt::format("cronExpression '{}' is not valid: {}; write '@every 5m' or six fields such as "
                                 "'0 30 8 * * *'",
                                 expression, problem)}});
}

constexpr std::array<std::string_view, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                   "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};

std::optional<int> parseNumber(std::string_view text, std::span<const std::string_view> names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (text == names[i]) {
            return static_cast<int>(i) + 1;
        }
    }
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

// One field such as `1,5-10/2,*`; false when it is not one.
template <std::size_t N>
bool parseField(std::string_view text, int low, int high, std::span<const std::string_view> names,
                std::bitset<N>& into) {
    for (const auto part : split(text, ',')) {
        const auto slash = part.find('/');
        const auto range = part.substr(0, slash);
        std::optional<int> step = 1;
        if (slash != std::string_view::npos) {
            step = parseNumber(part.substr(slash + 1), {});
        }
        std::optional<int> first = low;
        std::optional<int> last = high;
        if (range != "*" && range != "?") {
            const auto dash = range.find('-');
            first = parseNumber(range.substr(0, dash), names);
            last = dash == std::string_view::npos ? (slash == std::string_view::npos ? first : std::optional(high))
                                                  : parseNumber(range.substr(dash + 1), names);
        }
        if (!step || *step < 1 || !first || !last || *first < low || *last > high || *first > *last) {
            return false;
        }
        for (int value = *first; value <= *last; value += *step) {
            into.set(static_cast<std::size_t>(value));
        }
    }
    return true;
}

template <std::size_t N>
std::optional<unsigned> firstFrom(const std::bitset<N>& set, unsigned from) {
    for (auto i = from; i < N; ++i) {
        if (set.test(i)) {
            return i;
        }
    }
    return std::nullopt;
}

SystemTime toSystem(const date::time_zone* zone, date::local_seconds local) {
    if (zone == nullptr) {
        return SystemTime{local.time_since_epoch()};
    }
    return SystemTime{zone->to_sys(local, date::choose::earliest).time_since_epoch()};
}

}  // namespace

Result<Schedule> Schedule::parse(std::string_view expression) {
    constexpr std::string_view kEvery = "@every ";
    if (expression.starts_with(kEvery)) {
        return parseEvery(expression.substr(kEvery.size()));
    }
    return parseCron(expression);
}

Result<Schedule> Schedule::parseEvery(std::string_view duration) {
    const auto whole = duration;
    std::chrono::duration<double> total{0};
    while (!duration.empty()) {
        double value = 0;
        const auto [end, error] =
            std::from_chars(duration.data(), duration.data() + duration.size(), value, std::chars_format::fixed);
        if (error != std::errc() || end == duration.data() + duration.size() || value < 0) {
            return wrong(whole, "a duration is numbers with units, such as 1h30m or 10s");
        }
        if (*end == 'h') {
            total += std::chrono::duration<double, std::ratio<3600>>(value);
        } else if (*end == 'm') {
            total += std::chrono::duration<double, std::ratio<60>>(value);
        } else if (*end == 's') {
            total += std::chrono::duration<double>(value);
        } else {
            return wrong(whole, "the units of a duration are h, m and s");
        }
        duration.remove_prefix(static_cast<std::size_t>(end + 1 - duration.data()));
    }
    constexpr auto kLongest = std::chrono::hours(24 * 366);
    if (total < 1s || total > kLongest) {
        return wrong(whole, "the period must be between 1 s and a year");
    }
    Schedule schedule;
    schedule.m_rule = EveryRule{std::chrono::duration_cast<std::chrono::microseconds>(total)};
    return schedule;
}

Result<Schedule> Schedule::parseCron(std::string_view expression) {
    const auto whole = expression;
    CronRule cron;
    constexpr std::string_view kZone = "CRON_TZ=";
    if (expression.starts_with(kZone)) {
        const auto space = expression.find(' ');
        const std::string name(expression.substr(kZone.size(), space - kZone.size()));
        try {
            cron.zone = date::locate_zone(name);
        } catch (const std::exception&) {
            return wrong(whole, fmt::format("there is no time zone '{}'", name));
        }
        expression = space == std::string_view::npos ? std::string_view{} : expression.substr(space + 1);
    }
    std::vector<std::string_view> fields;
    for (const auto field : split(expression, ' ')) {
        if (!field.empty()) {
            fields.push_back(field);
        }
    }
    constexpr std::size_t kFields = 6;
    if (fields.size() != kFields) {
        return wrong(whole,
                     fmt::format("it has {} fields, not 6 (seconds, minutes, hours, day of month, month, day of week)",
                                 fields.size()));
    }
    if (!parseField(fields[0], 0, 59, {}, cron.seconds)) {
        return wrong(whole, "seconds must be within 0-59");
    }
    if (!parseField(fields[1], 0, 59, {}, cron.minutes)) {
        return wrong(whole, "minutes must be within 0-59");
    }
    if (!parseField(fields[2], 0, 23, {}, cron.hours)) {
        return wrong(whole, "hours must be within 0-23");
    }
    if (!parseField(fields[3], 1, 31, {}, cron.days)) {
        return wrong(whole, "the day of the month must be within 1-31");
    }
    if (!parseField(fields[4], 1, 12, kMonths, cron.months)) {
        return wrong(whole, "the month must be within 1-12 or JAN-DEC");
    }
    if (!parseField(fields[5], 1, 7, kWeekdays, cron.weekdays)) {
        return wrong(whole, "the day of the week must be within 1-7 or MON-SUN");
    }
    cron.anyDay = fields[3] == "*" || fields[3] == "?";
    cron.anyWeekday = fields[5] == "*" || fields[5] == "?";
    // From any day on, the calendar's rarest date comes within what is searched.
    if (!nextOf(cron, SystemTime{})) {
        return wrong(whole, "it never fires, because none of its months has such a day");
    }
    Schedule schedule;
    schedule.m_rule = cron;
    return schedule;
}

std::optional<SystemTime> Schedule::next(SystemTime after, SystemTime origin) const {
    if (const auto* every = std::get_if<EveryRule>(&m_rule)) {
        if (after < origin) {
            return origin + every->period;
        }
        return origin + ((after - origin) / every->period + 1) * every->period;
    }
    return nextOf(std::get<CronRule>(m_rule), after);
}

std::optional<SystemTime> Schedule::nextOf(const CronRule& cron, SystemTime after) {
    const auto second = date::floor<std::chrono::seconds>(after) + 1s;
    const auto local =
        cron.zone == nullptr ? date::local_seconds{second.time_since_epoch()} : cron.zone->to_local(second);
    auto day = date::floor<date::days>(local);
    auto from = local - date::local_seconds{day};
    for (int i = 0; i < kSearchDays; ++i, day += date::days{1}, from = 0s) {
        const date::year_month_day ymd{day};
        const bool dayFits = cron.days.test(unsigned{ymd.day()});
        const bool weekdayFits = cron.weekdays.test(date::weekday{day}.iso_encoding());
        // As every cron: where both day fields are restricted, either suffices.
        const bool fits = cron.anyDay || cron.anyWeekday ? dayFits && weekdayFits : dayFits || weekdayFits;
        if (!cron.months.test(unsigned{ymd.month()}) || !fits) {
            continue;
        }
        const date::hh_mm_ss<std::chrono::seconds> start{from};
        const auto startHour = static_cast<unsigned>(start.hours().count());
        for (auto hour = firstFrom(cron.hours, startHour); hour; hour = firstFrom(cron.hours, *hour + 1)) {
            const auto startMinute = *hour == startHour ? static_cast<unsigned>(start.minutes().count()) : 0U;
            for (auto minute = firstFrom(cron.minutes, startMinute); minute;
                 minute = firstFrom(cron.minutes, *minute + 1)) {
                const bool first = *hour == startHour && *minute == static_cast<unsigned>(start.minutes().count());
                const auto at = firstFrom(cron.seconds, first ? static_cast<unsigned>(start.seconds().count()) : 0U);
                if (!at) {
                    continue;
                }
                const auto time = toSystem(cron.zone, date::local_seconds{day} + std::chrono::hours(*hour) +
                                                          std::chrono::minutes(*minute) + std::chrono::seconds(*at));
                // In an hour that a clock change repeats, the earlier one has been.
                if (time > after) {
                    return time;
                }
            }
        }
    }
    return std::nullopt;
}

}  // namespace hanshu::triggers
