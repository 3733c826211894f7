// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a process must do before it has threads: take the state directory, fork the spawner, drop root. Main thread,
// once.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/doctor.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

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
    // What isolation the host gave when the spawner was forked, and the room on the disk now. Any thread; blocks some
    // ms.
    [[nodiscard]] std::vector<sandbox::Finding> examine() const;
    void endSpawner();

private:
    Ground();
    std::filesystem::path m_stateDirectory;
    UniqueFd m_lock;
    // Taken before root is dropped: it is the spawner's rights that count.
    std::vector<sandbox::Finding> m_findings;
    std::unique_ptr<sandbox::SpawnerHandle> m_spawner;
};

}  // namespace hanshu::node
