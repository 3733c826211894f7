// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/series_state.h"

#include <bit>
#include <cmath>
#include <limits>

namespace hanshu::alarms {
namespace {

[[nodiscard]] std::uint64_t maskOf(std::uint32_t periods) noexcept {
    return (std::uint64_t{1} << periods) - 1;
}

void writeTime(ByteWriter& out, SystemTime time) {
    out.zigzag(time.time_since_epoch().count());
}
[[nodiscard]] SystemTime readTime(ByteReader& in) {
    return SystemTime{std::chrono::microseconds(in.zigzag())};
}

void writeValue(ByteWriter& out, std::optional<double> value) {
    out.byte(value ? 1 : 0);
    if (value) {
        out.fixed(*value);
    }
}
[[nodiscard]] std::optional<double> readValue(ByteReader& in) {
    return in.byte() != 0 ? std::optional(in.fixed<double>()) : std::nullopt;
}

template <class T>
[[nodiscard]] T readEnum(ByteReader& in, T last) {
    const auto value = in.byte();
    if (value > static_cast<std::uint8_t>(last)) {
        in.fail();
        return T{};
    }
    return static_cast<T>(value);
}

}  // namespace

std::string_view nameOf(State state) noexcept {
    constexpr std::array<std::string_view, 6> kNames = {"ok",           "pending",  "firing",
                                                        "acknowledged", "silenced", "resolved"};
    return kNames[static_cast<std::size_t>(state)];
}

std::string_view nameOf(Cause cause) noexcept {
    constexpr std::array<std::string_view, 5> kNames = {"value", "no-data", "person", "schedule", "rule-changed"};
    return kNames[static_cast<std::size_t>(cause)];
}

std::optional<double> Observed::measured(Against against) const noexcept {
    if (against == Against::Value || !value) {
        return value;
    }
    if (!before) {
        return std::nullopt;
    }
    if (*before == 0) {
        return *value == 0 ? 0 : std::copysign(std::numeric_limits<double>::infinity(), *value);
    }
    return (*value - *before) / std::abs(*before) * 100;
}

bool holds(Operator op, double value, double threshold) noexcept {
    switch (op) {
        case Operator::Above:
            return value > threshold;
        case Operator::AtLeast:
            return value >= threshold;
        case Operator::Below:
            return value < threshold;
        case Operator::AtMost:
            return value <= threshold;
        case Operator::Equal:
            return value == threshold;
        case Operator::NotEqual:
            return value != threshold;
    }
    return false;
}

State SeriesState::state(bool isSilenced) const noexcept {
    switch (m_phase) {
        case Phase::Ok:
            return State::Ok;
        case Phase::Pending:
            return State::Pending;
        case Phase::Resolved:
            return State::Resolved;
        case Phase::Firing:
            break;
    }
    return isSilenced ? State::Silenced : isAcknowledged() ? State::Acknowledged : State::Firing;
}

std::optional<double> SeriesState::value(Against against) const {
    return m_values.empty() ? std::nullopt : m_values.back().measured(against);
}

bool SeriesState::isForgettable(const AlarmRule& rule) const noexcept {
    return (m_phase == Phase::Ok || m_phase == Phase::Resolved) && m_blank >= rule.of && m_violated == 0 &&
           !isAnnounced && !m_isFlapping && rule.noData != NoData::Firing;
}

std::optional<bool> SeriesState::judge(const AlarmRule& rule, const Observed& observed) const {
    if (const auto measured = observed.measured(rule.against)) {
        return std::holds_alternative<CompositeSource>(rule.source) ? *measured != 0
                                                                    : holds(rule.op, *measured, rule.threshold);
    }
    switch (rule.noData) {
        case NoData::Ok:
            return false;
        case NoData::Firing:
            return true;
        case NoData::Keep:
        case NoData::Ignore:
            break;
    }
    return std::nullopt;
}

void SeriesState::enter(Phase phase, Cause cause, SystemTime at) noexcept {
    m_phase = phase;
    m_cause = cause;
    m_since = at;
    m_calm = 0;
    if (phase != Phase::Firing) {
        m_acknowledgedBy.clear();
    }
}

void SeriesState::fire(Cause cause, SystemTime at, const FlapLimits& limits) {
    enter(Phase::Firing, cause, at);
    m_firings.push_back(at);
    while (at - m_firings.front() > limits.window || m_firings.size() > limits.firings + 1) {
        m_firings.pop_front();
    }
    m_isFlapping = m_isFlapping || m_firings.size() > limits.firings;
}

bool SeriesState::observe(const AlarmRule& rule, const Observed& observed, const FlapLimits& limits) {
    const auto before = m_phase;
    const auto hasData = observed.measured(rule.against).has_value();
    const auto cause = hasData ? Cause::Value : Cause::NoData;
    m_blank = hasData ? 0 : std::min(m_blank + 1, kMaxPeriods);
    m_values.push_back(observed);
    while (m_values.size() > rule.of) {
        m_values.pop_front();
    }
    const auto verdict = judge(rule, observed);
    if (!verdict) {
        if (rule.noData == NoData::Ignore && m_blank >= rule.of) {
            m_violated = 0;
            if (m_phase == Phase::Firing) {
                enter(Phase::Resolved, cause, observed.end);
            } else if (m_phase == Phase::Pending) {
                enter(Phase::Ok, cause, observed.end);
            }
        }
        return m_phase != before;
    }
    m_violated = (m_violated << 1U | (*verdict ? 1U : 0U)) & maskOf(rule.of);
    const auto isMet = static_cast<std::uint32_t>(std::popcount(m_violated)) >= rule.violated;
    if (m_phase == Phase::Firing) {
        m_calm = isMet ? 0 : m_calm + 1;
        if (m_calm >= rule.calm) {
            enter(Phase::Resolved, cause, observed.end);
        }
    } else if (isMet) {
        fire(cause, observed.end, limits);
    } else if (*verdict && m_phase != Phase::Pending) {
        enter(Phase::Pending, cause, observed.end);
    } else if (m_violated == 0 && m_phase == Phase::Pending) {
        enter(Phase::Ok, cause, observed.end);
    }
    return m_phase != before;
}

void SeriesState::end() noexcept {
    m_violated = 0;
    m_isFlapping = false;
    m_phase = m_phase == Phase::Firing ? Phase::Resolved : Phase::Ok;
    m_cause = Cause::RuleChanged;
}

void SeriesState::write(ByteWriter& out) const {
    out.byte(static_cast<std::uint8_t>(m_phase));
    out.byte(static_cast<std::uint8_t>(m_cause));
    out.byte(static_cast<std::uint8_t>(seen));
    out.byte(
        static_cast<std::uint8_t>((m_isFlapping ? 1U : 0U) | (isFlappingTold ? 2U : 0U) | (isAnnounced ? 4U : 0U)));
    out.varint(m_calm);
    out.varint(m_blank);
    out.varint(m_violated);
    writeTime(out, m_since);
    writeTime(out, notifiedAt);
    out.text(m_acknowledgedBy);
    out.varint(m_firings.size());
    for (const auto at : m_firings) {
        writeTime(out, at);
    }
    // Values are for people, and those of a steady state are soon there again: a state that does not change need not be
    // written with each period.
    const auto count = m_phase == Phase::Pending ? m_values.size() : 0;
    out.varint(count);
    for (std::size_t i = 0; i < count; ++i) {
        writeTime(out, m_values[i].end);
        writeValue(out, m_values[i].value);
        writeValue(out, m_values[i].before);
    }
}

bool SeriesState::read(ByteReader& in, SeriesState& state) {
    state.m_phase = readEnum(in, Phase::Resolved);
    state.m_cause = readEnum(in, Cause::RuleChanged);
    state.seen = readEnum(in, State::Resolved);
    const auto flags = in.byte();
    state.m_isFlapping = (flags & 1U) != 0;
    state.isFlappingTold = (flags & 2U) != 0;
    state.isAnnounced = (flags & 4U) != 0;
    state.m_calm = in.varint32(kMaxPeriods);
    state.m_blank = in.varint32(kMaxPeriods);
    state.m_violated = in.varint() & maskOf(kMaxPeriods);
    state.m_since = readTime(in);
    state.notifiedAt = readTime(in);
    state.m_acknowledgedBy = in.text();
    for (auto left = in.varint32(1000); left > 0 && in.ok(); --left) {
        state.m_firings.push_back(readTime(in));
    }
    for (auto left = in.varint32(kMaxPeriods); left > 0 && in.ok(); --left) {
        const auto end = readTime(in);
        const auto value = readValue(in);
        state.m_values.push_back({end, value, readValue(in)});
    }
    return in.ok();
}

}  // namespace hanshu::alarms
