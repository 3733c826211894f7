// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Values as people read them in a terminal, and back. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu::cli {

// Columns of a terminal that the text takes: wide East Asian characters and emoji two, combining marks none.
[[nodiscard]] std::size_t displayWidth(std::string_view utf8);
// Control characters and broken UTF-8 as \xNN, so that a text from elsewhere can't steer the terminal. Tabs stay.
[[nodiscard]] std::string printable(std::string_view text);

[[nodiscard]] std::string formatSize(double bytes);             // 512 B, 1.5 KiB, 3.2 GiB
[[nodiscard]] std::string formatMicroseconds(double duration);  // 0.4 ms, 12 ms, 1.23 s, 2m 05s
// Within a day of `now` relative (3 minutes ago, in 2 hours), else local (2026-01-02 15:04:05); - for 0.
[[nodiscard]] std::string formatWhen(double unixMs, SystemTime now);
[[nodiscard]] std::string formatWhen(std::string_view rfc3339, SystemTime now);
[[nodiscard]] std::string formatLocal(double unixMs);  // 2026-01-02 15:04:05.123

// 90s, 15m, 1h30m, 2d. InvalidArgument with a sentence.
[[nodiscard]] Result<std::chrono::milliseconds> parseDuration(std::string_view text);
// A duration before `now`, or RFC 3339.
[[nodiscard]] Result<SystemTime> parseSince(std::string_view text, SystemTime now);

// InvalidArgument whose parameter `message` is the sentence.
[[nodiscard]] Failure usage(std::string message);
// Standard output took no more.
[[nodiscard]] Failure outputLost();

}  // namespace hanshu::cli
