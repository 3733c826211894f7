// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One line of a log, as it is written and as a query gives it back. Values; any thread.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace hanshu::logs {

// Stored as numbers: only add at the end.
enum class Level : std::uint8_t { None, Trace, Debug, Info, Warn, Error, Fatal };
inline constexpr std::size_t kLevels = 7;
enum class Stream : std::uint8_t { Stdout, Stderr, Logger, Platform };
inline constexpr std::size_t kStreams = 4;

// As they cross the API: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, empty for None; stdout, stderr, logger, platform.
[[nodiscard]] std::string_view nameOf(Level level) noexcept;
[[nodiscard]] std::string_view nameOf(Stream stream) noexcept;
// In any case of letters; WARNING and CRITICAL as Python's logging calls them, too. None for every other name.
[[nodiscard]] Level levelOf(std::string_view name) noexcept;
// Stdout for every other name.
[[nodiscard]] Stream streamOf(std::string_view name) noexcept;

// Sets of levels and streams.
[[nodiscard]] constexpr std::uint32_t maskOf(Level level) noexcept {
    return 1U << static_cast<unsigned>(level);
}
[[nodiscard]] constexpr std::uint32_t maskOf(Stream stream) noexcept {
    return 1U << static_cast<unsigned>(stream);
}
inline constexpr std::uint32_t kAllLevels = (1U << kLevels) - 1;
inline constexpr std::uint32_t kAllStreams = (1U << kStreams) - 1;

// Limits of what is stored; whoever collects lines cuts messages far below (32 KB) and says so.
inline constexpr std::size_t kMaxMessageBytes = 1U << 20U;
inline constexpr std::size_t kMaxFieldBytes = 1024;
// Times on either side of 1970, so that no difference of two overflows.
inline constexpr std::chrono::microseconds kMaxTime{std::int64_t{1} << 61U};

// A line whose texts belong to somebody else.
struct LineView {
    std::uint64_t sequence = 0;  // grows with each line of an account; from 1
    SystemTime time;
    std::string_view function;
    std::string_view qualifier;
    std::string_view instance;
    std::string_view requestId;
    Level level = Level::None;
    Stream stream = Stream::Stdout;
    std::string_view message;
};

struct Line {
    Line() = default;
    explicit Line(const LineView& view)
        : sequence(view.sequence),
          time(view.time),
          function(view.function),
          qualifier(view.qualifier),
          instance(view.instance),
          requestId(view.requestId),
          level(view.level),
          stream(view.stream),
          message(view.message) {}
    [[nodiscard]] LineView view() const noexcept {
        return {sequence, time, function, qualifier, instance, requestId, level, stream, message};
    }
    bool operator==(const Line&) const = default;

    std::uint64_t sequence = 0;
    SystemTime time;
    std::string function;
    std::string qualifier;
    std::string instance;
    std::string requestId;
    Level level = Level::None;
    Stream stream = Stream::Stdout;
    std::string message;
};

}  // namespace hanshu::logs
