// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/clean_text.h"

#include "base/encoding.h"

namespace hanshu::alarms {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

[[nodiscard]] bool isContinuation(char c) noexcept {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

}  // namespace

std::string cleanUtf8(std::string_view text) {
    if (isUtf8(text)) {
        return std::string(text);
    }
    std::string out;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length < std::min<std::size_t>(4, text.size()) && isContinuation(text[length])) {
            ++length;
        }
        if (isUtf8(text.substr(0, length))) {
            out += text.substr(0, length);
        } else {
            out += kReplacement;
            length = 1;
        }
        text.remove_prefix(length);
    }
    return out;
}

std::string shortened(std::string text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    auto end = bytes > kEllipsis.size() ? bytes - kEllipsis.size() : 0;
    while (end > 0 && isContinuation(text[end])) {
        --end;
    }
    text.resize(end);
    return text.append(kEllipsis);
}

std::string oneLine(std::string_view text) {
    auto line = cleanUtf8(text);
    std::ranges::replace_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return line;
}

std::string escapeHtml(std::string_view text) {
    std::string out;
    for (const auto c : cleanUtf8(text)) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace hanshu::alarms
