// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Times as text, always UTC. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu {

[[nodiscard]] std::string formatRfc3339(SystemTime time);        // 2006-01-02T15:04:05Z
[[nodiscard]] std::string formatRfc3339Millis(SystemTime time);  // 2006-01-02T15:04:05.000Z
[[nodiscard]] std::string formatHttpDate(SystemTime time);       // Mon, 02 Jan 2006 15:04:05 GMT (RFC 7231 7.1.1.1)
[[nodiscard]] std::string formatBasicIso8601(SystemTime time);   // 20060102T150405Z (SigV4)

// Each accepts exactly the form above; InvalidArgument otherwise.
[[nodiscard]] Result<SystemTime> parseRfc3339(std::string_view text);  // fraction and Z or ±hh:mm allowed
[[nodiscard]] Result<SystemTime> parseHttpDate(std::string_view text);
[[nodiscard]] Result<SystemTime> parseBasicIso8601(std::string_view text);

}  // namespace hanshu
