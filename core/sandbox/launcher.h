// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The child process that becomes a sandbox: it waits, already in its cgroups, until it is told what to run, then turns
// into bubblewrap. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/cgroup_tree.h"

#include <sys/types.h>
#include <string>

namespace hanshu::sandbox {

struct LauncherPlan {
    int slot = 0;
    uid_t uid = 0;           // 0: keep the spawner's own
    int seccomp = -1;        // the filter's memory file
    std::string bubblewrap;  // absolute path on the host
    std::string etcPath;     // a folder of the host that appears as /etc inside
    const CgroupTree* cgroups = nullptr;
};

struct Launcher {
    pid_t pid = -1;
    UniqueFd pidFd;
    UniqueFd socket;  // one frame into it, a LaunchOrder with its fds, and it starts
    UniqueFd info;    // bubblewrap tells here the pid of the sandbox's init
};

[[nodiscard]] Result<Launcher> parkLauncher(const LauncherPlan& plan);

// The uid that code sees as its own.
inline constexpr int kUidInside = 1000;
// Before the function is known; a tmpfs, for what an agent may drop there.
inline constexpr long kFirstTmpBytes = 16L << 20;
// For POSIX semaphores and small shared segments: what Python's multiprocessing needs. Charged as memory.
inline constexpr long kShmBytes = 16L << 20;
inline constexpr unsigned long kMaxOpenFiles = 100'000;  // reference 5.7

}  // namespace hanshu::sandbox
