// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json_text.h"

#include "base/encoding.h"

#include <fmt/format.h>
#include <iterator>

namespace hanshu::api {
namespace {

// Bytes of a quotation: enough to recognise a name of 64 characters, little enough for a line.
constexpr std::size_t kQuotationLimit = 80;

std::string withReplacements(std::string_view text) {
    std::string valid;
    while (!text.empty()) {
        std::size_t length = 1;
        while (length <= 4 && length <= text.size() && !isUtf8(text.substr(0, length))) {
            ++length;
        }
        if (length > 4 || length > text.size()) {
            valid += "\xef\xbf\xbd";
            length = 1;
        } else {
            valid += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return valid;
}

void appendEscaped(std::string& out, char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out += c;
            }
    }
}

}  // namespace

void appendJsonString(std::string& out, std::string_view text) {
    std::string repaired;
    if (!isUtf8(text)) {
        repaired = withReplacements(text);
        text = repaired;
    }
    out += '"';
    for (const char c : text) {
        appendEscaped(out, c);
    }
    out += '"';
}

std::string shortened(std::string_view text) {
    if (text.size() <= kQuotationLimit) {
        return std::string(text);
    }
    auto end = kQuotationLimit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return fmt::format("{}…", text.substr(0, end));
}

std::string inQuotes(std::string_view text) {
    return fmt::format("'{}'", shortened(text));
}

}  // namespace hanshu::api
