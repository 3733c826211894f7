// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/text.h"

#include "base/time_format.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <utility>

namespace hanshu::cli {
namespace {

using Range = std::pair<char32_t, char32_t>;

// Unicode 15, EastAsianWidth.txt: the blocks that are W or F throughout.
constexpr std::array<Range, 22> kWide{{{0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},
                                       {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
                                       {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
                                       {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f004, 0x1f004}, {0x1f300, 0x1f320},
                                       {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff},
                                       {0x20000, 0x2fffd}, {0x30000, 0x3fffd}}};
// Combining marks and format characters that terminals give no column.
constexpr std::array<Range, 9> kZero{{{0x300, 0x36f},
                                      {0x483, 0x489},
                                      {0x591, 0x5bd},
                                      {0x200b, 0x200f},
                                      {0x20d0, 0x20ff},
                                      {0xfe00, 0xfe0f},
                                      {0xfe20, 0xfe2f},
                                      {0x1f3fb, 0x1f3ff},
                                      {0xe0100, 0xe01ef}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
    return std::ranges::any_of(ranges, [c](const Range& range) { return c >= range.first && c <= range.second; });
}

struct Character {
    char32_t code = 0;
    std::size_t length = 1;
    bool valid = false;
};

// The first character of a text that is not empty.
Character decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) {
        return {};
    }
    char32_t code = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0U) != 0x80) {
            return {};
        }
        code = (code << 6U) | (byte(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return {};
    }
    return {code, length, true};
}

std::tm localTime(double unixMs) {
    const auto seconds = static_cast<std::time_t>(std::floor(unixMs / 1000));
    std::tm fields{};
    ::localtime_r(&seconds, &fields);
    return fields;
}

std::string relative(double seconds) {
    const auto size = std::abs(seconds);
    if (size < 1) {
        return "now";
    }
    const auto [count, unit] = size < 60     ? std::pair{size, "second"}
                               : size < 3600 ? std::pair{size / 60, "minute"}
                                             : std::pair{size / 3600, "hour"};
    const auto whole = static_cast<int>(count);
    const auto text = fmt::format("{} {}{}", whole, unit, whole == 1 ? "" : "s");
    return seconds < 0 ? text + " ago" : "in " + text;
}

}  // namespace

std::size_t displayWidth(std::string_view utf8) {
    std::size_t width = 0;
    while (!utf8.empty()) {
        const auto character = decode(utf8);
        utf8.remove_prefix(character.length);
        if (!within(kZero, character.code)) {
            width += within(kWide, character.code) ? 2 : 1;
        }
    }
    return width;
}

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto character = decode(text);
        const bool control = character.code != '\t' && (character.code < 0x20 || character.code == 0x7f ||
                                                        (character.code >= 0x80 && character.code < 0xa0) ||
                                                        (character.code >= 0x202a && character.code <= 0x202e));
        if (character.valid && !control) {
            shown += text.substr(0, character.length);
        } else {
            for (const char c : text.substr(0, character.length)) {
                shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            }
        }
        text.remove_prefix(character.length);
    }
    return shown;
}

std::string formatSize(double bytes) {
    if (bytes < 1024) {
        return fmt::format("{:.0f} B", bytes);
    }
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    bytes /= 1024;
    // Rounded to a tenth, 1023.96 is 1024.0: the next unit says it better.
    while (bytes >= 1023.95 && unit + 1 < kUnits.size()) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string formatMicroseconds(double duration) {
    if (duration < 10'000) {
        return fmt::format("{:.1f} ms", duration / 1000);
    }
    if (duration < 999'500) {
        return fmt::format("{:.0f} ms", duration / 1000);
    }
    if (duration < 59'995'000) {
        return fmt::format("{:.2f} s", duration / 1e6);
    }
    const auto seconds = static_cast<long>(std::lround(duration / 1e6));
    return fmt::format("{}m {:02}s", seconds / 60, seconds % 60);
}

std::string formatWhen(double unixMs, SystemTime now) {
    if (unixMs <= 0) {
        return "-";
    }
    const auto seconds = (unixMs - unixMilliseconds(now)) / 1000;
    constexpr double kDay = 86'400;
    if (std::abs(seconds) < kDay) {
        return relative(seconds);
    }
    return fmt::format("{:%Y-%m-%d %H:%M:%S}", localTime(unixMs));
}

std::string formatWhen(std::string_view rfc3339, SystemTime now) {
    const auto time = parseRfc3339(rfc3339);
    return time ? formatWhen(unixMilliseconds(*time), now) : std::string(rfc3339);
}

std::string formatLocal(double unixMs) {
    const auto millis = static_cast<int>(std::fmod(unixMs, 1000));
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", localTime(unixMs), millis);
}

Result<std::chrono::milliseconds> parseDuration(std::string_view text) {
    const auto whole = text;
    std::chrono::milliseconds sum{0};
    while (!text.empty()) {
        int count = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
        const auto used = static_cast<std::size_t>(parsed.ptr - text.data());
        if (parsed.ec != std::errc{} || count < 0 || used == text.size()) {
            break;
        }
        const char unit = text[used];
        text.remove_prefix(used + 1);
        constexpr std::string_view kUnits = "smhd";
        constexpr std::array<int, 4> kSeconds{1, 60, 3600, 86'400};
        const auto index = kUnits.find(unit);
        if (index == std::string_view::npos) {
            break;
        }
        sum += std::chrono::seconds{static_cast<std::int64_t>(count) * kSeconds[index]};
        if (text.empty()) {
            return sum;
        }
    }
    return usage(fmt::format("'{}' is not a duration such as 90s, 15m, 1h30m or 2d", whole));
}

Result<SystemTime> parseSince(std::string_view text, SystemTime now) {
    if (auto time = parseRfc3339(text)) {
        return *time;
    }
    const auto duration = parseDuration(text);
    if (!duration) {
        return usage(
            fmt::format("'{}' is neither a duration such as 1h nor a time such as 2026-01-02T15:04:05Z", text));
    }
    return std::max(now - *duration, SystemTime{});
}

Failure usage(std::string message) {
    return fail(Code::InvalidArgument, "Usage", {{"message", std::move(message)}});
}

Failure outputLost() {
    return fail(Code::Unknown, "OutputLost");
}

}  // namespace hanshu::cli
