// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/time_reader.h"

#include "query/characters.h"

#include <date/date.h>
#include <date/tz.h>
#include <array>
#include <charconv>
#include <string>

namespace hanshu::query {
namespace {

using std::chrono::microseconds;

// Takes exactly `digits` digits from the front.
std::optional<int> takeDigits(std::string_view& text, std::size_t digits) {
    if (text.size() < digits || text.substr(0, digits).find_first_not_of("0123456789") != std::string_view::npos) {
        return std::nullopt;
    }
    int value = 0;
    std::from_chars(text.data(), text.data() + digits, value);
    text.remove_prefix(digits);
    return value;
}

bool takeCharacter(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<int> takeTwo(std::string_view& text, int below) {
    const auto value = takeDigits(text, 2);
    return value && *value < below ? value : std::nullopt;
}

// A time of day from midnight, and how much it leaves open.
struct TimeOfDay {
    microseconds start{0};
    microseconds width = std::chrono::hours{24};
};

// `.250`: up to six digits count.
bool takeFraction(std::string_view& text, TimeOfDay& time) {
    const auto length = std::min(text.find_first_not_of("0123456789"), text.size());
    if (length == 0 || length > 9) {
        return false;
    }
    microseconds unit = std::chrono::seconds{1};
    for (std::size_t i = 0; i < length && unit.count() > 1; ++i) {
        unit /= 10;
        time.start += unit * (text[i] - '0');
    }
    time.width = unit;
    text.remove_prefix(length);
    return true;
}

// `10`, `10:30`, `10:30:15`, `10:30:15.250`.
std::optional<TimeOfDay> takeTimeOfDay(std::string_view& text) {
    TimeOfDay time;
    const auto hour = takeTwo(text, 24);
    if (!hour) {
        return std::nullopt;
    }
    time = {std::chrono::hours{*hour}, std::chrono::hours{1}};
    if (takeCharacter(text, ':')) {
        const auto minute = takeTwo(text, 60);
        if (!minute) {
            return std::nullopt;
        }
        time = {time.start + std::chrono::minutes{*minute}, std::chrono::minutes{1}};
        if (takeCharacter(text, ':')) {
            const auto second = takeTwo(text, 60);
            if (!second) {
                return std::nullopt;
            }
            time = {time.start + std::chrono::seconds{*second}, std::chrono::seconds{1}};
            if (takeCharacter(text, '.') && !takeFraction(text, time)) {
                return std::nullopt;
            }
        }
    }
    return time;
}

// `Z`, `+08:00`, `-0330`: all of the text.
std::optional<std::chrono::minutes> readOffset(std::string_view text) {
    if (text == "Z" || text == "z") {
        return std::chrono::minutes{0};
    }
    const int sign = takeCharacter(text, '+') ? 1 : takeCharacter(text, '-') ? -1 : 0;
    const auto hours = takeTwo(text, 24);
    takeCharacter(text, ':');
    const auto minutes = takeTwo(text, 60);
    if (sign == 0 || !hours || !minutes || !text.empty()) {
        return std::nullopt;
    }
    return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

microseconds sinceEpoch(date::year_month_day day) {
    return date::local_days{day}.time_since_epoch();
}

}  // namespace

std::optional<TimeReader> TimeReader::open(SystemTime now, std::string_view zone) {
    if (zone.empty() || zone == "UTC") {
        return TimeReader(now, nullptr);
    }
    try {
        return TimeReader(now, date::locate_zone(std::string(zone)));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<TimeSpan> TimeReader::read(std::string_view text, bool whole) const {
    if (auto relative = readRelative(text, whole)) {
        return relative;
    }
    return readAbsolute(text);
}

std::optional<TimeSpan> TimeReader::readRelative(std::string_view text, bool whole) const {
    if (equalIgnoringCase(text, "today")) {
        return day(0);
    }
    if (equalIgnoringCase(text, "yesterday")) {
        return day(-1);
    }
    int sign = -1;
    if (startsIgnoringCase(text, "now")) {
        text.remove_prefix(3);
        if (text.empty()) {
            text = "0";
        } else if (takeCharacter(text, '+')) {
            sign = 1;
        } else if (!takeCharacter(text, '-')) {
            return std::nullopt;
        }
    }
    const auto read = parseDuration(text);
    if (!read) {
        return std::nullopt;
    }
    const auto moment = m_now + sign * read->value;
    return whole ? wholeUnit(moment, read->finest) : TimeSpan{moment, moment + microseconds{1}};
}

std::optional<TimeSpan> TimeReader::readAbsolute(std::string_view text) const {
    if (text.size() > 2 && text[2] == ':') {
        const auto time = takeTimeOfDay(text);
        if (!time || !text.empty()) {
            return std::nullopt;
        }
        const auto midnight = date::floor<date::days>(toLocal(m_now));
        return TimeSpan{fromLocal(midnight + time->start), fromLocal(midnight + time->start + time->width)};
    }
    const auto year = takeDigits(text, 4);
    if (!year || *year < 1970 || !takeCharacter(text, '-')) {
        return std::nullopt;
    }
    const auto month = takeDigits(text, 2);
    if (!month || *month < 1 || *month > 12) {
        return std::nullopt;
    }
    const date::year_month yearMonth{date::year{*year}, date::month{static_cast<unsigned>(*month)}};
    if (text.empty()) {
        const auto next = yearMonth + date::months{1};
        return TimeSpan{fromLocal(sinceEpoch(yearMonth / 1)), fromLocal(sinceEpoch(next / 1))};
    }
    const bool dash = takeCharacter(text, '-');
    const auto dayOfMonth = takeDigits(text, 2);
    if (!dash || !dayOfMonth || !(yearMonth / *dayOfMonth).ok()) {
        return std::nullopt;
    }
    const auto midnight = sinceEpoch(yearMonth / *dayOfMonth);
    TimeOfDay time;
    if (takeCharacter(text, 'T') || takeCharacter(text, 't')) {
        const auto read = takeTimeOfDay(text);
        if (!read) {
            return std::nullopt;
        }
        time = *read;
        if (const auto offset = readOffset(text)) {
            const auto start = SystemTime{midnight + time.start - *offset};
            return TimeSpan{start, start + time.width};
        }
    }
    if (!text.empty()) {
        return std::nullopt;
    }
    return TimeSpan{fromLocal(midnight + time.start), fromLocal(midnight + time.start + time.width)};
}

TimeSpan TimeReader::wholeUnit(SystemTime moment, TimeUnit unit) const {
    constexpr std::array<std::int64_t, 7> kWidths{
        1, 1'000, 1'000'000, 60'000'000, 3'600'000'000, 86'400'000'000, 86'400'000'000};
    const auto width = kWidths.at(static_cast<std::size_t>(unit));
    const auto local = toLocal(moment).count();
    const auto rest = (local % width + width) % width;
    if (unit < TimeUnit::Hour) {
        // Offsets of zones are whole minutes, and below an hour a clock change can't stretch the span.
        const auto start = moment - microseconds{rest};
        return {start, start + microseconds{width}};
    }
    const microseconds start{local - rest};
    return {fromLocal(start), fromLocal(start + microseconds{width})};
}

TimeSpan TimeReader::day(std::int64_t daysFromNow) const {
    const auto midnight = date::floor<date::days>(toLocal(m_now)) + date::days{daysFromNow};
    return {fromLocal(midnight), fromLocal(midnight + date::days{1})};
}

microseconds TimeReader::toLocal(SystemTime time) const {
    if (m_zone == nullptr) {
        return time.time_since_epoch();
    }
    return m_zone->to_local(time).time_since_epoch();
}

SystemTime TimeReader::fromLocal(microseconds local) const {
    if (m_zone == nullptr) {
        return SystemTime{local};
    }
    return m_zone->to_sys(date::local_time<microseconds>{local}, date::choose::earliest);
}

}  // namespace hanshu::query
