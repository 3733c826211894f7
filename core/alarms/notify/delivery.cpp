// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/delivery.h"

#include "base/crc32c.h"

namespace hanshu::alarms {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kPrefix = "delivery/";

}  // namespace

void DeliveryQueue::setChannels(std::vector<Channel> channels) {
    const std::lock_guard lock(m_mutex);
    m_channels.clear();
    for (auto& channel : channels) {
        auto id = channel.id;
        m_channels.insert_or_assign(std::move(id), std::move(channel));
    }
}

std::optional<Channel> DeliveryQueue::channel(const ChannelId& id) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_channels.find(id);
    return found == m_channels.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Channel> DeliveryQueue::channels() const {
    const std::lock_guard lock(m_mutex);
    std::vector<Channel> found;
    for (const auto& [id, channel] : m_channels) {
        found.push_back(channel);
    }
    return found;
}

void DeliveryQueue::drop(const std::string& id) {
    m_waiting.erase(id);
    m_changed.insert(id);
}

void DeliveryQueue::add(std::vector<Message> messages, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    for (auto& message : messages) {
        const auto id = message.id;
        if (m_waiting.try_emplace(id, Waiting{std::move(message), now, now, 0, m_next}).second) {
            ++m_next;
            m_changed.insert(id);
        }
    }
    while (m_waiting.size() > m_options.maxWaiting) {
        const auto oldest =
            std::ranges::min_element(m_waiting, {}, [](const auto& waiting) { return waiting.second.order; });
        drop(std::string(oldest->first));
    }
}

std::vector<DeliveryQueue::Waiting> DeliveryQueue::dueAt(SystemTime now) const {
    const std::lock_guard lock(m_mutex);
    std::vector<Waiting> due;
    for (const auto& [id, waiting] : m_waiting) {
        if (waiting.due <= now) {
            due.push_back(waiting);
        }
    }
    std::ranges::sort(due, {}, &Waiting::order);
    return due;
}

std::vector<Delivery> DeliveryQueue::deliver(Sender& sender, SystemTime now) {
    std::vector<Delivery> deliveries;
    std::set<ChannelId> refusing;
    for (const auto& waiting : dueAt(now)) {
        const auto& id = waiting.message.channel;
        // A message whose time is over is tried a last time all the same, so that it is told why it went nowhere.
        const auto isOver = now - waiting.since >= m_options.giveUpAfter;
        if (refusing.contains(id) && !isOver) {
            continue;
        }
        const auto target = channel(id);
        auto result = target ? sender.send(*target, waiting.message, now)
                             : Result<void>(fail(Code::NotFound, "AlarmChannelNotFound", {{"channel", id.value}}));
        if (!result) {
            refusing.insert(id);
        }
        deliveries.push_back(settle(waiting, std::move(result), now));
    }
    return deliveries;
}

Delivery DeliveryQueue::settle(const Waiting& tried, Result<void> result, SystemTime now) {
    const std::lock_guard lock(m_mutex);
    const auto& id = tried.message.id;
    Delivery delivery{tried.message.channel, id, tried.attempts + 1, Delivery::Outcome::Delivered, std::nullopt};
    const auto found = m_waiting.find(id);
    if (result) {
        if (found != m_waiting.end()) {
            drop(id);
        }
        return delivery;
    }
    // A channel that there is not will not come back by waiting.
    const auto isGone = result.error().code == Code::NotFound;
    delivery.error = std::move(result.error());
    delivery.outcome = Delivery::Outcome::WillRetry;
    if (isGone || found == m_waiting.end() || now - tried.since >= m_options.giveUpAfter) {
        delivery.outcome = Delivery::Outcome::GivenUp;
        drop(id);
        return delivery;
    }
    auto delay = m_options.firstRetry;
    for (std::uint32_t i = 0; i < tried.attempts && delay < m_options.longestRetry; ++i) {
        delay *= 2;
    }
    auto& waiting = found->second;
    ++waiting.attempts;
    waiting.due = std::min(now + std::min(delay, m_options.longestRetry), tried.since + m_options.giveUpAfter);
    m_changed.insert(id);
    return delivery;
}

std::optional<SystemTime> DeliveryQueue::nextDue() const {
    const std::lock_guard lock(m_mutex);
    std::optional<SystemTime> next;
    for (const auto& [id, waiting] : m_waiting) {
        next = next ? std::min(*next, waiting.due) : waiting.due;
    }
    return next;
}

std::size_t DeliveryQueue::waiting() const {
    const std::lock_guard lock(m_mutex);
    return m_waiting.size();
}

std::vector<StateStore::Record> DeliveryQueue::takeChanges() {
    const std::lock_guard lock(m_mutex);
    std::vector<StateStore::Record> records;
    for (const auto& id : std::exchange(m_changed, {})) {
        StateStore::Record record{std::string(kPrefix) + id, {}};
        if (const auto found = m_waiting.find(id); found != m_waiting.end()) {
            ByteWriter out(record.bytes);
            out.byte(kVersion);
            out.zigzag(found->second.since.time_since_epoch().count());
            out.zigzag(found->second.due.time_since_epoch().count());
            out.varint(found->second.attempts);
            out.varint(found->second.order);
            write(out, found->second.message);
            out.fixed(crc32c(record.bytes));
        }
        records.push_back(std::move(record));
    }
    return records;
}

void DeliveryQueue::putBack(const std::vector<StateStore::Record>& changes) {
    const std::lock_guard lock(m_mutex);
    for (const auto& [key, bytes] : changes) {
        if (key.starts_with(kPrefix)) {
            m_changed.insert(key.substr(kPrefix.size()));
        }
    }
}

std::vector<std::string> DeliveryQueue::restore(const std::vector<StateStore::Record>& records) {
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> damaged;
    for (const auto& [key, bytes] : records) {
        if (!key.starts_with(kPrefix)) {
            continue;
        }
        const auto size = bytes.size() - std::min(bytes.size(), sizeof(std::uint32_t));
        ByteReader in(std::string_view(bytes).substr(0, size));
        ByteReader sum(std::string_view(bytes).substr(size));
        Waiting waiting;
        const auto isWhole = in.byte() == kVersion && sum.fixed<std::uint32_t>() == crc32c(bytes.substr(0, size));
        waiting.since = SystemTime{std::chrono::microseconds(in.zigzag())};
        waiting.due = SystemTime{std::chrono::microseconds(in.zigzag())};
        waiting.attempts = in.varint32();
        waiting.order = in.varint();
        if (!isWhole || !read(in, waiting.message)) {
            damaged.push_back(key);
            m_changed.insert(key.substr(kPrefix.size()));
            continue;
        }
        m_next = std::max(m_next, waiting.order + 1);
        auto id = waiting.message.id;
        m_waiting.insert_or_assign(std::move(id), std::move(waiting));
    }
    return damaged;
}

}  // namespace hanshu::alarms
