// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/other_messages.h"

#include "alarms/notify/clean_text.h"
#include "alarms/notify/http_messages.h"
#include "alarms/notify/template.h"
#include "base/encoding.h"
#include "base/time_format.h"

namespace hanshu::alarms {
namespace {

// RFC 2047: an encoded word has at most 75 characters, 12 of them around the Base64: 45 bytes become 60.
constexpr std::size_t kWordBytes = 45;
// RFC 2045: a line of Base64 has at most 76 characters: 57 bytes.
constexpr std::size_t kLineBytes = 57;

[[nodiscard]] std::string encodedHeader(std::string_view value) {
    auto line = oneLine(value);
    const auto isPlain = std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    // RFC 5322: lines should have at most 78 characters.
    if (isPlain && line.size() < 60 && line.find("=?") == std::string::npos) {
        return line;
    }
    std::string out;
    for (std::size_t at = 0; at < line.size();) {
        auto end = std::min(at + kWordBytes, line.size());
        while (end < line.size() && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80) {
            --end;
        }
        out += fmt::format("{}=?UTF-8?B?{}?=", at == 0 ? "" : "\r\n ", toBase64(line.substr(at, end - at)));
        at = end;
    }
    return out;
}

[[nodiscard]] std::string base64Lines(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += kLineBytes) {
        out += toBase64(bytes.substr(at, kLineBytes)) + "\r\n";
    }
    return out;
}

[[nodiscard]] std::string mailDate(SystemTime time) {
    auto date = formatHttpDate(time);
    return date.replace(date.size() - 3, 3, "+0000");
}

[[nodiscard]] std::string htmlOf(const Message& message) {
    constexpr std::array<std::string_view, 3> kColors = {"#1f6feb", "#b35900", "#b42318"};
    const auto color = isOver(message) ? "#18794e" : kColors[static_cast<std::size_t>(severityOf(message))];
    auto text = escapeHtml(textOf(message));
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 5) {
        text.replace(at, 1, "<br>\n");
    }
    return fmt::format(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head>\n"
        "<body style=\"font-family: sans-serif\">\n<h3 style=\"color: {}\">{}</h3>\n<p>{}</p>\n"
        "</body></html>\n",
        color, escapeHtml(titleOf(message)), text);
}

}  // namespace

std::string mailMessage(const MailChannel& channel, const Message& message, SystemTime now) {
    std::string to;
    for (const auto& address : channel.to) {
        to += (to.empty() ? "" : ",\r\n ") + oneLine(address);
    }
    const auto boundary = "hanshu-" + message.id;
    auto mail = fmt::format(
        "Date: {}\r\nFrom: Hanshu <{}>\r\nTo: {}\r\nSubject: {}\r\nMessage-ID: <{}@hanshu>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative; boundary=\"{}\"\r\n",
        mailDate(now), oneLine(channel.from), to, encodedHeader(titleOf(message)), message.id, boundary);
    const auto add = [&](std::string_view type, std::string_view content) {
        mail +=
            fmt::format("\r\n--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
                        boundary, type, base64Lines(content));
    };
    add("text/plain", cleanUtf8(textOf(message)) + "\n");
    add("text/html", htmlOf(message));
    return mail + fmt::format("\r\n--{}--\r\n", boundary);
}

DesktopNotification desktopNotification(const Message& message) {
    constexpr std::array<std::string_view, 3> kIcons = {"dialog-information", "dialog-warning", "dialog-error"};
    DesktopNotification notification;
    const auto severity = isOver(message) ? Severity::Info : severityOf(message);
    notification.icon = kIcons[static_cast<std::size_t>(severity)];
    notification.summary = oneLine(titleOf(message));
    notification.body = escapeHtml(textOf(message));
    notification.urgency = static_cast<std::uint8_t>(severity);
    if (!isOver(message)) {
        notification.actions = {{"default", "Open"}, {"acknowledge", "Acknowledge"}, {"silence", "Silence for 1 hour"}};
        // What is critical stays until somebody has seen it.
        notification.expireMilliseconds = severity == Severity::Critical ? 0 : -1;
    }
    return notification;
}

CommandCall commandCall(const CommandChannel& channel, const Message& message, SystemTime now) {
    CommandCall call{channel.command, {}, webhookMessage({}, message, now).body, channel.timeout};
    // A NUL would end the variable early.
    const auto set = [&](std::string_view name, std::string value) {
        std::erase(value, '\0');
        call.environment.emplace_back(fmt::format("HANSHU_ALARM_{}", name), std::move(value));
    };
    set("TITLE", titleOf(message));
    set("TEXT", textOf(message));
    set("COUNT", std::to_string(message.notices.size()));
    if (!message.notices.empty()) {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kVariables = {{
            {"RULE", "{rule}"},
            {"ID", "{id}"},
            {"EVENT", "{event}"},
            {"STATE", "{state}"},
            {"SEVERITY", "{severity}"},
            {"VALUE", "{value}"},
            {"THRESHOLD", "{threshold}"},
            {"METRIC", "{metric}"},
            {"ACCOUNT", "{account}"},
            {"FUNCTION", "{function}"},
            {"QUALIFIER", "{qualifier}"},
            {"TIME", "{time}"},
        }};
        for (const auto& [name, text] : kVariables) {
            set(name, fillIn(text, message.notices.front()));
        }
    }
    return call;
}

}  // namespace hanshu::alarms
