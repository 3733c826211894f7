// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How the spawner makes, names and kills its child processes. For the spawner's one thread only.
#pragma once

#include "base/unique_fd.h"

#include <sys/types.h>
#include <initializer_list>
#include <string>
#include <string_view>

namespace hanshu::sandbox {

// As fork(2). With `cgroup` (a directory of a version 2 hierarchy) the child is born inside it, which costs 0.1 ms
// where moving it there afterwards stalls for ten.
[[nodiscard]] pid_t forkInto(int cgroup = -1);
// Closes every descriptor from 3 on but these; the child of a fork otherwise keeps other sandboxes' sockets open.
void keepOnlyFds(std::initializer_list<int> fds);
[[nodiscard]] UniqueFd openPidFd(pid_t pid);
// SIGKILL to exactly the process that `pidFd` was opened for; false where it is gone.
bool killByFd(int pidFd);
// Children of the first thread of `pid`; empty where there are none or the process is gone.
[[nodiscard]] std::string childrenOf(pid_t pid);
// Whole small files of /proc, /sys and the like; empty where they can't be read.
[[nodiscard]] std::string readSmallFile(const std::string& path);
// 0 or errno; one write(2) without creating the file.
[[nodiscard]] int writeSmallFile(const std::string& path, std::string_view text);

}  // namespace hanshu::sandbox
