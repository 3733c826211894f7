// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Times as people write them, against a clock and a zone. Values; any thread.
#pragma once

#include "base/clock.h"
#include "query/literal_values.h"

#include <optional>
#include <string_view>

namespace date {
class time_zone;
}

namespace hanshu::query {

// What a written time covers: `2026-11-22` is a day, `10:30` a minute. From `start` up to, without, `end`.
struct TimeSpan {
    SystemTime start;
    SystemTime end;
};

class TimeReader {
public:
    // `zone`: an IANA name. Nothing when there is no such zone.
    [[nodiscard]] static std::optional<TimeReader> open(SystemTime now, std::string_view zone);

    // Relative: `1h`, `now-1h30m`, `now+5m`, `now` are moments; with `whole` they cover the minute, hour, day … of
    // their finest unit that holds the moment. `today` and `yesterday` are days. Absolute: `2026-11`, `2026-11-22`,
    // `2026-11-22T10`, `…T10:30`, `…T10:30:15`, `…T10:30:15.250`, in the zone unless `Z` or `±hh:mm` follows the time
    // of day; `10:30` and `10:30:15` are today. Years 1970 to 9999. Nothing when it is none of these.
    [[nodiscard]] std::optional<TimeSpan> read(std::string_view text, bool whole) const;

private:
    TimeReader(SystemTime now, const date::time_zone* zone) noexcept : m_now(now), m_zone(zone) {}
    [[nodiscard]] std::optional<TimeSpan> readRelative(std::string_view text, bool whole) const;
    [[nodiscard]] std::optional<TimeSpan> readAbsolute(std::string_view text) const;
    [[nodiscard]] TimeSpan wholeUnit(SystemTime moment, TimeUnit unit) const;
    [[nodiscard]] TimeSpan day(std::int64_t daysFromNow) const;

    // Local times as microseconds since the local epoch. A local time that a clock change skips is the change; of one
    // that it repeats, the first.
    [[nodiscard]] std::chrono::microseconds toLocal(SystemTime time) const;
    [[nodiscard]] SystemTime fromLocal(std::chrono::microseconds local) const;

    SystemTime m_now;
    const date::time_zone* m_zone;  // null: UTC
};

}  // namespace hanshu::query
