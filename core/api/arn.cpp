// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/arn.h"

#include <array>

namespace hanshu::api {

std::optional<Arn> parseArn(std::string_view text) noexcept {
    std::array<std::string_view, 4> parts;
    for (auto& part : parts) {
        const auto colon = text.find(':');
        if (colon == std::string_view::npos) {
            return std::nullopt;
        }
        part = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (parts[0] != "acs" || parts[1].empty() || text.empty()) {
        return std::nullopt;
    }
    return Arn{parts[1], parts[2], parts[3], text};
}

}  // namespace hanshu::api
