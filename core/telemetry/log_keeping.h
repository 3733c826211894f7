// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How long and how much of its log an account may keep. Values.
#pragma once

#include <chrono>
#include <cstdint>

namespace hanshu::telemetry {

struct LogKeeping {
    std::chrono::hours maxAge{24 * 30};
    std::uint64_t maxBytes = std::uint64_t{4} << 30U;  // of an account, on disk: a third of what was written
};

}  // namespace hanshu::telemetry
