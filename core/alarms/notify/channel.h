// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where alarms are told: the kinds of channels, and what must hold of one. Values; any thread.
#pragma once

#include "alarms/rule.h"

namespace hanshu::alarms {

// JSON of everything a message has (webhook.h), signed where there is a secret.
struct WebhookChannel {
    std::string url;
    std::string secret;
    std::map<std::string, std::string> headers;
};
enum class ChatKind : std::uint8_t { DingTalk, Feishu, WeCom, Slack };
[[nodiscard]] std::string_view nameOf(ChatKind kind) noexcept;
struct ChatChannel {
    ChatKind kind = ChatKind::DingTalk;
    std::string url;     // the robot's, with its token
    std::string secret;  // DingTalk, Feishu: of signed robots
};
struct MailChannel {
    std::string server;  // smtps://host:465, or smtp://host:587, which is encrypted by STARTTLS
    std::string user;
    std::string password;
    std::string from;  // an address
    std::vector<std::string> to;
    bool mayBePlain = false;  // smtp:// without STARTTLS, for a server of this machine
};
struct DesktopChannel {};
struct CommandChannel {
    std::vector<std::string> command;  // an absolute path and arguments; no shell
    std::chrono::seconds timeout{30};
};

struct Channel {
    ChannelId id;
    std::string name;
    std::variant<WebhookChannel, ChatChannel, MailChannel, DesktopChannel, CommandChannel> target;
    bool hearsOfFailures = true;  // of other channels
};

[[nodiscard]] std::vector<Violation> validate(const Channel& channel);

// An HTTP request that a channel is told by.
struct HttpMessage {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

}  // namespace hanshu::alarms
