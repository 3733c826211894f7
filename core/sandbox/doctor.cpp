// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/doctor.h"

#include "sandbox/cgroup_tree.h"
#include "sandbox/child_process.h"
#include "sandbox/host_checks.h"
#include "sandbox/launcher.h"
#include "sandbox/seccomp_filter.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hanshu::sandbox {
namespace {

using Level = Finding::Level;

// Less, and a handful of functions' packages and /tmp images fill it.
constexpr std::uint64_t kTightDiskBytes = 5ULL << 30;

Finding examineBubblewrap() {
    const auto path = findBubblewrap();
    if (path.empty()) {
        return {"bubblewrap", Level::Missing, "not installed", "apt install bubblewrap"};
    }
    if (const auto tried = tryBubblewrap(path); !tried) {
        return {"bubblewrap", Level::Missing, fmt::format("{} can't make a sandbox: {}", path, tried.error().detail),
                "see user namespaces; inside a container, that needs the right to make namespaces and to mount /proc"};
    }
    return {"bubblewrap", Level::Ok, path, ""};
}

Finding examineUserNamespaces() {
    constexpr const char* kName = "user namespaces";
    const auto number = [](const char* path) { return std::strtol(readSmallFile(path).c_str(), nullptr, 10); };
    if (::access("/proc/self/ns/user", F_OK) != 0) {
        return {kName, Level::Missing, "the kernel has none", "use a kernel with CONFIG_USER_NS"};
    }
    if (number("/proc/sys/user/max_user_namespaces") == 0) {
        return {kName, Level::Missing, "switched off", "sysctl user.max_user_namespaces=10000"};
    }
    constexpr const char* kDebian = "/proc/sys/kernel/unprivileged_userns_clone";
    if (::access(kDebian, F_OK) == 0 && number(kDebian) == 0) {
        return {kName, Level::Missing, "not for ordinary users", "sysctl kernel.unprivileged_userns_clone=1"};
    }
    constexpr const char* kUbuntu = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
    if (::access(kUbuntu, F_OK) == 0 && number(kUbuntu) == 1) {
        return {kName, Level::Warning, "AppArmor restricts them to programs with a profile",
                "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or a profile for bwrap"};
    }
    return {kName, Level::Ok, "available", ""};
}

bool has(const CgroupHierarchy& hierarchy, const char* controller) {
    return std::find(hierarchy.controllers.begin(), hierarchy.controllers.end(), controller) !=
           hierarchy.controllers.end();
}

Finding examineCgroups() {
    constexpr const char* kName = "cgroups";
    bool memory = false;
    bool pids = false;
    bool cpu = false;
    std::string kind = "version 1";
    bool writable = true;
    for (const auto& hierarchy : mountedHierarchies()) {
        if (!has(hierarchy, "memory") && !has(hierarchy, "pids") && !has(hierarchy, "cpu")) {
            continue;
        }
        memory = memory || has(hierarchy, "memory");
        pids = pids || has(hierarchy, "pids");
        cpu = cpu || has(hierarchy, "cpu");
        kind = hierarchy.unified ? "version 2" : kind;
        writable = writable && ::access(hierarchy.directory.c_str(), W_OK) == 0;
    }
    if (!memory || !pids) {
        return {kName, Level::Warning,
                "no memory and pids controllers: only rlimits hold, which bound one process and not the sum of many",
                "mount cgroup version 2, or boot with cgroup_enable=memory"};
    }
    if (!writable) {
        return {kName, Level::Warning,
                fmt::format("{} with memory and pids, but not for this user: only rlimits hold", kind),
                "run as root, or as a systemd service with Delegate=yes (version 2 only)"};
    }
    if (!cpu) {
        return {kName, Level::Warning, fmt::format("{} without the cpu controller: CPU time is not limited", kind),
                "enable the cpu controller"};
    }
    return {kName, Level::Ok, fmt::format("{} with memory, pids and cpu", kind), ""};
}

Finding examineSeccomp() {
    if (readSmallFile("/proc/self/status").find("\nSeccomp:") == std::string::npos) {
        return {"seccomp", Level::Missing, "the kernel has no system call filters",
                "use a kernel with CONFIG_SECCOMP_FILTER"};
    }
    if (const auto filter = makeSeccompFilter(); !filter) {
        return {"seccomp", Level::Missing, filter.error().detail, "install libseccomp2"};
    }
    return {"seccomp", Level::Ok, "system call filters are available", ""};
}

Finding examineImages() {
    constexpr const char* kName = "/tmp images";
    if (::geteuid() != 0) {
        return {kName, Level::Warning, "as an ordinary user /tmp of a function is a tmpfs, counted within its memory",
                "run the daemon as root"};
    }
    for (const auto& [path, remedy] :
         {std::pair{"/dev/loop-control", "modprobe loop; in a container, pass the loop devices in"},
          {"/sbin/mkfs.ext4", "apt install e2fsprogs"}}) {
        if (::access(path, F_OK) != 0) {
            return {kName, Level::Warning, fmt::format("no {}: /tmp of a function is a tmpfs, counted as memory", path),
                    remedy};
        }
    }
    return {kName, Level::Ok, "loop devices and mkfs.ext4 are there", ""};
}

Finding examineDisk(const std::filesystem::path& stateDirectory) {
    struct statvfs status{};
    auto existing = stateDirectory;
    while (::statvfs(existing.c_str(), &status) != 0) {
        if (existing == existing.parent_path()) {
            return {"disk", Level::Missing, std::strerror(errno), "choose another state directory"};
        }
        existing = existing.parent_path();
    }
    const auto free = static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
    const auto detail =
        fmt::format("{:.1f} GiB free at {}", static_cast<double>(free) / (1ULL << 30), existing.native());
    if (free < kTightDiskBytes) {
        return {"disk", Level::Warning, detail, "make room, or choose a state directory on a larger disk"};
    }
    return {"disk", Level::Ok, detail, ""};
}

Finding examineDescriptors() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto detail = fmt::format("at most {} open files a process", limit.rlim_max);
    if (limit.rlim_max < kMaxOpenFiles) {
        return {"file descriptors", Level::Warning, detail,
                fmt::format("LimitNOFILE={} in the unit, or ulimit -Hn", kMaxOpenFiles)};
    }
    return {"file descriptors", Level::Ok, detail, ""};
}

}  // namespace

std::vector<Finding> examineHost(const std::filesystem::path& stateDirectory) {
    return {examineUserNamespaces(),     examineCgroups(),    examineSeccomp(), examineBubblewrap(), examineImages(),
            examineDisk(stateDirectory), examineDescriptors()};
}

}  // namespace hanshu::sandbox
