// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How often a rule would have fired, by the engine itself over what was. Any thread; blocks on the value source.
#pragma once

#include "alarms/engine.h"

namespace hanshu::alarms {

struct Preview {
    static constexpr std::size_t kMaxTransitions = 1000;

    std::uint64_t fired = 0;              // series that began to fire
    std::uint64_t told = 0;               // notices, storms not grouped
    std::chrono::seconds firingTime{0};   // of all series together, acknowledged by nobody
    std::uint64_t periods = 0;            // of series that were looked at
    std::uint64_t withoutData = 0;        // of them
    std::vector<Transition> transitions;  // the first ones
    std::uint64_t transitionsLeftOut = 0;
};

// `rules` are the rule, first, and those it is made of. Periods that end after `from`, up to `to`. InvalidAlarmRule;
// InvalidArgument: a range that is empty, or of more than 100 days or 300,000 periods. Errors of the source.
[[nodiscard]] Result<Preview> preview(ValueSource& values, const std::vector<AlarmRule>& rules, SystemTime from,
                                      SystemTime to, const EngineOptions& options = {});

}  // namespace hanshu::alarms
