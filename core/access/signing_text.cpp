// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/signing_text.h"

#include "access/signature.h"
#include "base/encoding.h"

namespace hanshu::access {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kSpace = " \t";
    const auto first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool beginsWithIgnoringCase(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() && http::equalsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

void appendValue(std::string& out, std::string_view value, bool collapse) {
    value = trimmed(value);
    if (!collapse || value.find("  ") == std::string_view::npos) {
        out += value;
        return;
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] != ' ' || value[i - 1] != ' ') {
            out += value[i];
        }
    }
}

void appendHeader(std::string& out, const http::Headers& headers, std::string_view name, bool collapse) {
    out += name;
    out += ':';
    bool first = true;
    for (const auto& [key, value] : headers.fields()) {
        if (http::equalsIgnoringCase(key, name)) {
            out += first ? "" : ",";
            appendValue(out, value, collapse);
            first = false;
        }
    }
    out += '\n';
}

// Calls `each` with every name of the list a;b;c.
template <class Each>
void forEachName(std::string_view list, Each each) {
    while (!list.empty()) {
        const auto end = list.find(';');
        each(list.substr(0, end));
        list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    }
}

// A number of `count` digits at `from`, -1 for anything else.
int digits(std::string_view text, std::size_t from, std::size_t count) noexcept {
    int number = 0;
    for (std::size_t i = from; i < from + count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return -1;
        }
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

}  // namespace

std::optional<AuthorizationParts> parseAuthorization(std::string_view value, std::string_view algorithm) {
    value = trimmed(value);
    if (!value.starts_with(algorithm) || value.size() == algorithm.size() || value[algorithm.size()] != ' ') {
        return std::nullopt;
    }
    value.remove_prefix(algorithm.size());
    AuthorizationParts parts;
    while (!value.empty()) {
        const auto end = value.find(',');
        const auto part = trimmed(value.substr(0, end));
        value = end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) {
            return std::nullopt;
        }
        const auto name = part.substr(0, equals);
        const auto content = part.substr(equals + 1);
        if (name == "Credential") {
            parts.credential = content;
        } else if (name == "SignedHeaders") {
            parts.signedHeaders = content;
        } else if (name == "Signature") {
            parts.signature = content;
        }
    }
    if (parts.credential.empty() || parts.signedHeaders.empty() || parts.signature.empty()) {
        return std::nullopt;
    }
    return parts;
}

bool isSigned(std::string_view signedHeaders, std::string_view name) noexcept {
    for (std::size_t at = signedHeaders.find(name); at != std::string_view::npos;
         at = signedHeaders.find(name, at + 1)) {
        const auto end = at + name.size();
        if ((at == 0 || signedHeaders[at - 1] == ';') && (end == signedHeaders.size() || signedHeaders[end] == ';')) {
            return true;
        }
    }
    return false;
}

std::string_view unsignedHeader(const http::Headers& headers, std::string_view prefix, std::string_view signedHeaders) {
    std::string name;
    for (const auto& [key, value] : headers.fields()) {
        if (!beginsWithIgnoringCase(key, prefix)) {
            continue;
        }
        name.assign(key);
        std::ranges::transform(name, name.begin(), lower);
        if (!isSigned(signedHeaders, name)) {
            return key;
        }
    }
    return {};
}

void appendHeaders(std::string& out, const http::Headers& headers, std::string_view signedHeaders, bool collapse) {
    forEachName(signedHeaders, [&](std::string_view name) { appendHeader(out, headers, name, collapse); });
}

void appendQuery(std::string& out, const http::Request& request, std::string_view except, bool encodeKeys) {
    if (request.query.empty()) {
        return;
    }
    std::vector<std::pair<std::string, std::string>> pairs;
    for (auto& [key, value] : request.queryPairs()) {
        if (except.empty() || key != except) {
            pairs.emplace_back(encodeKeys ? percentEncode(key) : std::move(key), percentEncode(value));
        }
    }
    std::ranges::sort(pairs);
    bool first = true;
    for (const auto& [key, value] : pairs) {
        out += first ? "" : "&";
        out += key;
        out += '=';
        out += value;
        first = false;
    }
}

std::optional<SystemTime> parseSignedTime(std::string_view text) noexcept {
    // Where year, month, day, hour, minute and second begin, and which characters stand between them.
    const bool extended = text.size() == 20 && text[4] == '-' && text[7] == '-' && text[10] == 'T' && text[13] == ':' &&
                          text[16] == ':' && text[19] == 'Z';
    const bool basic = text.size() == 16 && text[8] == 'T' && text[15] == 'Z';
    if (!extended && !basic) {
        return std::nullopt;
    }
    const std::array<std::size_t, 6> at =
        extended ? std::array<std::size_t, 6>{0, 5, 8, 11, 14, 17} : std::array<std::size_t, 6>{0, 4, 6, 9, 11, 13};
    const int hour = digits(text, at[3], 2);
    const int minute = digits(text, at[4], 2);
    const int second = digits(text, at[5], 2);
    const int year = digits(text, at[0], 4);
    const int month = digits(text, at[1], 2);
    const int day = digits(text, at[2], 2);
    if (year < 0 || month < 0 || day < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return SystemTime{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                      std::chrono::seconds{second}};
}

Failure signatureMismatch(std::string message) {
    Error error{Code::Unauthenticated, "SignatureNotMatch", {}, {}};
    if (!message.empty()) {
        error.params.emplace_back("message", std::move(message));
    }
    return fail(std::move(error));
}

Failure missingHeader(std::string_view name) {
    return fail(Code::InvalidArgument, "MissingRequiredHeader", {{"header", std::string(name)}});
}

Result<void> checkTime(SystemTime time, std::string_view asWritten, SystemTime now) {
    const auto apart = time > now ? time - now : now - time;
    if (apart <= kSignatureWindow) {
        return {};
    }
    return fail(Code::Unauthenticated, "RequestExpired",
                {{"time", std::string(asWritten)}, {"window", fmt::format("{} minutes", kSignatureWindow.count())}});
}

}  // namespace hanshu::access
