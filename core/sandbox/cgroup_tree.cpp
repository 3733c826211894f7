// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/cgroup_tree.h"

#include "sandbox/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace hanshu::sandbox {
namespace {

// The kernel's default, and what the limits of both versions are told in.
constexpr int kPeriodMicroseconds = 100'000;
constexpr long kShortestQuota = 1000;  // less is refused by the kernel
// bubblewrap's monitor and its init live in the sandbox's cgroup beside the function's own processes.
constexpr int kOwnProcesses = 2;
// Until the function is known; an agent needs few.
constexpr int kProcessesBeforeAssignment = 64;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = std::min(text.find(separator), text.size());
        if (at > 0) {
            parts.emplace_back(text.substr(0, at));
        }
        text.remove_prefix(std::min(at + 1, text.size()));
    }
    return parts;
}

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

// `own` as seen from a mount whose root is `root` of the same hierarchy.
std::string below(const std::string& mountPoint, const std::string& root, const std::string& own) {
    std::string rest = own;
    if (root != "/" && own.starts_with(root)) {
        rest = own.substr(root.size());
    } else if (root != "/") {
        rest.clear();
    }
    return rest.empty() || rest == "/" ? mountPoint : mountPoint + rest;
}

const CgroupHierarchy* withController(const std::vector<CgroupHierarchy>& hierarchies, std::string_view controller) {
    for (const auto& hierarchy : hierarchies) {
        if (!hierarchy.unified && contains(hierarchy.controllers, controller)) {
            return &hierarchy;
        }
    }
    return nullptr;
}

bool makeDirectory(const std::string& path) {
    return ::mkdir(path.c_str(), 0755) == 0 || errno == EEXIST;
}

void killProcessesOf(const std::string& directory) {
    if (writeSmallFile(directory + "/cgroup.kill", "1") == 0) {
        return;
    }
    for (const auto& line : split(readSmallFile(directory + "/cgroup.procs"), '\n')) {
        const auto pid = static_cast<pid_t>(std::strtol(line.c_str(), nullptr, 10));
        if (pid > 1 && pid != ::getpid()) {
            ::kill(pid, SIGKILL);
        }
    }
}

}  // namespace

std::vector<CgroupHierarchy> parseHierarchies(std::string_view mountInfo, std::string_view ownCgroups) {
    struct Own {
        std::vector<std::string> controllers;
        std::string path;
    };
    std::vector<Own> own;
    for (const auto& line : split(ownCgroups, '\n')) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (second != std::string::npos) {
            own.push_back(
                {split(std::string_view(line).substr(first + 1, second - first - 1), ','), line.substr(second + 1)});
        }
    }
    std::vector<CgroupHierarchy> found;
    for (const auto& line : split(mountInfo, '\n')) {
        const auto dash = line.find(" - cgroup");
        if (dash == std::string::npos) {
            continue;
        }
        const auto left = split(std::string_view(line).substr(0, dash), ' ');
        const auto right = split(std::string_view(line).substr(dash + 3), ' ');
        if (left.size() < 5 || right.size() < 3) {
            continue;
        }
        CgroupHierarchy hierarchy;
        hierarchy.unified = right[0] == "cgroup2";
        const auto options = split(right[2], ',');
        for (const auto& entry : own) {
            const bool same = hierarchy.unified
                                  ? entry.controllers.empty()
                                  : !entry.controllers.empty() &&
                                        std::all_of(entry.controllers.begin(), entry.controllers.end(),
                                                    [&](const auto& name) { return contains(options, name); });
            if (same) {
                hierarchy.controllers = entry.controllers;
                hierarchy.mountPoint = left[4];
                hierarchy.directory = below(left[4], left[3], entry.path);
                found.push_back(hierarchy);
                break;
            }
        }
    }
    return found;
}

std::vector<CgroupHierarchy> mountedHierarchies() {
    auto found = parseHierarchies(readSmallFile("/proc/self/mountinfo"), readSmallFile("/proc/self/cgroup"));
    for (auto& hierarchy : found) {
        if (hierarchy.unified) {
            hierarchy.controllers = split(readSmallFile(hierarchy.directory + "/cgroup.controllers"), ' ');
            if (!hierarchy.controllers.empty() && hierarchy.controllers.back().ends_with('\n')) {
                hierarchy.controllers.back().pop_back();
            }
        }
    }
    return found;
}

