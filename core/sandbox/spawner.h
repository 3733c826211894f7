// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The privileged process that makes sandboxes, ends them and cleans up after them, on the daemon's orders. It trusts
// the daemon less than itself. Single-threaded: a sandbox dies with the thread that started it.
#pragma once

#include "base/unique_fd.h"
#include "sandbox/spawner_process.h"

namespace hanshu::sandbox {

// The whole life of the process, in the child of the fork: says Hello on `daemon`, serves until it is told to stop or
// the daemon is gone, ends every sandbox, and returns the exit code.
[[nodiscard]] int runSpawner(UniqueFd daemon, const SpawnerOptions& options);

}  // namespace hanshu::sandbox
