// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a query is answered from: which samples, which steps, which series in which line. Values; any thread.
#pragma once

#include "metrics/query.h"

namespace hanshu::metrics {

struct QueryPlan {
    std::uint32_t metric = 0;
    Kind kind = Kind::Counter;
    double scale = 1;
    std::string_view unit;
    Resolution resolution = Resolution::TenSeconds;
    Period step = 1;   // periods
    Period first = 0;  // of the first step
    std::uint32_t steps = 0;

    struct Group {
        std::array<std::string, kDimensions> dimensions;
        std::vector<std::uint32_t> numbers;  // of series, in order
        Period born = INT32_MAX;
        Period ended = 0;
    };
    std::vector<Group> groups;  // in order
    std::uint32_t groupsLeftOut = 0;

    [[nodiscard]] Period end() const noexcept { return first + step * steps; }
};

// No groups: there is nothing of that name.
[[nodiscard]] Result<QueryPlan> planOf(const Store& store, const Query& query);

}  // namespace hanshu::metrics
