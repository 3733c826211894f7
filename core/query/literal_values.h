// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Numbers, durations, sizes and truth as people write them. Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hanshu::query {

// Decimal, with an exponent where there is one; finite.
[[nodiscard]] std::optional<double> parseNumber(std::string_view text);

enum class TimeUnit { Microsecond, Millisecond, Second, Minute, Hour, Day, Week };

struct Duration {
    std::chrono::microseconds value{0};
    TimeUnit finest = TimeUnit::Second;  // the smallest unit that was written
};

// `250ms`, `1.5s`, `1h30m`: numbers with us (µs), ms, s, m, h, d, w in any order; and a bare 0. At most 200 years.
[[nodiscard]] std::optional<Duration> parseDuration(std::string_view text);

// `512`, `1.5KB` (1000 bytes), `128MiB` (1024² bytes): B, KB, MB, GB, TB, KiB, MiB, GiB, TiB in any case. Whole bytes,
// rounded down; at most 2^53.
[[nodiscard]] std::optional<std::int64_t> parseBytes(std::string_view text);

// true, yes, on, 1; false, no, off, 0; in any case.
[[nodiscard]] std::optional<bool> parseBoolean(std::string_view text);

}  // namespace hanshu::query
