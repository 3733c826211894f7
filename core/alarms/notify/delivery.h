// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages on their way: tried until their channel takes them, further and further apart, and given up after a time.
// Any thread; deliver from one at a time.
#pragma once

#include "alarms/notice.h"
#include "alarms/notify/channel.h"
#include "alarms/ports.h"

#include <mutex>

namespace hanshu::alarms {

// Tells a channel. Blocks until it has taken the message or refused it; has a time limit of its own.
class Sender {
public:
    virtual ~Sender() = default;
    [[nodiscard]] virtual Result<void> send(const Channel& channel, const Message& message, SystemTime now) = 0;
};

struct DeliveryOptions {
    std::chrono::seconds firstRetry{5};  // then twice as long each time
    std::chrono::seconds longestRetry = std::chrono::minutes(10);
    // News of an alarm that are older help nobody.
    std::chrono::seconds giveUpAfter = std::chrono::hours(1);
    // The oldest go when there are more: a channel that is gone must not fill the memory.
    std::size_t maxWaiting = 10'000;
};

struct Delivery {
    ChannelId channel;
    std::string message;  // its id
    std::uint32_t attempts = 0;
    enum class Outcome : std::uint8_t { Delivered, WillRetry, GivenUp } outcome = Outcome::Delivered;
    std::optional<Error> error;
};

class DeliveryQueue {
public:
    explicit DeliveryQueue(const DeliveryOptions& options = {}) : m_options(options) {}

    void setChannels(std::vector<Channel> channels);
    [[nodiscard]] std::optional<Channel> channel(const ChannelId& id) const;
    [[nodiscard]] std::vector<Channel> channels() const;

    // One that waits already is not added again.
    void add(std::vector<Message> messages, SystemTime now);
    // Tries what is due, one message of a channel after the other in order; once a channel has refused one, its others
    // wait, too.
    [[nodiscard]] std::vector<Delivery> deliver(Sender& sender, SystemTime now);

    [[nodiscard]] std::optional<SystemTime> nextDue() const;
    [[nodiscard]] std::size_t waiting() const;

    // As Engine's: what a store must keep, and what it kept.
    [[nodiscard]] std::vector<StateStore::Record> takeChanges();
    void putBack(const std::vector<StateStore::Record>& changes);
    [[nodiscard]] std::vector<std::string> restore(const std::vector<StateStore::Record>& records);

private:
    struct Waiting {
        Message message;
        SystemTime since;
        SystemTime due;
        std::uint32_t attempts = 0;
        std::uint64_t order = 0;
    };
    [[nodiscard]] std::vector<Waiting> dueAt(SystemTime now) const;
    [[nodiscard]] Delivery settle(const Waiting& tried, Result<void> result, SystemTime now);
    void drop(const std::string& id);

    DeliveryOptions m_options;
    mutable std::mutex m_mutex;
    std::map<ChannelId, Channel> m_channels;
    std::map<std::string, Waiting> m_waiting;  // by the message's id
    std::set<std::string> m_changed;
    std::uint64_t m_next = 0;
};

}  // namespace hanshu::alarms
