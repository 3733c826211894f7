// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/result.h"

#include <fmt/format.h>
#include <cerrno>
#include <system_error>

namespace hanshu {

std::string_view Error::param(std::string_view name) const noexcept {
    for (const auto& [key, value] : params) {
        if (key == name) {
            return value;
        }
    }
    return {};
}

std::string Error::describe() const {
    std::string line = reason;
    for (const auto& [key, value] : params) {
        line += fmt::format(" {}={}", key, value);
    }
    if (!detail.empty()) {
        line += fmt::format(": {}", detail);
    }
    return line;
}

Failure systemError(std::string_view what, int errnoValue) {
    auto text = fmt::format("{}: {}", what, std::generic_category().message(errnoValue));
    if (errnoValue == ENOSPC || errnoValue == EDQUOT) {
        return fail(Code::ResourceExhausted, "StorageFull", {}, std::move(text));
    }
    return internalError(std::move(text));
}

}  // namespace hanshu
