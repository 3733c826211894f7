// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The control groups of all sandboxes of one spawner, in whatever form the host mounts them. For the spawner's one
// thread only.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/orders.h"
#include "sandbox/sandbox.h"

#include <string>
#include <vector>

namespace hanshu::sandbox {

// Where the caller's own cgroup of a hierarchy lies, as mountinfo and /proc/PID/cgroup tell it.
struct CgroupHierarchy {
    bool unified = false;
    std::vector<std::string> controllers;  // v1: of the mount; v2: those that are enabled there
    std::string mountPoint;
    std::string directory;  // absolute: the mount point plus the caller's own path
};
// Every mounted hierarchy that the caller is in. The texts are those of the two files in /proc/self.
[[nodiscard]] std::vector<CgroupHierarchy> parseHierarchies(std::string_view mountInfo, std::string_view ownCgroups);
[[nodiscard]] std::vector<CgroupHierarchy> mountedHierarchies();

class CgroupTree {
public:
    enum class Kind { None, V1, V2 };

    // Makes the parent directory `name` below the caller's own cgroups, after ending what an earlier spawner of that
    // name left in any such directory, wherever its own cgroups were. Where the host gives no memory and pids
    // controller, kind() is None and note() says why.
    explicit CgroupTree(const std::string& name);
    // None from the start.
    CgroupTree() = default;

    [[nodiscard]] Kind kind() const noexcept { return m_kind; }
    [[nodiscard]] const std::string& note() const noexcept { return m_note; }

    [[nodiscard]] Result<void> make(int slot) const;
    // v1: the files a process writes "0" to in order to move in. Empty in v2, where it is born inside.
    [[nodiscard]] std::vector<std::string> entrances(int slot) const;
    // v2: the directory to be born in.
    [[nodiscard]] UniqueFd birthplace(int slot) const;
    [[nodiscard]] Result<void> limit(int slot, const Assignment& assignment) const;
    [[nodiscard]] UsageSource usageSource() const noexcept;
    // In the order of UsageSource's comment.
    [[nodiscard]] std::vector<UniqueFd> usageFiles(int slot) const;
    // Kills what is still inside. True when the directories are gone; try again a little later otherwise.
    bool remove(int slot) const;
    // The parent directories too.
    void removeAll() const;

private:
    [[nodiscard]] bool adoptV1(const std::vector<CgroupHierarchy>& hierarchies, const std::string& name);
    [[nodiscard]] bool adoptV2(const std::vector<CgroupHierarchy>& hierarchies, const std::string& name);
    static void clear(const std::string& parent);
    static void clearAll(const CgroupHierarchy& hierarchy, const std::string& name);

    Kind m_kind = Kind::None;
    std::string m_note = "no cgroups";
    std::string m_memory;                // v1: directory of all sandboxes in the memory hierarchy; v2: the one
    std::string m_pids;                  // likewise
    std::string m_cpu;                   // empty where the host has no cpu controller
    std::vector<std::string> m_parents;  // the different ones of the three
};

}  // namespace hanshu::sandbox
