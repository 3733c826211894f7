// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A stock of empty file systems of a fixed size, each a loop image, that become /tmp of sandboxes: a full one answers
// ENOSPC. For the spawner's one thread only; what takes long runs in children of it.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <sys/types.h>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>

namespace hanshu::sandbox {

class ScratchDisks {
public:
    // `directory` exists. `watch` makes the spawner call `collect` with the descriptor when it becomes readable.
    ScratchDisks(std::string directory, std::function<void(int fd)> watch);

    // Makes and discards one, so as to know whether this host can. Blocks for some 20 ms.
    [[nodiscard]] Result<void> probe();
    [[nodiscard]] bool available() const noexcept { return m_available; }
    // A detached mount; empty where none of that size is ready, and then one is being made.
    [[nodiscard]] UniqueFd take(std::int64_t bytes);
    // Of a descriptor that became readable: the size that is ready now, or why it can't be made. The descriptor is
    // closed.
    [[nodiscard]] std::pair<std::int64_t, Result<void>> collect(int fd);
    // Whether this child process is making one.
    [[nodiscard]] bool isMaker(pid_t pid) const;

private:
    struct Making {
        std::int64_t bytes = 0;
        pid_t child = -1;
    };
    [[nodiscard]] Result<int> start(std::int64_t bytes);
    void refill(std::int64_t bytes);

    std::string m_directory;
    std::function<void(int)> m_watch;
    bool m_available = false;
    std::map<std::int64_t, std::deque<UniqueFd>> m_ready;
    std::map<int, Making> m_making;  // by the socket on which the child hands its mount over
};

}  // namespace hanshu::sandbox
