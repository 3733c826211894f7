// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/http_wire.h"

#include "base/clock.h"
#include "base/ids.h"
#include "base/time_format.h"

#include <fmt/format.h>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <ctime>

namespace hanshu::gateway {
namespace {

void appendNumber(std::string& into, std::uint64_t value) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    into.append(digits.data(), end);
}

// Formatting a date costs more than the rest of the head; it changes once a second.
std::string_view httpDate() {
    thread_local std::time_t formatted = 0;
    thread_local std::string text;
    if (const auto now = std::time(nullptr); now != formatted || text.empty()) {
        formatted = now;
        text = formatHttpDate(SystemTime{std::chrono::seconds{now}});
    }
    return text;
}

std::string_view reasonPhrase(unsigned status) {
    if (status == 499) {
        return "Client Closed Request";
    }
    const auto known = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
    return {known.data(), known.size()};
}

// RFC 9110, 5.6.2
bool isToken(std::string_view name) noexcept {
    constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
    return !name.empty() && std::ranges::all_of(name, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kOther.find(c) != std::string_view::npos;
    });
}

bool isFieldValue(std::string_view value) noexcept {
    return std::ranges::none_of(
        value, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; });
}

bool isOurs(std::string_view name) noexcept {
    switch (name.size()) {
        case 4:
            return http::equalsIgnoringCase(name, "date");
        case 10:
            return http::equalsIgnoringCase(name, "connection") || http::equalsIgnoringCase(name, "keep-alive");
        case 14:
            return http::equalsIgnoringCase(name, "content-length");
        case 17:
            return http::equalsIgnoringCase(name, "transfer-encoding");
        default:
            return false;
    }
}

void writeFraming(const HeadSpec& spec, std::string& into) {
    if (spec.framing == Framing::Chunked) {
        into += "Transfer-Encoding: chunked\r\n";
        return;
    }
    if (spec.framing != Framing::Length) {
        return;
    }
    into += "Content-Length: ";
    const auto named = spec.headersMayNameLength ? spec.response.headers.get("content-length") : std::string_view{};
    if (!named.empty() && std::ranges::all_of(named, [](char c) { return c >= '0' && c <= '9'; })) {
        into += named;
    } else {
        appendNumber(into, spec.length);
    }
    into += "\r\n";
}

}  // namespace

void writeHead(const HeadSpec& spec, std::string& into) {
    into = "HTTP/1.1 ";
    appendNumber(into, spec.response.status);
    into += ' ';
    into += reasonPhrase(spec.response.status);
    into += "\r\n";
    for (const auto& [name, value] : spec.response.headers.fields()) {
        if (!isOurs(name) && isToken(name) && isFieldValue(value)) {
            into += name;
            into += ": ";
            into += value;
            into += "\r\n";
        }
    }
    writeFraming(spec, into);
    into += "Date: ";
    into += httpDate();
    if (!spec.keepAlive) {
        into += "\r\nConnection: close\r\n\r\n";
    } else if (spec.http10) {
        into += "\r\nConnection: keep-alive\r\n\r\n";
    } else {
        into += "\r\n\r\n";
    }
}

http::Response refusal(unsigned status, std::string_view code, std::string_view message) {
    const auto requestId = newRequestId().value;
    http::Response response;
    response.status = status;
    response.headers.add("Content-Type", "application/json");
    response.headers.add("X-Fc-Request-Id", requestId);
    response.body =
        fmt::format(R"({{"ErrorCode":"{0}","ErrorMessage":"{1}","Code":"{0}","Message":"{1}","RequestId":"{2}"}})",
                    code, message, requestId);
    return response;
}

}  // namespace hanshu::gateway
