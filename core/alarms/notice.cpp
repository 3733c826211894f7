// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notice.h"

#include "base/digest.h"
#include "base/encoding.h"

namespace hanshu::alarms {
namespace {

void writeTime(ByteWriter& out, SystemTime time) {
    out.zigzag(time.time_since_epoch().count());
}
[[nodiscard]] SystemTime readTime(ByteReader& in) {
    return SystemTime{std::chrono::microseconds(in.zigzag())};
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

void write(ByteWriter& out, const Notice& notice) {
    for (const auto value : {static_cast<std::uint8_t>(notice.event), static_cast<std::uint8_t>(notice.severity),
                             static_cast<std::uint8_t>(notice.state), static_cast<std::uint8_t>(notice.op),
                             static_cast<std::uint8_t>((notice.isLate ? 1U : 0U) | (notice.value ? 2U : 0U))}) {
        out.byte(value);
    }
    for (const auto* text :
         {&notice.rule.value, &notice.name, &notice.condition, &notice.metric, &notice.title, &notice.text}) {
        out.text(*text);
    }
    for (const auto& part : notice.series) {
        out.text(part);
    }
    writeTime(out, notice.time);
    writeTime(out, notice.since);
    out.fixed(notice.value.value_or(0));
    out.fixed(notice.threshold);
    out.varint(notice.labels.size());
    for (const auto& [key, value] : notice.labels) {
        out.text(key);
        out.text(value);
    }
}

[[nodiscard]] Notice readNotice(ByteReader& in) {
    Notice notice;
    notice.event = readEnum(in, Event::Test);
    notice.severity = readEnum(in, Severity::Critical);
    notice.state = readEnum(in, State::Resolved);
    notice.op = readEnum(in, Operator::NotEqual);
    const auto flags = in.byte();
    for (auto* text :
         {&notice.rule.value, &notice.name, &notice.condition, &notice.metric, &notice.title, &notice.text}) {
        *text = in.text();
    }
    for (auto& part : notice.series) {
        part = in.text();
    }
    notice.time = readTime(in);
    notice.since = readTime(in);
    const auto value = in.fixed<double>();
    notice.isLate = (flags & 1U) != 0;
    notice.value = (flags & 2U) != 0 ? std::optional(value) : std::nullopt;
    notice.threshold = in.fixed<double>();
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        const auto key = in.text();
        notice.labels.emplace(key, in.text());
    }
    return notice;
}

// Of what it says and to whom, not of when it was made: after a crash the same news is made again.
[[nodiscard]] std::string idOf(const Message& message) {
    std::string bytes;
    ByteWriter out(bytes);
    out.text(message.channel.value);
    for (const auto& notice : message.notices) {
        out.byte(static_cast<std::uint8_t>(notice.event));
        out.text(notice.rule.value);
        for (const auto& part : notice.series) {
            out.text(part);
        }
        writeTime(out, notice.time);
    }
    return toHex(sha256(bytes).substr(0, 16));
}

}  // namespace

std::string_view nameOf(Event event) noexcept {
    constexpr std::array<std::string_view, 7> kNames = {"fired",           "still-firing",   "resolved", "flapping",
                                                        "delivery-failed", "delivery-works", "test"};
    return kNames[static_cast<std::size_t>(event)];
}

void write(ByteWriter& out, const Message& message) {
    out.text(message.id);
    out.text(message.channel.value);
    writeTime(out, message.time);
    out.varint(message.notices.size());
    for (const auto& notice : message.notices) {
        write(out, notice);
    }
}

bool read(ByteReader& in, Message& message) {
    message.id = in.text();
    message.channel.value = in.text();
    message.time = readTime(in);
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        message.notices.push_back(readNotice(in));
    }
    return in.ok();
}

std::vector<Message> toMessages(const std::vector<std::pair<Notice, std::set<ChannelId>>>& notices, std::size_t storm,
                                SystemTime now) {
    std::map<ChannelId, std::vector<const Notice*>> byChannel;
    for (const auto& [notice, channels] : notices) {
        for (const auto& channel : channels) {
            byChannel[channel].push_back(&notice);
        }
    }
    std::vector<Message> messages;
    const auto add = [&](const ChannelId& channel, std::span<const Notice* const> told) {
        Message message{{}, channel, now, {}};
        for (const auto* notice : told) {
            message.notices.push_back(*notice);
        }
        message.id = idOf(message);
        messages.push_back(std::move(message));
    };
    for (const auto& [channel, told] : byChannel) {
        const auto atOnce = told.size() > storm ? told.size() : 1;
        for (std::size_t i = 0; i < told.size(); i += atOnce) {
            add(channel, std::span(told).subspan(i, atOnce));
        }
    }
    return messages;
}

}  // namespace hanshu::alarms
