// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes the scheduler over a factory of instances. Any thread.
#pragma once

#include "base/clock.h"
#include "scheduler/scheduler.h"

#include <chrono>
#include <memory>

namespace hanshu::scheduler {

struct SchedulerOptions {
    IoPool& io;                         // outlives the scheduler
    runtime::InstanceFactory& factory;  // outlives the scheduler
    const Clock& clock;                 // outlives the scheduler
    // How long an idle instance stays warm where the function does not say (reference 3.6: 1 minute).
    std::chrono::milliseconds idleTimeout{60'000};
    int parallelStarts = 8;  // of one function: more would only fight for the cores that the first ones need
};

[[nodiscard]] std::unique_ptr<Scheduler> makeScheduler(SchedulerOptions options);

}  // namespace hanshu::scheduler
