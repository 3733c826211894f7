// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/http_messages.h"

#include "alarms/notify/clean_text.h"
#include "alarms/notify/template.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"

#include <boost/json.hpp>
#include <cmath>

namespace hanshu::alarms {
namespace {

namespace json = boost::json;

constexpr std::size_t kWeComBytes = 4096;
// DingTalk bears 20,000 bytes a message, Feishu 20 KB a request, Slack 40,000 characters: half of the least.
constexpr std::size_t kChatBytes = 10'000;
constexpr std::size_t kToldOfAnswer = 200;

[[nodiscard]] json::string text(std::string_view value) {
    return json::string(cleanUtf8(value));
}

// JSON has no infinity.
[[nodiscard]] json::value number(std::optional<double> value) {
    return value && std::isfinite(*value) ? json::value(*value) : json::value(nullptr);
}

[[nodiscard]] std::int64_t secondsOf(SystemTime time) {
    return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

[[nodiscard]] json::object toJson(const Notice& notice) {
    json::object labels;
    for (const auto& [key, value] : notice.labels) {
        labels[key] = text(value);
    }
    json::object series;
    for (std::size_t i = 0; i < kDimensions; ++i) {
        if (!notice.series[i].empty()) {
            series[nameOf(static_cast<Dimension>(i))] = text(notice.series[i]);
        }
    }
    return {{"event", nameOf(notice.event)},        {"ruleId", text(notice.rule.value)},
            {"ruleName", text(notice.name)},        {"severity", nameOf(notice.severity)},
            {"state", nameOf(notice.state)},        {"series", std::move(series)},
            {"metric", text(notice.metric)},        {"value", number(notice.value)},
            {"operator", nameOf(notice.op)},        {"threshold", number(notice.threshold)},
            {"condition", text(notice.condition)},  {"time", formatRfc3339(notice.time)},
            {"since", formatRfc3339(notice.since)}, {"late", notice.isLate},
            {"labels", std::move(labels)},          {"title", text(titleOf(notice))},
            {"text", text(textOf(notice))}};
}

// Two spaces before a break are one in every dialect of Markdown; what a user wrote must not become markup.
[[nodiscard]] std::string asMarkdown(std::string_view plain) {
    std::string out;
    for (const auto c : cleanUtf8(plain)) {
        if (c == '\n') {
            out += "  \n";
            continue;
        }
        if (std::string_view("\\`*_[]<>#").find(c) != std::string_view::npos) {
            out += '\\';
        }
        out += c;
    }
    return out;
}

// Slack's and Feishu's marks begin with < > &, which each escapes as HTML does
// (api.slack.com/reference/surfaces/formatting#escaping).
[[nodiscard]] std::string escaped(std::string_view plain) {
    std::string out;
    for (const auto c : cleanUtf8(plain)) {
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    }
    return out;
}

[[nodiscard]] HttpMessage post(std::string url, const json::object& body) {
    return {std::move(url), {{"Content-Type", "application/json; charset=utf-8"}}, json::serialize(body)};
}

[[nodiscard]] HttpMessage dingTalk(const ChatChannel& channel, const Message& message, SystemTime now) {
    auto url = channel.url;
    if (!channel.secret.empty()) {
        const auto time = std::to_string(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
        const auto sign = toBase64(hmacSha256(channel.secret, time + "\n" + channel.secret));
        url += fmt::format("{}timestamp={}&sign={}", url.find('?') == std::string::npos ? '?' : '&', time,
                           percentEncode(sign));
    }
    const auto title = titleOf(message);
    return post(std::move(url),
                {{"msgtype", "markdown"},
                 {"markdown",
                  {{"title", text(title)},
                   {"text", shortened(fmt::format("#### {}\n\n{}", asMarkdown(title), asMarkdown(textOf(message))),
                                      kChatBytes)}}}});
}

[[nodiscard]] std::string_view feishuColor(const Message& message) {
    if (isOver(message)) {
        return "green";
    }
    constexpr std::array<std::string_view, 3> kColors = {"blue", "orange", "red"};
    return kColors[static_cast<std::size_t>(severityOf(message))];
}

[[nodiscard]] HttpMessage feishu(const ChatChannel& channel, const Message& message, SystemTime now) {
    json::object body;
    if (!channel.secret.empty()) {
        const auto time = std::to_string(secondsOf(now));
        body["timestamp"] = time;
        body["sign"] = toBase64(hmacSha256(time + "\n" + channel.secret, ""));
    }
    body["msg_type"] = "interactive";
    const json::object title = {{"tag", "plain_text"}, {"content", text(titleOf(message))}};
    const json::object content = {{"tag", "plain_text"},
                                  {"content", shortened(cleanUtf8(textOf(message)), kChatBytes)}};
    body["card"] = {{"header", {{"title", title}, {"template", feishuColor(message)}}},
                    {"elements", json::array{json::object{{"tag", "div"}, {"text", content}}}}};
    return post(channel.url, body);
}

[[nodiscard]] HttpMessage weCom(const ChatChannel& channel, const Message& message) {
    constexpr std::array<std::string_view, 3> kColors = {"comment", "warning", "warning"};
    const auto color = isOver(message) ? "info" : kColors[static_cast<std::size_t>(severityOf(message))];
    const auto content =
        fmt::format("**<font color=\"{}\">{}</font>**\n{}", color, escaped(titleOf(message)), escaped(textOf(message)));
    return post(channel.url, {{"msgtype", "markdown"}, {"markdown", {{"content", shortened(content, kWeComBytes)}}}});
}

[[nodiscard]] HttpMessage slack(const ChatChannel& channel, const Message& message) {
    constexpr std::array<std::string_view, 3> kColors = {"#439FE0", "warning", "danger"};
    const auto color = isOver(message) ? "good" : kColors[static_cast<std::size_t>(severityOf(message))];
    const auto title = escaped(titleOf(message));
    const json::object attachment = {{"color", color},
                                     {"fallback", title},
                                     {"text", shortened(escaped(textOf(message)), kChatBytes)},
                                     {"ts", secondsOf(message.time)}};
    return post(channel.url, {{"text", title}, {"attachments", json::array{attachment}}});
}

}  // namespace

HttpMessage webhookMessage(const WebhookChannel& channel, const Message& message, SystemTime now) {
    json::array alarms;
    for (const auto& notice : message.notices) {
        alarms.push_back(toJson(notice));
    }
    auto request = post(channel.url, {{"version", 1},
                                      {"id", text(message.id)},
                                      {"channel", text(message.channel.value)},
                                      {"time", formatRfc3339(message.time)},
                                      {"title", text(titleOf(message))},
                                      {"text", text(textOf(message))},
                                      {"severity", nameOf(severityOf(message))},
                                      {"alarms", std::move(alarms)}});
    request.headers.emplace_back("User-Agent", "Hanshu");
    request.headers.emplace_back("Hanshu-Delivery", message.id);
    if (!channel.secret.empty()) {
        const auto time = std::to_string(secondsOf(now));
        request.headers.emplace_back(
            "Hanshu-Signature",
            fmt::format("t={},v1={}", time, toHex(hmacSha256(channel.secret, time + "." + request.body))));
    }
    for (const auto& [name, value] : channel.headers) {
        request.headers.emplace_back(name, value);
    }
    return request;
}

HttpMessage chatMessage(const ChatChannel& channel, const Message& message, SystemTime now) {
    switch (channel.kind) {
        case ChatKind::DingTalk:
            return dingTalk(channel, message, now);
        case ChatKind::Feishu:
            return feishu(channel, message, now);
        case ChatKind::WeCom:
            return weCom(channel, message);
        case ChatKind::Slack:
            break;
    }
    return slack(channel, message);
}

Result<void> judgeAnswer(std::optional<ChatKind> kind, unsigned status, std::string_view body) {
    const auto refuse = [&](std::string_view why) {
        return fail(Code::Unavailable, "AlarmChannelRefused",
                    {{"status", std::to_string(status)}, {"answer", shortened(cleanUtf8(why), kToldOfAnswer)}});
    };
    if (status < 200 || status > 299) {
        return refuse(body);
    }
    if (!kind || *kind == ChatKind::Slack) {
        return {};
    }
    boost::system::error_code error;
    const auto parsed = json::parse(body, error);
    const auto* object = error ? nullptr : parsed.if_object();
    if (object == nullptr) {
        return refuse(body);
    }
    // DingTalk and WeCom say errcode; Feishu code, and StatusCode in its older answers.
    for (const auto* key : {"errcode", "code", "StatusCode"}) {
        if (const auto* code = object->if_contains(key)) {
            return code->is_number() && code->to_number<double>() == 0 ? Result<void>() : refuse(body);
        }
    }
    return refuse(body);
}

}  // namespace hanshu::alarms
