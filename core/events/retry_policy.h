// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What becomes of an event after a run, or after a refusal. Pure; any thread.
#pragma once

#include "base/result.h"
#include "invoke/pipeline.h"
#include "store/event_queue.h"

namespace hanshu::events {

// Reference 5.3: an event may wait this long for its first run (configurable per function later).
inline constexpr std::chrono::hours kMaxEventAge{24};
// Reference 5.3: the first retry after 0.5 s, then twice as long each time, up to 5 h.
inline constexpr std::chrono::milliseconds kFirstRetryDelay{500};
inline constexpr std::chrono::hours kLongestRetryDelay{5};

// The delay before attempt `attempt` + 1, where `attempt` counts from 0.
[[nodiscard]] std::chrono::microseconds retryDelay(int attempt) noexcept;

// A function error is tried again until `maxAttempts`, and counts. What the platform could not serve (a limit, a drain,
// a stop that cut the run, an internal error, a function that is disabled) is tried again without counting. A grant or
// a function that is missing ends the event at once.
[[nodiscard]] store::Settlement settle(const store::Lease& lease, const Result<invoke::Outcome>& outcome,
                                       SystemTime now);

}  // namespace hanshu::events
