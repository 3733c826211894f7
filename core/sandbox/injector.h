// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Puts folders and /tmp into a sandbox that is already running, by a short-lived child in its mount namespace. For the
// spawner's one thread only.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/sandbox.h"

#include <sys/types.h>

namespace hanshu::sandbox {

struct InjectionPlan {
    pid_t init = -1;          // of the sandbox, in the spawner's pid namespace
    int initFd = -1;          // its pidfd
    int stateDirectory = -1;  // every mount's source lies below it
    std::string statePath;    // its absolute name, with which hostPath begins
    int scratch = -1;         // a detached mount that becomes /tmp; -1: a tmpfs
    bool limitByRlimits = false;
    uid_t uid = 0;  // of the sandbox's processes, 0: the spawner's own
    const Assignment* assignment = nullptr;
};

// Whether the daemon may ask for these mounts: sources below `statePath`, targets at or below /code, /opt, /mnt, /home.
[[nodiscard]] Result<void> checkMounts(const std::vector<Mount>& mounts, const std::string& statePath);
// Blocks for some 0.2 ms. The sandbox's program has been started.
[[nodiscard]] Result<void> inject(const InjectionPlan& plan);

}  // namespace hanshu::sandbox
