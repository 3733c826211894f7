// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// When a timer fires: `@every` with a Go duration, or six cron fields with an optional time zone (reference 4.2).
// Values; any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace date {
class time_zone;
}

namespace hanshu::triggers {

struct EveryRule {
    std::chrono::microseconds period{0};
};
struct CronRule {
    std::bitset<60> seconds;
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;     // of the month, 1-31
    std::bitset<13> months;   // 1-12
    std::bitset<8> weekdays;  // 1 = Monday … 7 = Sunday
    bool anyDay = false;      // the day of the month is * or ?
    bool anyWeekday = false;
    const date::time_zone* zone = nullptr;  // null: UTC
};

class Schedule {
public:
    // `@every 5m30s` (h, m, s; at least 1 s), or `[CRON_TZ=Zone ]Seconds Minutes Hours Day-of-month Month Day-of-week`:
    // numbers, `*`, lists, ranges and steps; JAN-DEC; 1-7 or MON-SUN with 1 = Monday; `?` for a day that the other day
    // field decides. UTC without a zone. InvalidArgument with `message`, also for a date that never comes (30
    // February).
    [[nodiscard]] static Result<Schedule> parse(std::string_view expression);

    // The first moment after `after`; none when it does not come within 41 years. `origin` anchors @every: it
    // fires at origin + n · period, so that a restart does not shift it. A local time that a clock change skips fires
    // at the change; one that it repeats fires once.
    [[nodiscard]] std::optional<SystemTime> next(SystemTime after, SystemTime origin) const;

private:
    [[nodiscard]] static Result<Schedule> parseEvery(std::string_view duration);
    [[nodiscard]] static Result<Schedule> parseCron(std::string_view expression);
    [[nodiscard]] static std::optional<SystemTime> nextOf(const CronRule& cron, SystemTime after);

    std::variant<EveryRule, CronRule> m_rule;
};

}  // namespace hanshu::triggers
