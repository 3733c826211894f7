// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a process must do before it has threads: take the state directory, fork the spawner, drop root. Main thread,
// once.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <filesystem>
#include <memory>
#include <string>

namespace hanshu::sandbox {
class SpawnerHandle;
}

namespace hanshu::node {

struct GroundOptions {
    std::filesystem::path stateDirectory;  // made when it is missing, mode 0700
    // As root: the user that the daemon becomes, a name or a number. Empty: `hanshu` where there is one, else a number
    // of its own.
    std::string user;
    bool dropRoot = true;  // false for a console that runs as root: its display may belong to root
};

// Holds the state directory and the spawner; ends both when it is destroyed.
class Ground {
public:
    // Errors: FailedPrecondition `StateInUse` (parameters state, pid) when another process has the state directory,
    // `StateUnreachable` (state, user, message) when the daemon's user could not get to it.
    [[nodiscard]] static Result<std::unique_ptr<Ground>> prepare(const GroundOptions& options);
    ~Ground();

    [[nodiscard]] const std::filesystem::path& stateDirectory() const noexcept { return m_stateDirectory; }
    [[nodiscard]] sandbox::SpawnerHandle& spawner() noexcept { return *m_spawner; }
    void endSpawner();

private:
    Ground();
    std::filesystem::path m_stateDirectory;
    UniqueFd m_lock;
    std::unique_ptr<sandbox::SpawnerHandle> m_spawner;
};

}  // namespace hanshu::node
