// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/literal_values.h"

#include "query/characters.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hanshu::query {
namespace {

struct NamedUnit {
    std::string_view name;
    TimeUnit unit;
    double microseconds;
};
constexpr std::array<NamedUnit, 9> kTimeUnits{{
    {"us", TimeUnit::Microsecond, 1},
    {"\xc2\xb5s", TimeUnit::Microsecond, 1},  // micro sign
    {"\xce\xbcs", TimeUnit::Microsecond, 1},  // Greek mu, which keyboards give
    {"ms", TimeUnit::Millisecond, 1e3},
    {"s", TimeUnit::Second, 1e6},
    {"m", TimeUnit::Minute, 60e6},
    {"h", TimeUnit::Hour, 3600e6},
    {"d", TimeUnit::Day, 86400e6},
    {"w", TimeUnit::Week, 7 * 86400e6},
}};
constexpr double kLongest = 200 * 366 * 86400e6;  // µs; keeps sums with today's time far from any overflow

struct NamedSize {
    std::string_view name;
    double bytes;
};
constexpr std::array<NamedSize, 10> kSizes{{
    {"", 1},
    {"b", 1},
    {"kb", 1e3},
    {"mb", 1e6},
    {"gb", 1e9},
    {"tb", 1e12},
    {"kib", 1024.0},
    {"mib", 1024.0 * 1024},
    {"gib", 1024.0 * 1024 * 1024},
    {"tib", 1024.0 * 1024 * 1024 * 1024},
}};
constexpr double kLargest = 9007199254740992.0;  // 2^53: up to here a double holds every whole number

// The decimal fraction in front of a unit, without sign and exponent; takes it from `text`.
std::optional<double> takeAmount(std::string_view& text) {
    const auto length = std::min(text.find_first_not_of("0123456789."), text.size());
    double amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + length, amount, std::chars_format::fixed);
    if (length == 0 || error != std::errc{} || end != text.data() + length) {
        return std::nullopt;
    }
    text.remove_prefix(length);
    return amount;
}

}  // namespace

std::optional<double> parseNumber(std::string_view text) {
    double number = 0;
    const auto* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{} || end != last || !std::isfinite(number)) {
        return std::nullopt;
    }
    return number;
}

std::optional<Duration> parseDuration(std::string_view text) {
    if (text == "0") {
        return Duration{};
    }
    if (text.empty()) {
        return std::nullopt;
    }
    double sum = 0;
    auto finest = TimeUnit::Week;
    while (!text.empty()) {
        const auto amount = takeAmount(text);
        const auto name = text.substr(0, text.find_first_of("0123456789."));
        const NamedUnit* unit = nullptr;
        for (const auto& known : kTimeUnits) {
            unit = known.name == name ? &known : unit;
        }
        if (!amount || unit == nullptr) {
            return std::nullopt;
        }
        text.remove_prefix(name.size());
        sum += *amount * unit->microseconds;
        finest = std::min(finest, unit->unit);
    }
    if (!(sum <= kLongest)) {
        return std::nullopt;
    }
    return Duration{std::chrono::microseconds{std::llround(sum)}, finest};
}

std::optional<std::int64_t> parseBytes(std::string_view text) {
    const auto amount = takeAmount(text);
    if (!amount) {
        return std::nullopt;
    }
    for (const auto& size : kSizes) {
        if (equalIgnoringCase(text, size.name) && *amount * size.bytes <= kLargest) {
            return static_cast<std::int64_t>(*amount * size.bytes);
        }
    }
    return std::nullopt;
}

std::optional<bool> parseBoolean(std::string_view text) {
    for (const std::string_view yes : {"true", "yes", "on", "1"}) {
        if (equalIgnoringCase(text, yes)) {
            return true;
        }
    }
    for (const std::string_view no : {"false", "no", "off", "0"}) {
        if (equalIgnoringCase(text, no)) {
            return false;
        }
    }
    return std::nullopt;
}

}  // namespace hanshu::query