CgroupTree::CgroupTree(const std::string& name) {
    const auto hierarchies = mountedHierarchies();
    if (adoptV2(hierarchies, name)) {
        m_kind = Kind::V2;
    } else if (adoptV1(hierarchies, name)) {
        m_kind = Kind::V1;
    } else {
        m_parents.clear();
        m_note += ": limits are per process (rlimits), and out of memory is not told";
        return;
    }
    m_note.clear();
    if (m_cpu.empty()) {
        m_note = "no cpu controller: CPU time is not limited";
    }
}

bool CgroupTree::adoptV1(const std::vector<CgroupHierarchy>& hierarchies, const std::string& name) {
    const auto* memory = withController(hierarchies, "memory");
    const auto* pids = withController(hierarchies, "pids");
    const auto* cpu = withController(hierarchies, "cpu");
    if (!memory || !pids) {
        m_note = "no memory and pids controllers, neither in version 2 nor in version 1";
        return false;
    }
    m_memory = memory->directory + "/" + name;
    m_pids = pids->directory + "/" + name;
    m_cpu = cpu ? cpu->directory + "/" + name : "";
    m_parents = {m_memory};
    for (const auto& parent : {m_pids, m_cpu}) {
        if (!parent.empty() && !contains(m_parents, parent)) {
            m_parents.push_back(parent);
        }
    }
    for (const auto* hierarchy : {memory, pids, cpu}) {
        if (hierarchy) {
            clearAll(*hierarchy, name);
        }
    }
    for (const auto& parent : m_parents) {
        if (!makeDirectory(parent)) {
            m_note = fmt::format("cgroups can't be made: {}: {}", parent, std::strerror(errno));
            return false;
        }
    }
    return true;
}

bool CgroupTree::adoptV2(const std::vector<CgroupHierarchy>& hierarchies, const std::string& name) {
    const auto unified = std::find_if(hierarchies.begin(), hierarchies.end(), [](const auto& hierarchy) {
        return hierarchy.unified && contains(hierarchy.controllers, "memory") &&
               contains(hierarchy.controllers, "pids");
    });
    if (unified == hierarchies.end()) {
        return false;
    }
    const std::string& base = unified->directory;
    m_memory = m_pids = base + "/" + name;
    m_parents = {m_memory};
    clearAll(*unified, name);
    if (!makeDirectory(m_memory)) {
        m_note = fmt::format("cgroups can't be made below {}: {}", base, std::strerror(errno));
        return false;
    }
    const bool cpu = contains(unified->controllers, "cpu");
    const std::string controllers = cpu ? "+memory +pids +cpu" : "+memory +pids";
    if (writeSmallFile(base + "/cgroup.subtree_control", controllers) == EBUSY) {
        // A group with controllers for its children holds no processes itself (but for the root): the daemon and its
        // spawner, which are alone in a delegated group, move down.
        const std::string leaf = base + "/hanshu-daemon";
        if (makeDirectory(leaf)) {
            for (const pid_t pid : {::getppid(), ::getpid()}) {
                (void)writeSmallFile(leaf + "/cgroup.procs", std::to_string(pid));
            }
        }
        (void)writeSmallFile(base + "/cgroup.subtree_control", controllers);
    }
    if (const int code = writeSmallFile(m_memory + "/cgroup.subtree_control", controllers); code != 0) {
        m_note = fmt::format("the controllers of {} are not delegated: {}", base, std::strerror(code));
        ::rmdir(m_memory.c_str());
        return false;
    }
    m_cpu = cpu ? m_memory : "";
    return true;
}

void CgroupTree::clearAll(const CgroupHierarchy& hierarchy, const std::string& name) {
    namespace fs = std::filesystem;
    std::vector<std::string> found;
    std::error_code ignored;
    for (fs::recursive_directory_iterator at(hierarchy.mountPoint, fs::directory_options::skip_permission_denied,
                                             ignored);
         !ignored && at != fs::recursive_directory_iterator(); at.increment(ignored)) {
        if (at->path().filename() == name) {
            found.push_back(at->path());
            at.disable_recursion_pending();
        }
    }
    for (const auto& parent : found) {
        clear(parent);
    }
}

void CgroupTree::clear(const std::string& parent) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(parent, ignored)) {
        if (!entry.is_directory(ignored)) {
            continue;
        }
        const std::string child = entry.path();
        // A killed process leaves within a scheduling round or two; a second is a machine in deep trouble.
        for (int attempt = 0; ::rmdir(child.c_str()) != 0 && errno == EBUSY && attempt < 200; ++attempt) {
            killProcessesOf(child);
            ::usleep(5000);
        }
    }
    ::rmdir(parent.c_str());
}

