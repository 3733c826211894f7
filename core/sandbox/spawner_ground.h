// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the spawner stands on for its whole life: what this host gives, found out and taken into possession once at its
// start. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/cgroup_tree.h"
#include "sandbox/sandbox.h"
#include "sandbox/spawner_process.h"
#include "sandbox/uid_range.h"

#include <sys/types.h>
#include <optional>
#include <string>

namespace hanshu::sandbox {

struct SpawnerGround {
    Isolation isolation = Isolation::User;
    std::string note;  // what this host lacks; empty where nothing
    std::string statePath;
    UniqueFd state;  // of the spawner's own mount namespace
    UniqueFd turn;   // held for as long as this spawner lives
    UniqueFd seccomp;
    std::string bubblewrap;
    std::string etc;
    std::optional<UidRange> uids;
    CgroupTree cgroups;

    // 0: sandboxes keep the spawner's own uid.
    [[nodiscard]] uid_t uidOf(int slot) const { return uids ? uids->first() + static_cast<uid_t>(slot) : 0; }
};

// Waits for a predecessor on this state, ends what it left behind, and moves the caller into namespaces of its own.
// Where it fails, `ground` has what was found out until then.
[[nodiscard]] Result<void> takeGround(const SpawnerOptions& options, SpawnerGround& ground);

}  // namespace hanshu::sandbox
