// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/http.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>

namespace hanshu::http {
namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string decodeLeniently(std::string_view text) {
    return percentDecode(text, true).value_or(std::string(text));
}

}  // namespace

bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

void Headers::add(std::string name, std::string value) {
    m_fields.emplace_back(std::move(name), std::move(value));
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(m_fields, [name](const auto& field) { return equalsIgnoringCase(field.first, name); });
}

std::string_view Headers::get(std::string_view name) const noexcept {
    for (const auto& [key, value] : m_fields) {
        if (equalsIgnoringCase(key, name)) {
            return value;
        }
    }
    return {};
}

bool Headers::has(std::string_view name) const noexcept {
    return std::ranges::any_of(m_fields, [name](const auto& field) { return equalsIgnoringCase(field.first, name); });
}

std::vector<std::pair<std::string, std::string>> Request::queryPairs() const {
    std::vector<std::pair<std::string, std::string>> pairs;
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto part = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (part.empty()) {
            continue;
        }
        const auto equals = part.find('=');
        pairs.emplace_back(decodeLeniently(part.substr(0, equals)),
                           equals == std::string_view::npos ? std::string{} : decodeLeniently(part.substr(equals + 1)));
    }
    return pairs;
}

std::optional<std::string> Request::queryValue(std::string_view name) const {
    for (auto& [key, value] : queryPairs()) {
        if (key == name) {
            return std::move(value);
        }
    }
    return std::nullopt;
}

Task<Result<std::string>> readAll(Exchange& exchange, std::size_t limit) {
    const auto tooLarge = [limit] {
        return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(limit)}});
    };
    if (exchange.request.contentLength.value_or(0) > limit) {
        co_return tooLarge();
    }
    std::string body;
    body.reserve(static_cast<std::size_t>(exchange.request.contentLength.value_or(0)));
    std::array<char, 16384> buffer{};
    for (;;) {
        auto count = co_await exchange.body.read(buffer);
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            co_return body;
        }
        if (body.size() + *count > limit) {
            co_return tooLarge();
        }
        body.append(buffer.data(), *count);
    }
}

}  // namespace hanshu::http
