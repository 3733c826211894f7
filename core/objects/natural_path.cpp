// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/natural_path.h"

#include <algorithm>

namespace hanshu::objects {
namespace {

constexpr std::size_t kMaxNameBytes = 255;  // NAME_MAX

bool isComponent(std::string_view name) noexcept {
    return !name.empty() && name != "." && name != ".." && name.size() <= kMaxNameBytes;
}

}  // namespace

bool hasNaturalPath(std::string_view key) noexcept {
    const auto isControl = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (key.size() > kMaxKeyBytes || std::any_of(key.begin(), key.end(), isControl)) {
        return false;
    }
    for (;;) {
        const auto slash = key.find('/');
        if (!isComponent(key.substr(0, slash))) {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        key.remove_prefix(slash + 1);
    }
}

bool isBucketName(std::string_view name) noexcept {
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    const auto isEdge = [&](char c) { return (c >= 'a' && c <= 'z') || isDigit(c); };
    if (name.size() < 3 || name.size() > 63 || !isEdge(name.front()) || !isEdge(name.back()) ||
        name.find("..") != std::string_view::npos) {
        return false;
    }
    const bool likeAddress = std::count(name.begin(), name.end(), '.') == 3 &&
                             std::all_of(name.begin(), name.end(), [&](char c) { return c == '.' || isDigit(c); });
    return !likeAddress &&
           std::all_of(name.begin(), name.end(), [&](char c) { return isEdge(c) || c == '.' || c == '-'; });
}

}  // namespace hanshu::objects
