// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which lines are asked for. What an index can serve stands here in its own field; the rest is the predicate. Values.
#pragma once

#include "logs/line.h"

#include <functional>
#include <optional>
#include <vector>

namespace hanshu::logs {

// Of one field: any of these values, or what the function accepts; everything when both are empty.
struct ValueFilter {
    std::vector<std::string> anyOf;
    // Called once for each distinct value of a segment or so, not once a line.
    std::function<bool(std::string_view)> accepts;

    [[nodiscard]] bool isAny() const noexcept { return anyOf.empty() && !accepts; }
    [[nodiscard]] bool has(std::string_view value) const;
};

struct Filter {
    ValueFilter function;
    ValueFilter qualifier;
    ValueFilter instance;
    ValueFilter requestId;
    std::uint32_t levels = kAllLevels;
    std::uint32_t streams = kAllStreams;
    std::optional<SystemTime> since;  // at or after
    std::optional<SystemTime> until;  // before
    std::optional<std::uint64_t> afterSequence;
    std::optional<std::uint64_t> beforeSequence;
    // The message contains one of each group, whatever the case of ASCII letters. Three bytes and more are looked up;
    // shorter ones are searched for. For a regular expression, give what each match must contain, too: it is what
    // keeps blocks from being read.
    std::vector<std::vector<std::string>> text;
    // Called for the lines that satisfy all of the above.
    std::function<bool(const LineView&)> predicate;
};

}  // namespace hanshu::logs
