// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The violations that a validation gathers. One thread at a time.
#pragma once

#include "api/json.h"
#include "api/json_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <span>

namespace hanshu::api {

class Findings {
public:
    std::vector<Violation> list;

    void add(std::string field, std::string problem) { list.push_back({std::move(field), std::move(problem)}); }

    void range(std::string_view field, int value, int low, int high) {
        if (value < low || value > high) {
            add(std::string(field), fmt::format("must be between {} and {} (actual: {})", low, high, value));
        }
    }

    void oneOf(std::string_view field, std::string_view value, std::span<const std::string_view> allowed) {
        if (std::ranges::find(allowed, value) == allowed.end()) {
            add(std::string(field), fmt::format("is set to an invalid value (allowed: {}, actual: {})",
                                                fmt::join(allowed, " | "), inQuotes(value)));
        }
    }

    void atMost(std::string_view field, std::size_t count, std::size_t most, std::string_view what) {
        if (count > most) {
            add(std::string(field), fmt::format("contains too many {} (max: {}, actual: {})", what, most, count));
        }
    }

    [[nodiscard]] Result<void> result() const {
        if (list.empty()) {
            return {};
        }
        return violations(list);
    }
};

}  // namespace hanshu::api
