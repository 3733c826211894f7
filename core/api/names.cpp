// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/names.h"

#include "api/arn.h"
#include "api/validate.h"

#include <algorithm>

namespace hanshu::api {
namespace {

constexpr std::size_t kLongestFunctionName = 64;  // reference 1.1
constexpr std::size_t kLongestTriggerName = 128;  // reference 1.1

bool isLetter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

}  // namespace

bool isName(std::string_view text, std::size_t longest) noexcept {
    return !text.empty() && text.size() <= longest && (isLetter(text.front()) || text.front() == '_') &&
           std::ranges::all_of(text, [](char c) { return isLetter(c) || isDigit(c) || c == '_' || c == '-'; });
}

bool isFunctionName(std::string_view name) noexcept {
    return isName(name, kLongestFunctionName);
}

bool isTriggerName(std::string_view name) noexcept {
    return isName(name, kLongestTriggerName);
}

bool isBucketName(std::string_view name) noexcept {
    return name.size() >= 3 && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || isDigit(c) || c == '-'; });
}

bool isRoleArn(std::string_view text) noexcept {
    constexpr std::string_view kRole = "role/";
    const auto arn = parseArn(text);
    if (!arn || arn->service != "ram" || !arn->region.empty() || !isPrintable(arn->account) || arn->account.empty() ||
        !arn->resource.starts_with(kRole)) {
        return false;
    }
    const auto name = arn->resource.substr(kRole.size());
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '@' || c == '-';
    });
}

bool isPrintable(std::string_view text) noexcept {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace hanshu::api
