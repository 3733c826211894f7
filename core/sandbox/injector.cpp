// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/injector.h"

#include "sandbox/child_process.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace hanshu::sandbox {
namespace {

constexpr std::array<std::string_view, 4> kMountPoints{"/code", "/opt", "/mnt", "/home"};
// Directories of mount points and nothing else.
constexpr const char* kScaffoldBytes = "1m";
// Address space that is reserved and not used costs nothing, and V8 and Go reserve some GiB; it is bounded only to keep
// shared anonymous memory, which RLIMIT_DATA does not count, from having no bound at all.
constexpr rlim_t kReservedAddressSpace = 8ULL << 30;

std::string_view mountPointOf(std::string_view target) {
    for (const auto point : kMountPoints) {
        if (target == point || (target.starts_with(point) && target[point.size()] == '/')) {
            return point;
        }
    }
    return {};
}

bool isNormal(const std::string& path) {
    return path.starts_with('/') && path.find('\0') == std::string::npos &&
           std::filesystem::path(path).lexically_normal().native() == path && !path.ends_with('/');
}

// What runs in the child. A failed step throws its description.
struct Failed {
    std::string what;
};

[[noreturn]] void failStep(const std::string& step) {
    throw Failed{fmt::format("{}: {}", step, std::strerror(errno))};
}

UniqueFd openBeneath(int directory, const std::string& path, std::uint64_t resolve) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = resolve;
    return UniqueFd(static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

UniqueFd detachedTmpfs(const char* size, const char* mode) {
    const UniqueFd context(::fsopen("tmpfs", FSOPEN_CLOEXEC));
    if (!context || ::fsconfig(context.get(), FSCONFIG_SET_STRING, "size", size, 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_SET_STRING, "mode", mode, 0) != 0 ||
        ::fsconfig(context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
        failStep("tmpfs");
    }
    UniqueFd mount(::fsmount(context.get(), FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
    if (!mount) {
        failStep("tmpfs");
    }
    return mount;
}

void makeReadOnly(int mount) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
    if (::mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) {
        failStep("make a mount read-only");
    }
}

UniqueFd cloneOf(const InjectionPlan& plan, const Mount& mount) {
    const auto relative = mount.hostPath.substr(plan.statePath.size() + 1);
    const UniqueFd folder =
        openBeneath(plan.stateDirectory, relative, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    if (!folder) {
        failStep(mount.hostPath);
    }
    UniqueFd tree(::open_tree(folder.get(), "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH));
    if (!tree) {
        failStep("clone " + mount.hostPath);
    }
    makeReadOnly(tree.get());
    return tree;
}

struct Placed {
    std::string target;
    UniqueFd tree;
};

// Below a mount point that itself gets no folder the directories of the targets are made on a small read-only tmpfs:
// the root inside is read-only.
std::vector<Placed> scaffolds(const std::vector<Mount>& mounts) {
    std::set<std::string_view> covered;
    std::map<std::string_view, std::vector<std::string>> wanted;
    for (const auto& mount : mounts) {
        const auto point = mountPointOf(mount.targetPath);
        if (point == mount.targetPath) {
            covered.insert(point);
        } else {
            wanted[point].push_back(mount.targetPath.substr(point.size() + 1));
        }
    }
    std::vector<Placed> placed;
    for (const auto& [point, paths] : wanted) {
        if (covered.contains(point)) {
            continue;  // the folder there has to have the directory
        }
        UniqueFd tree = detachedTmpfs(kScaffoldBytes, "0755");
        for (const auto& path : paths) {
            for (auto at = path.find('/');; at = path.find('/', at + 1)) {
                if (::mkdirat(tree.get(), path.substr(0, at).c_str(), 0755) != 0 && errno != EEXIST) {
                    failStep("make " + path);
                }
                if (at == std::string::npos) {
                    break;
                }
            }
        }
        makeReadOnly(tree.get());
        placed.push_back({std::string(point), std::move(tree)});
    }
    return placed;
}

std::vector<Placed> gather(const InjectionPlan& plan) {
    auto mounts = plan.assignment->mounts;
    std::sort(mounts.begin(), mounts.end(),
              [](const Mount& left, const Mount& right) { return left.targetPath < right.targetPath; });
    auto placed = scaffolds(mounts);
    for (const auto& mount : mounts) {
        placed.push_back({mount.targetPath, cloneOf(plan, mount)});
    }
    UniqueFd tmp(plan.scratch >= 0 ? ::fcntl(plan.scratch, F_DUPFD_CLOEXEC, 3) : -1);
    if (!tmp) {
        // It is memory: more than the function has would only end in an out-of-memory kill.
        const auto size = std::to_string(std::min(plan.assignment->diskBytes, plan.assignment->memoryBytes));
        tmp = detachedTmpfs(size.c_str(), "1777");
    }
    placed.push_back({"/tmp", std::move(tmp)});
    return placed;
}

void place(const Placed& placed) {
    const UniqueFd target = openBeneath(AT_FDCWD, placed.target, RESOLVE_NO_SYMLINKS);
    if (!target) {
        failStep(placed.target);
    }
    if (::move_mount(placed.tree.get(), "", target.get(), "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) {
        failStep("mount on " + placed.target);
    }
}

void limitProcess(pid_t pid, const Assignment& assignment) {
    const auto set = [pid](__rlimit_resource resource, rlim_t value) {
        const rlimit limit{value, value};
        if (::prlimit(pid, resource, &limit, nullptr) != 0 && errno != ESRCH) {
            failStep("limit a process");
        }
    };
    const auto memory = static_cast<rlim_t>(assignment.memoryBytes);
    set(RLIMIT_NPROC, static_cast<rlim_t>(assignment.processes));
    set(RLIMIT_DATA, memory);
    set(RLIMIT_AS, memory + kReservedAddressSpace);
}

void limitTree(const std::string& pids, const Assignment& assignment) {
    const char* at = pids.c_str();
    for (char* end = nullptr;; at = end) {
        const auto pid = static_cast<pid_t>(std::strtol(at, &end, 10));
        if (end == at) {
            return;
        }
        limitProcess(pid, assignment);
        limitTree(childrenOf(pid), assignment);
    }
}

// Limits of others may be set by who has their uid, or CAP_SYS_RESOURCE, which a container's root lacks. Raw calls:
// those of the C library would change every thread, and this child is none.
void limitAsOwner(const InjectionPlan& plan) {
    if (plan.uid != 0 &&
        (::syscall(SYS_setgroups, 0, nullptr) != 0 || ::syscall(SYS_setresgid, plan.uid, plan.uid, plan.uid) != 0 ||
         ::syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid) != 0)) {
        failStep("take the sandbox's uid");
    }
    limitTree(childrenOf(plan.init), *plan.assignment);
}

void mountInside(const InjectionPlan& plan) {
    const auto placed = gather(plan);
    if (::setns(plan.initFd, CLONE_NEWNS) != 0) {
        failStep("enter the sandbox");
    }
    for (const auto& item : placed) {
        place(item);
    }
}

struct Visit {
    void (*work)(const InjectionPlan&);
    const InjectionPlan* plan;
    std::string failure;
};

int runVisit(void* argument) {
    auto& visit = *static_cast<Visit*>(argument);
    try {
        visit.work(*visit.plan);
    } catch (const Failed& failed) {
        visit.failure = failed.what;
    }
    return 0;
}

// Runs `work` in a child that has namespaces, user and descriptors of its own but shares this process's memory, while
// this one waits: a plain fork copies page tables, which takes longer than all the mounts.
Result<void> inChild(void (*work)(const InjectionPlan&), const InjectionPlan& plan) {
    constexpr std::size_t kStackBytes = 256 * 1024;
    alignas(16) static std::array<char, kStackBytes> stack;
    Visit visit{work, &plan, {}};
#if defined(__SANITIZE_ADDRESS__)
    // A child that ended in the middle of a function left its marks.
    ASAN_UNPOISON_MEMORY_REGION(stack.data(), stack.size());
#endif
    const pid_t child = ::clone(runVisit, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &visit);
    if (child < 0) {
        return systemError("clone", errno);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) {
        return internalError("the child that enters the sandbox died");
    }
    return visit.failure.empty() ? Result<void>{} : internalError(visit.failure);
}

}  // namespace

Result<void> checkMounts(const std::vector<Mount>& mounts, const std::string& statePath) {
    for (const auto& mount : mounts) {
        if (!isNormal(mount.hostPath) || !mount.hostPath.starts_with(statePath + "/")) {
            return internalError(fmt::format("a mount from {} is outside the state directory", mount.hostPath));
        }
        if (!isNormal(mount.targetPath) || mountPointOf(mount.targetPath).empty()) {
            return internalError(
                fmt::format("a mount to {} is not below /code, /opt, /mnt or /home", mount.targetPath));
        }
    }
    return {};
}

Result<void> inject(const InjectionPlan& plan) {
    if (plan.limitByRlimits) {
        HANSHU_TRY(inChild(limitAsOwner, plan));
    }
    return inChild(mountInside, plan);
}

}  // namespace hanshu::sandbox
