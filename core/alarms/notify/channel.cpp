// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/channel.h"

#include "alarms/composite.h"
#include "base/encoding.h"

namespace hanshu::alarms {
namespace {

class Findings {
public:
    void must(bool holds, std::string field, std::string problem) {
        if (!holds) {
            found.push_back({std::move(field), std::move(problem)});
        }
    }
    std::vector<Violation> found;
};

[[nodiscard]] bool isPrintable(std::string_view text) {
    return isUtf8(text) &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

[[nodiscard]] bool isUrl(std::string_view url, std::initializer_list<std::string_view> schemes) {
    const auto rest = std::ranges::find_if(schemes, [&](std::string_view scheme) {
        return url.starts_with(scheme) && url.size() > scheme.size() && url[scheme.size()] != '/';
    });
    return rest != schemes.end() && isPrintable(url) && url.find(' ') == std::string_view::npos && url.size() <= 2048;
}

[[nodiscard]] bool isAddress(std::string_view address) {
    const auto sign = address.find('@');
    return sign != std::string_view::npos && sign > 0 && sign + 1 < address.size() && address.size() <= 254 &&
           isPrintable(address) && address.find_first_of(" <>,;:\"()[]\\") == std::string_view::npos &&
           address.find('@', sign + 1) == std::string_view::npos;
}

void check(const WebhookChannel& target, Findings& findings) {
    findings.must(isUrl(target.url, {"http://", "https://"}), "url", "must be an http or https URL");
    for (const auto& [name, value] : target.headers) {
        findings.must(isName(name) && isPrintable(value), fmt::format("headers.{}", name),
                      "must be a header's name and a text without line breaks");
    }
}

void check(const ChatChannel& target, Findings& findings) {
    findings.must(isUrl(target.url, {"http://", "https://"}), "url", "must be the http or https URL of the robot");
}

void check(const MailChannel& target, Findings& findings) {
    findings.must(isUrl(target.server, {"smtp://", "smtps://"}), "server",
                  "must be smtps://host:port or smtp://host:port");
    findings.must(isAddress(target.from), "from", "must be an address such as alarms@example.com");
    findings.must(!target.to.empty() && target.to.size() <= 50, "to", "must be 1 to 50 addresses");
    for (const auto& to : target.to) {
        findings.must(isAddress(to), "to", fmt::format("must be addresses (actual: {})", to));
    }
    findings.must(!target.mayBePlain || target.password.empty(), "mayBePlain",
                  "must be off where there is a password, which would be sent in the clear");
}

void check(const DesktopChannel&, Findings&) {}

void check(const CommandChannel& target, Findings& findings) {
    findings.must(!target.command.empty() && target.command.front().starts_with('/'), "command",
                  "must begin with the absolute path of a program");
    findings.must(target.timeout >= std::chrono::seconds(1) && target.timeout <= std::chrono::minutes(10), "timeout",
                  "must be between 1s and 10m");
}

}  // namespace

std::string_view nameOf(ChatKind kind) noexcept {
    constexpr std::array<std::string_view, 4> kNames = {"dingtalk", "feishu", "wecom", "slack"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::vector<Violation> validate(const Channel& channel) {
    Findings findings;
    findings.must(
        isName(channel.id.value), "id",
        fmt::format("must have 1 to {} of the characters A-Z a-z 0-9 . _ -, and be none of and, or, not", kMaxIdBytes));
    findings.must(!channel.name.empty() && channel.name.size() <= kMaxNameBytes && isPrintable(channel.name), "name",
                  fmt::format("must be a text of 1 to {} bytes", kMaxNameBytes));
    std::visit([&](const auto& target) { check(target, findings); }, channel.target);
    return std::move(findings.found);
}

}  // namespace hanshu::alarms
