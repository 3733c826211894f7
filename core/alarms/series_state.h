// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How one series of one rule goes from OK to firing and back, period by period. A value; one thread at a time.
#pragma once

#include "alarms/rule.h"
#include "base/bytes.h"

#include <deque>

namespace hanshu::alarms {

// As people see it. Stored as numbers: only add at the end.
enum class State : std::uint8_t { Ok, Pending, Firing, Acknowledged, Silenced, Resolved };
[[nodiscard]] std::string_view nameOf(State state) noexcept;  // ok, pending, …

// What a period was: its value, and what it is held against where the rule compares with an earlier one.
struct Observed {
    SystemTime end;
    std::optional<double> value;
    std::optional<double> before;

    // What the threshold is held against.
    [[nodiscard]] std::optional<double> measured(Against against) const noexcept;
    bool operator==(const Observed&) const = default;
};

// Why a state changed.
enum class Cause : std::uint8_t { Value, NoData, Person, Schedule, RuleChanged };
[[nodiscard]] std::string_view nameOf(Cause cause) noexcept;

struct Transition {
    RuleId rule;
    SeriesKey series;
    State from = State::Ok;
    State to = State::Ok;
    Cause cause = Cause::Value;
    SystemTime time;               // the end of the period that made it, or when somebody did
    std::vector<Observed> values;  // of the periods that the rule looked at, the oldest first
    std::string by;                // who, where a person did
};

[[nodiscard]] bool holds(Operator op, double value, double threshold) noexcept;

struct FlapLimits {
    std::uint32_t firings = 5;  // more of them within the window are flapping
    std::chrono::seconds window = std::chrono::hours(1);
};

class SeriesState {
public:
    enum class Phase : std::uint8_t { Ok, Pending, Firing, Resolved };

    // The next period of the rule; true: the phase is another one.
    bool observe(const AlarmRule& rule, const Observed& observed, const FlapLimits& limits);
    // The rule was changed or is gone.
    void end() noexcept;

    [[nodiscard]] Phase phase() const noexcept { return m_phase; }
    [[nodiscard]] bool isFiring() const noexcept { return m_phase == Phase::Firing; }
    [[nodiscard]] State state(bool isSilenced) const noexcept;
    [[nodiscard]] SystemTime since() const noexcept { return m_since; }  // of the phase
    [[nodiscard]] Cause cause() const noexcept { return m_cause; }
    [[nodiscard]] const std::deque<Observed>& values() const noexcept { return m_values; }
    [[nodiscard]] std::optional<double> value(Against against) const;
    // Nothing would be lost without it: it is fine, nobody waits to hear more, and there is no data any more.
    [[nodiscard]] bool isForgettable(const AlarmRule& rule) const noexcept;

    [[nodiscard]] bool isNew() const noexcept { return m_values.empty(); }

    void acknowledge(std::string by) { m_acknowledgedBy = std::move(by); }
    [[nodiscard]] bool isAcknowledged() const noexcept { return !m_acknowledgedBy.empty(); }
    [[nodiscard]] const std::string& acknowledgedBy() const noexcept { return m_acknowledgedBy; }

    // Flapping lasts until it has not begun to fire for a whole window.
    [[nodiscard]] bool isFlapping() const noexcept { return m_isFlapping; }
    [[nodiscard]] bool hasCalmedDown(SystemTime now, const FlapLimits& limits) const noexcept {
        return m_isFlapping && (m_firings.empty() || now - m_firings.back() > limits.window);
    }
    void stopFlapping() noexcept { m_isFlapping = isFlappingTold = false; }

    // What was told of it; kept here because it lives and dies with the series.
    State seen = State::Ok;    // the last one in a transition
    bool isAnnounced = false;  // that it fires, and not yet that it is over
    bool isFlappingTold = false;
    SystemTime notifiedAt;

    // Of the rule that it was written with. False: malformed.
    void write(ByteWriter& out) const;
    [[nodiscard]] static bool read(ByteReader& in, SeriesState& state);

private:
    [[nodiscard]] std::optional<bool> judge(const AlarmRule& rule, const Observed& observed) const;
    void enter(Phase phase, Cause cause, SystemTime at) noexcept;
    void fire(Cause cause, SystemTime at, const FlapLimits& limits);

    Phase m_phase = Phase::Ok;
    Cause m_cause = Cause::Value;
    bool m_isFlapping = false;
    std::uint32_t m_calm = 0;      // periods in a row, while it fires, in which it need not
    std::uint32_t m_blank = 0;     // periods in a row without data
    std::uint64_t m_violated = 0;  // one bit a period, the newest is the lowest
    SystemTime m_since;
    std::string m_acknowledgedBy;
    std::deque<SystemTime> m_firings;  // within the window of flapping
    std::deque<Observed> m_values;
};

}  // namespace hanshu::alarms
