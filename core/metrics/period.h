// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Time as metrics count it: periods of ten seconds since 1970, and the levels that files of them come in. Values; any
// thread.
#pragma once

#include "base/clock.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hanshu::metrics {

// The number of a period; period n begins 10 n seconds after 1970.
using Period = std::int64_t;
inline constexpr std::chrono::seconds kPeriod{10};
// The year 2603: fits 32 bits, and sums of two and a span never overflow.
inline constexpr Period kMaxPeriod = 2'000'000'000;

[[nodiscard]] constexpr std::int64_t floorDivide(std::int64_t value, std::int64_t by) noexcept {
    return value / by - (value % by < 0 ? 1 : 0);
}
[[nodiscard]] constexpr Period periodOf(SystemTime time) noexcept {
    return floorDivide(time.time_since_epoch().count(), std::chrono::microseconds(kPeriod).count());
}
[[nodiscard]] constexpr SystemTime startOf(Period period) noexcept {
    return SystemTime{std::chrono::microseconds(kPeriod) * period};
}

// What one sample stands for.
enum class Resolution : std::uint8_t { TenSeconds, Minute, Hour };
inline constexpr std::array<Period, 3> kPeriodsPerSample = {1, 6, 360};
[[nodiscard]] constexpr Period periodsOf(Resolution resolution) noexcept {
    return kPeriodsPerSample[static_cast<std::size_t>(resolution)];
}

// Files, by what is in one. A level's files begin at multiples of its span. Stored as numbers: only add at the end.
enum class Level : std::uint8_t {
    TenSeconds,     // ten minutes
    MinutesOfHour,  // until the day is over
    MinutesOfDay,
    HoursOfDay,    // until the thirty days are over
    HoursOfMonth,  // thirty days
};
inline constexpr std::size_t kLevels = 5;
struct LevelShape {
    Resolution resolution;
    Period span;  // periods a file
};
inline constexpr std::array<LevelShape, kLevels> kLevelShapes = {{
    {Resolution::TenSeconds, 60},
    {Resolution::Minute, 360},
    {Resolution::Minute, 8640},
    {Resolution::Hour, 8640},
    {Resolution::Hour, 30 * 8640},
}};
[[nodiscard]] constexpr const LevelShape& shapeOf(Level level) noexcept {
    return kLevelShapes[static_cast<std::size_t>(level)];
}
[[nodiscard]] constexpr Period samplesOf(Level level) noexcept {
    return shapeOf(level).span / periodsOf(shapeOf(level).resolution);
}
// The start of the file of this level that a period belongs to.
[[nodiscard]] constexpr Period windowOf(Level level, Period period) noexcept {
    return floorDivide(period, shapeOf(level).span) * shapeOf(level).span;
}

}  // namespace hanshu::metrics
