// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/network_sender.h"

#include "alarms/notify/http_messages.h"
#include "alarms/notify/other_messages.h"
#include "alarms/notify/process.h"

#include <curl/curl.h>

namespace hanshu::alarms {
namespace {

// What a service says about a message that it refused is short.
constexpr std::size_t kMaxAnswer = 64UL * 1024;

struct FreeCurl {
    void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
    void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeCurl>;
using List = std::unique_ptr<curl_slist, FreeCurl>;

void append(List& list, const std::string& line) {
    if (auto* longer = curl_slist_append(list.get(), line.c_str()); longer != nullptr) {
        (void)list.release();
        list.reset(longer);
    }
}

std::size_t take(const char* bytes, std::size_t size, std::size_t count, void* answer) {
    auto& text = *static_cast<std::string*>(answer);
    text.append(bytes, std::min(size * count, kMaxAnswer - std::min(kMaxAnswer, text.size())));
    return size * count;
}

std::size_t give(char* into, std::size_t size, std::size_t count, void* source) {
    auto& left = *static_cast<std::string_view*>(source);
    const auto piece = left.substr(0, size * count);
    std::ranges::copy(piece, into);
    left.remove_prefix(piece.size());
    return piece.size();
}

[[nodiscard]] Handle open(const NetworkSender::Options& options) {
    static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
    Handle handle(started == CURLE_OK ? curl_easy_init() : nullptr);
    if (handle) {
        curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connectTimeout.count()));
        curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
        if (!options.trustFile.empty()) {
            curl_easy_setopt(handle.get(), CURLOPT_CAINFO, options.trustFile.c_str());
        }
    }
    return handle;
}

// The error never has the URL in it: that of a robot is a password.
[[nodiscard]] Result<void> perform(CURL* handle) {
    std::array<char, CURL_ERROR_SIZE> detail{};
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
    const auto code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
    if (code == CURLE_OK) {
        return {};
    }
    const std::string_view said(detail.data());
    return fail(Code::Unavailable, "AlarmChannelUnreachable",
                {{"message", std::string(said.empty() ? std::string_view(curl_easy_strerror(code)) : said)}});
}

}  // namespace

NetworkSender::NetworkSender() : NetworkSender(Options()) {}
NetworkSender::NetworkSender(Options options, Desktop desktop)
    : m_options(std::move(options)), m_desktop(std::move(desktop)) {}

Result<void> NetworkSender::send(const Channel& channel, const Message& message, SystemTime now) {
    struct Visitor {
        const NetworkSender& sender;
        const Message& message;
        SystemTime now;
        Result<void> operator()(const WebhookChannel& to) const {
            return sender.post(webhookMessage(to, message, now), std::nullopt);
        }
        Result<void> operator()(const ChatChannel& to) const {
            return sender.post(chatMessage(to, message, now), to.kind);
        }
        Result<void> operator()(const MailChannel& to) const { return sender.mail(to, mailMessage(to, message, now)); }
        Result<void> operator()(const DesktopChannel&) const {
            return sender.m_desktop ? sender.m_desktop(message)
                                    : Result<void>(fail(Code::FailedPrecondition, "AlarmNoDesktop"));
        }
        Result<void> operator()(const CommandChannel& to) const { return run(commandCall(to, message, now)); }
    };
    return std::visit(Visitor{*this, message, now}, channel.target);
}

Result<void> NetworkSender::post(const HttpMessage& message, std::optional<ChatKind> kind) const {
    const auto handle = open(m_options);
    if (!handle) {
        return internalError("libcurl does not start");
    }
    List headers;
    for (const auto& [name, value] : message.headers) {
        append(headers, fmt::format("{}: {}", name, value));
    }
    append(headers, "Expect:");  // a second round trip for nothing
    std::string answer;
    auto* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, message.url.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message.body.c_str());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(message.body.size()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    HANSHU_TRY(perform(curl));
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return judgeAnswer(kind, static_cast<unsigned>(status), answer);
}

Result<void> NetworkSender::mail(const MailChannel& channel, const std::string& text) const {
    const auto handle = open(m_options);
    if (!handle) {
        return internalError("libcurl does not start");
    }
    List to;
    for (const auto& address : channel.to) {
        append(to, "<" + address + ">");
    }
    const auto from = "<" + channel.from + ">";
    std::string_view left = text;
    std::string answer;
    auto* curl = handle.get();
    curl_easy_setopt(curl, CURLOPT_URL, channel.server.c_str());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, static_cast<long>(channel.mayBePlain ? CURLUSESSL_TRY : CURLUSESSL_ALL));
    if (!channel.user.empty()) {
        curl_easy_setopt(curl, CURLOPT_USERNAME, channel.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, channel.password.c_str());
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to.get());
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, &left);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    return perform(curl);
}

}  // namespace hanshu::alarms
