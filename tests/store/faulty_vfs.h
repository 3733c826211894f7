// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SQLite on a VolatileDisk: a VFS whose files forget what was not synced. It syncs directories exactly where SQLite's
// own VFS for Unix does: with the first sync of a journal or log that it created, and after deleting one when asked to.
// Registered as long as it lives; connections of one process may share its files from many threads.
#pragma once

#include "base/volatile_disk.h"

#include <memory>
#include <string>

namespace hanshu::test {

class FaultyVfs {
public:
    FaultyVfs(VolatileDisk& disk, std::string name);
    ~FaultyVfs();
    FaultyVfs(const FaultyVfs&) = delete;
    FaultyVfs& operator=(const FaultyVfs&) = delete;

    [[nodiscard]] const std::string& name() const noexcept;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::test
