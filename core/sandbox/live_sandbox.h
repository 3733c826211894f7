// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the spawner knows of one sandbox, from the launcher that waits to become it until nothing of it is left.
#pragma once

#include "base/unique_fd.h"
#include "sandbox/launcher.h"
#include "sandbox/orders.h"

#include <sys/types.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace hanshu::sandbox {

struct LiveSandbox {
    std::uint64_t id = 0;
    int slot = 0;
    Launcher launcher;  // then bubblewrap's monitor
    std::string infoText;
    std::optional<std::uint64_t> launchRequest;  // it was ordered
    bool announced = false;                      // the daemon knows it
    pid_t init = -1;
    UniqueFd initFd;
    bool monitorGone = false;
    bool initGone = false;
    bool killed = false;
    bool assigned = false;
    std::optional<AssignOrder> assignment;  // under way
    std::chrono::steady_clock::time_point assignmentDeadline{};
    ExitStatus exit;
};

}  // namespace hanshu::sandbox
