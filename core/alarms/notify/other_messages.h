// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages for people outside of chats: an e-mail, a notification of the desktop, a command. Pure; any thread.
#pragma once

#include "alarms/notice.h"
#include "alarms/notify/channel.h"

namespace hanshu::alarms {

// An Internet message (RFC 5322) of CRLF lines: plain text and HTML (RFC 2046 multipart/alternative, base64), UTF-8 in
// headers as encoded words (RFC 2047). Its Message-ID is the message's id: the same for each try.
[[nodiscard]] std::string mailMessage(const MailChannel& channel, const Message& message, SystemTime now);

// The arguments of org.freedesktop.Notifications.Notify (specifications.freedesktop.org/notification-spec).
struct DesktopNotification {
    std::string applicationName = "Hanshu";
    std::string icon;
    std::string summary;
    std::string body;                                          // with markup escaped
    std::vector<std::pair<std::string, std::string>> actions;  // id, label
    std::uint8_t urgency = 1;                                  // 0 low, 1 normal, 2 critical
    std::int32_t expireMilliseconds = -1;                      // -1: as the desktop likes, 0: never
    std::string desktopEntry = "hanshu";
};
[[nodiscard]] DesktopNotification desktopNotification(const Message& message);

// HANSHU_ALARM_… for the first notice, and the whole of a webhook's JSON on standard input.
struct CommandCall {
    std::vector<std::string> arguments;  // the program is the first
    std::vector<std::pair<std::string, std::string>> environment;
    std::string input;
    std::chrono::seconds timeout{30};
};
[[nodiscard]] CommandCall commandCall(const CommandChannel& channel, const Message& message, SystemTime now);

}  // namespace hanshu::alarms
