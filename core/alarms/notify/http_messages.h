// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Messages as HTTP requests: Hanshu's own webhook, and the robots of chat services. Pure; any thread.
//
// Hanshu-Signature is `t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 by the channel's secret of `SECONDS.BODY`: a
// receiver compares it, and refuses old times, so that nobody can replay it. Hanshu-Delivery is the same for each try.
#pragma once

#include "alarms/notice.h"
#include "alarms/notify/channel.h"

namespace hanshu::alarms {

[[nodiscard]] HttpMessage webhookMessage(const WebhookChannel& channel, const Message& message, SystemTime now);

// DingTalk: markdown; a signed robot has timestamp (ms) and sign in its URL
// (open.dingtalk.com/document/robots/customize-robot-security-settings). Feishu: a card; timestamp (s) and sign in the
// body (open.feishu.cn/document/client-docs/bot-v3/add-custom-bot). WeCom: markdown of at most 4096 bytes
// (developer.work.weixin.qq.com/document/path/91770). Slack: text and one attachment with a colour
// (api.slack.com/messaging/webhooks).
[[nodiscard]] HttpMessage chatMessage(const ChatChannel& channel, const Message& message, SystemTime now);

// Whether the service took it: chat services answer 200 to what they refuse and say so in the body. The error says what
// they said; Unavailable where another try may help.
[[nodiscard]] Result<void> judgeAnswer(std::optional<ChatKind> kind, unsigned status, std::string_view body);

}  // namespace hanshu::alarms
