// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Starts the spawner process and speaks to it. Called in main, before any thread exists and before root is dropped.
#pragma once

#include "base/result.h"
#include "sandbox/sandbox.h"

#include <filesystem>
#include <memory>

namespace hanshu {
class IoPool;
}

namespace hanshu::sandbox {

struct SpawnerOptions {
    std::filesystem::path stateDirectory;  // absolute; mounts come from below it, /tmp images lie in it
    int atOnce = 4096;                     // sandboxes at once, each a uid from 1900000000 on
    bool cgroups = true;                   // false: rlimits only, as on a host that gives none
};

// Forks the spawner (single-threaded, privileged when the caller is root). It cleans up what sandboxes of an earlier
// daemon on this state left behind: processes and cgroups (mounts and loop devices end with their last user). It ends
// by itself, with every sandbox, when the daemon dies. Where no sandbox can be made the error says why.
class SpawnerHandle {
public:
    [[nodiscard]] static Result<std::unique_ptr<SpawnerHandle>> fork(const SpawnerOptions& options);
    ~SpawnerHandle();  // tells the spawner to end every sandbox and itself, and waits for it

    // After the daemon has its io threads; `io` carries the replies.
    [[nodiscard]] Result<std::unique_ptr<SandboxFactory>> connect(IoPool& io);
    [[nodiscard]] int pid() const noexcept;

private:
    struct State;
    explicit SpawnerHandle(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::sandbox
