// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/effective_hours.h"

#include <date/tz.h>

namespace hanshu::alarms {
namespace {

[[nodiscard]] const date::time_zone* findZone(std::string_view name) {
    try {
        return date::locate_zone(std::string(name));
    } catch (const std::exception&) {
        return nullptr;
    }
}

}  // namespace

bool isZone(std::string_view name) {
    return !name.empty() && findZone(name) != nullptr;
}

Hours::Hours(const std::vector<EffectiveHours>& hours) {
    for (const auto& span : hours) {
        m_spans.push_back({span, findZone(span.zone)});
    }
}

bool Hours::contain(SystemTime time) const {
    const auto isIn = [time](const Span& span) {
        const auto local =
            (span.zone == nullptr ? time : SystemTime{span.zone->to_local(time).time_since_epoch()}).time_since_epoch();
        const auto day = std::chrono::floor<std::chrono::days>(local);
        const auto minute = std::chrono::floor<std::chrono::minutes>(local - day);
        // 1970 began on a Thursday.
        const auto weekday = static_cast<std::size_t>(((day.count() + 3) % 7 + 7) % 7);
        const auto& [zone, weekdays, from, until] = span.hours;
        if (from < until) {
            return weekdays[weekday] && minute >= from && minute < until;
        }
        return (weekdays[weekday] && minute >= from) || (weekdays[(weekday + 6) % 7] && minute < until);
    };
    return m_spans.empty() || std::ranges::any_of(m_spans, isIn);
}

}  // namespace hanshu::alarms
