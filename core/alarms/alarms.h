// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The door of the room: rules, their states, and messages on their way, kept together in one store. Any thread; tick
// from one at a time, and deliver from another, since it waits for networks.
#pragma once

#include "alarms/notify/delivery.h"
#include "alarms/preview.h"

namespace hanshu::alarms {

class Alarms {
public:
    // Of the rule that says which channels do not work; the detail of its series is the channel.
    static constexpr std::string_view kDeliveryRule = "hanshu.delivery";

    struct Options {
        EngineOptions engine;
        DeliveryOptions delivery;
    };
    struct Tick {
        Evaluation evaluation;
        std::optional<Error> notSaved;  // is tried again with the next tick; what was found is told all the same
    };

    // The ports outlive it.
    Alarms(ValueSource& values, StateStore& store, Sender& sender, const Options& options);

    // Loads the states of these rules. What is wrong or damaged is left out and told; the error of the store itself
    // ends it.
    [[nodiscard]] Result<std::vector<std::string>> start(std::vector<AlarmRule> rules, std::vector<Channel> channels,
                                                         SystemTime now);

    // As Engine's. A rule may name only channels that there are.
    [[nodiscard]] Result<void> put(AlarmRule rule, SystemTime now);
    [[nodiscard]] Result<void> remove(const RuleId& id, SystemTime now);
    [[nodiscard]] Result<void> setChannels(std::vector<Channel> channels, SystemTime now);
    [[nodiscard]] Result<void> acknowledge(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                           SystemTime now);
    [[nodiscard]] Result<void> silence(const RuleId& id, Silence silence, SystemTime now);
    [[nodiscard]] Result<void> unsilence(const RuleId& id, const std::optional<SeriesKey>& series, std::string by,
                                         SystemTime now);
    void forget(const SeriesGlobs& series, SystemTime now);
    [[nodiscard]] std::vector<AlarmStatus> alarms(SystemTime now) const;
    [[nodiscard]] std::vector<RuleStatus> rules(SystemTime now) const;
    // Does not hold up ticks.
    [[nodiscard]] Result<Preview> preview(const AlarmRule& rule, SystemTime from, SystemTime to) const;

    // Evaluates what is due, and keeps states and messages in one write: neither is lost or doubled by a crash. Every
    // few seconds; costs little when nothing is due.
    [[nodiscard]] Tick tick(SystemTime now);
    // Sends what is due, and keeps what became of it. A message that is given up fires kDeliveryRule, which other
    // channels hear of.
    [[nodiscard]] std::vector<Delivery> deliver(SystemTime now);
    [[nodiscard]] std::optional<SystemTime> nextDelivery() const { return m_queue.nextDue(); }
    // Sends a message at once, to see whether it comes, which also ends the alarm that it does not. Blocks.
    [[nodiscard]] Result<void> test(const ChannelId& id, SystemTime now);

private:
    void declareDelivery(SystemTime now);
    void report(const ChannelId& channel, bool isFiring, SystemTime now);
    [[nodiscard]] std::optional<Error> save(std::vector<StateStore::Record> ofEngine);

    ValueSource& m_values;
    StateStore& m_store;
    Sender& m_sender;
    Options m_options;
    mutable std::mutex m_mutex;  // of the engine; before the queue's own
    Engine m_engine;
    DeliveryQueue m_queue;
};

}  // namespace hanshu::alarms
