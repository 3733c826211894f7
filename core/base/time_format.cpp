// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/time_format.h"

#include <date/date.h>
#include <fmt/format.h>
#include <array>
#include <sstream>

namespace hanshu {
namespace {

struct Fields {
    date::year_month_day day;
    date::hh_mm_ss<std::chrono::microseconds> time;
    unsigned weekday;
};

Fields split(SystemTime time) {
    const auto days = date::floor<date::days>(time);
    return {date::year_month_day{days}, date::hh_mm_ss<std::chrono::microseconds>{time - days},
            date::weekday{days}.c_encoding()};
}

constexpr std::array kWeekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

Result<SystemTime> parseWith(std::string_view text, const char* format) {
    std::istringstream stream{std::string(text)};
    stream.imbue(std::locale::classic());
    SystemTime time;
    stream >> date::parse(format, time);
    if (stream.fail() || (stream.peek(), !stream.eof())) {
        return fail(Code::InvalidArgument, "InvalidArgument", {{"value", std::string(text)}}, "not a time");
    }
    return time;
}

}  // namespace

std::string formatRfc3339(SystemTime time) {
    const auto f = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{f.day.year()}, unsigned{f.day.month()},
                       unsigned{f.day.day()}, f.time.hours().count(), f.time.minutes().count(),
                       f.time.seconds().count());
}

std::string formatRfc3339Millis(SystemTime time) {
    const auto f = split(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{f.day.year()}, unsigned{f.day.month()},
                       unsigned{f.day.day()}, f.time.hours().count(), f.time.minutes().count(),
                       f.time.seconds().count(), f.time.subseconds().count() / 1000);
}

std::string formatHttpDate(SystemTime time) {
    const auto f = split(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays.at(f.weekday), unsigned{f.day.day()},
                       kMonths.at(unsigned{f.day.month()} - 1), int{f.day.year()}, f.time.hours().count(),
                       f.time.minutes().count(), f.time.seconds().count());
}

std::string formatBasicIso8601(SystemTime time) {
    const auto f = split(time);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", int{f.day.year()}, unsigned{f.day.month()},
                       unsigned{f.day.day()}, f.time.hours().count(), f.time.minutes().count(),
                       f.time.seconds().count());
}

Result<SystemTime> parseRfc3339(std::string_view text) {
    return parseWith(text, !text.empty() && (text.back() == 'Z') ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%S%Ez");
}

Result<SystemTime> parseHttpDate(std::string_view text) {
    return parseWith(text, "%a, %d %b %Y %H:%M:%S GMT");
}

Result<SystemTime> parseBasicIso8601(std::string_view text) {
    return parseWith(text, "%Y%m%dT%H%M%SZ");
}

}  // namespace hanshu
