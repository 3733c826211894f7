// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The places for sandboxes: each is a host uid and a cgroup, free again only when nothing of the tree that had it is
// left. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "sandbox/cgroup_tree.h"

#include <deque>
#include <vector>

namespace hanshu::sandbox {

class Slots {
public:
    Slots(const CgroupTree& cgroups, int count);

    // With its cgroup made. Errors: ResourceThrottled.
    [[nodiscard]] Result<int> take();
    void release(int slot);
    // Looks again at those whose cgroups could not be removed yet.
    void retryReleases();
    [[nodiscard]] bool anyFree() const noexcept { return !m_free.empty(); }
    [[nodiscard]] bool anyLeaving() const noexcept { return !m_leaving.empty(); }

private:
    const CgroupTree& m_cgroups;
    std::deque<int> m_free;      // the one that was free longest first
    std::vector<int> m_leaving;  // their cgroups are not gone yet
};

}  // namespace hanshu::sandbox
