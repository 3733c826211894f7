// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a channel is to be told: one alarm, or many that came at once. Values; any thread.
#pragma once

#include "alarms/series_state.h"

namespace hanshu::alarms {

enum class Event : std::uint8_t { Fired, StillFiring, Resolved, Flapping, DeliveryFailed, DeliveryWorks, Test };
[[nodiscard]] std::string_view nameOf(Event event) noexcept;  // fired, still-firing, …

// An alarm as it was when it was told of; holds all that a message may say.
struct Notice {
    Event event = Event::Fired;
    RuleId rule;
    std::string name;
    Severity severity = Severity::Warning;
    std::map<std::string, std::string> labels;
    std::string condition;  // describe(rule)
    SeriesKey series;
    State state = State::Firing;
    SystemTime time;
    SystemTime since;  // of the state
    std::optional<double> value;
    double threshold = 0;
    Operator op = Operator::Above;
    std::string metric;   // empty: not of a metric
    bool isLate = false;  // of a time in which nobody looked
    std::string title;    // templates; empty: the usual ones
    std::string text;
};

// To one channel. With more than one notice it is a storm, told at once.
struct Message {
    std::string id;  // the same for the same news, also after a restart
    ChannelId channel;
    SystemTime time;
    std::vector<Notice> notices;
};

void write(ByteWriter& out, const Message& message);
// False: malformed.
[[nodiscard]] bool read(ByteReader& in, Message& message);

// One message a notice and channel; where a channel would get more than `storm` of them, one message of all.
[[nodiscard]] std::vector<Message> toMessages(const std::vector<std::pair<Notice, std::set<ChannelId>>>& notices,
                                              std::size_t storm, SystemTime now);

}  // namespace hanshu::alarms