Result<void> CgroupTree::make(int slot) const {
    for (const auto& parent : m_parents) {
        const auto directory = fmt::format("{}/{}", parent, slot);
        if (::mkdir(directory.c_str(), 0755) != 0) {
            const int code = errno;
            return systemError("mkdir " + directory, code);
        }
    }
    if (m_kind != Kind::None) {
        (void)writeSmallFile(fmt::format("{}/{}/pids.max", m_pids, slot), std::to_string(kProcessesBeforeAssignment));
    }
    if (m_kind == Kind::V2) {
        // Without it the kernel kills one process of the tree, and the rest stands there half alive.
        (void)writeSmallFile(fmt::format("{}/{}/memory.oom.group", m_memory, slot), "1");
    }
    return {};
}

std::vector<std::string> CgroupTree::entrances(int slot) const {
    std::vector<std::string> files;
    if (m_kind == Kind::V1) {
        for (const auto& parent : m_parents) {
            files.push_back(fmt::format("{}/{}/cgroup.procs", parent, slot));
        }
    }
    return files;
}

UniqueFd CgroupTree::birthplace(int slot) const {
    if (m_kind != Kind::V2) {
        return {};
    }
    return UniqueFd(::open(fmt::format("{}/{}", m_memory, slot).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

Result<void> CgroupTree::limit(int slot, const Assignment& assignment) const {
    const auto set = [&](const std::string& parent, const char* file, const std::string& value) -> Result<void> {
        const auto path = fmt::format("{}/{}/{}", parent, slot, file);
        if (const int code = writeSmallFile(path, value); code != 0) {
            return systemError(fmt::format("write {} to {}", value, path), code);
        }
        return {};
    };
    if (m_kind == Kind::None) {
        return {};
    }
    const auto quota = std::max(kShortestQuota, std::lround(assignment.cpus * kPeriodMicroseconds));
    const auto memory = std::to_string(assignment.memoryBytes);
    HANSHU_TRY(set(m_pids, "pids.max", std::to_string(assignment.processes + kOwnProcesses)));
    if (m_kind == Kind::V2) {
        HANSHU_TRY(set(m_memory, "memory.max", memory));
        (void)set(m_memory, "memory.swap.max", "0");  // absent on a kernel without swap accounting
        return m_cpu.empty() ? Result<void>{} : set(m_cpu, "cpu.max", fmt::format("{} {}", quota, kPeriodMicroseconds));
    }
    HANSHU_TRY(set(m_memory, "memory.limit_in_bytes", memory));
    (void)set(m_memory, "memory.memsw.limit_in_bytes", memory);  // likewise
    return m_cpu.empty() ? Result<void>{} : set(m_cpu, "cpu.cfs_quota_us", std::to_string(quota));
}

UsageSource CgroupTree::usageSource() const noexcept {
    switch (m_kind) {
        case Kind::V1:
            return UsageSource::CgroupV1;
        case Kind::V2:
            return UsageSource::CgroupV2;
        case Kind::None:
            break;
    }
    return UsageSource::Process;
}

std::vector<UniqueFd> CgroupTree::usageFiles(int slot) const {
    const auto openFile = [&](const char* file) {
        const auto path = fmt::format("{}/{}/{}", m_memory, slot, file);
        const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
        // memory.peak is read-only before Linux 6.12, the counters always are.
        return UniqueFd(fd >= 0 ? fd : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    };
    std::vector<UniqueFd> files;
    if (m_kind == Kind::V1) {
        files.push_back(openFile("memory.max_usage_in_bytes"));
        files.push_back(openFile("memory.oom_control"));
    } else if (m_kind == Kind::V2) {
        files.push_back(openFile("memory.peak"));
        files.push_back(openFile("memory.events"));
        files.push_back(openFile("memory.current"));
    }
    std::erase_if(files, [](const UniqueFd& fd) { return !fd; });
    return files;
}

bool CgroupTree::remove(int slot) const {
    bool gone = true;
    for (const auto& parent : m_parents) {
        const auto directory = fmt::format("{}/{}", parent, slot);
        if (::rmdir(directory.c_str()) != 0 && errno != ENOENT) {
            killProcessesOf(directory);
            gone = false;
        }
    }
    return gone;
}

void CgroupTree::removeAll() const {
    for (const auto& parent : m_parents) {
        clear(parent);
    }
}

}  // namespace hanshu::sandbox
