// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/ground.h"

#include "base/log.h"
#include "sandbox/spawner_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <charconv>

namespace hanshu::node {
namespace {

namespace fs = std::filesystem;

// Just below the uids of instances, outside every range that systemd or distributions give away.
constexpr uid_t kDaemonUid = 1'899'999'999;

struct Account {
    uid_t uid;
    gid_t gid;
};

Result<Account> daemonAccount(const std::string& wanted) {
    const auto& name = wanted.empty() ? "hanshu" : wanted;
    if (const auto* entry = ::getpwnam(name.c_str()); entry != nullptr) {
        return Account{entry->pw_uid, entry->pw_gid};
    }
    if (wanted.empty()) {
        return Account{kDaemonUid, kDaemonUid};
    }
    uid_t number = 0;
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), number);
    if (error != std::errc() || end != wanted.data() + wanted.size() || number == 0) {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"field", "user"}, {"message", fmt::format("there is no user '{}'", wanted)}});
    }
    return Account{number, number};
}

Failure unreachable(const fs::path& folder, std::string message) {
    return fail(Code::FailedPrecondition, "StateUnreachable",
                {{"state", folder.string()}, {"message", std::move(message)}});
}

// Whether that user may enter every folder above `folder` that is there already. Asked by a child in its place, because
// only the kernel knows all that decides it. The process has one thread yet.
bool mayReach(const fs::path& folder, Account account) {
    auto nearest = folder.parent_path();
    std::error_code ignored;
    while (!fs::is_directory(nearest, ignored) && nearest.has_relative_path()) {
        nearest = nearest.parent_path();
    }
    const auto child = ::fork();
    if (child == 0) {
        const bool changed = ::setgroups(0, nullptr) == 0 && ::setresgid(account.gid, account.gid, account.gid) == 0 &&
                             ::setresuid(account.uid, account.uid, account.uid) == 0;
        ::_exit(changed && ::access(nearest.c_str(), X_OK) == 0 ? 0 : 1);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

Result<void> makeStateDirectory(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        return unreachable(folder, fmt::format("can't make the state directory {}: {}; choose another with --state",
                                               folder.string(), error.message()));
    }
    if (::chmod(folder.c_str(), 0700) != 0) {
        return unreachable(folder,
                           fmt::format("can't take over the state directory {}: {}; choose another with --state",
                                       folder.string(), std::generic_category().message(errno)));
    }
    return {};
}

Result<UniqueFd> lockState(const fs::path& folder) {
    const auto file = folder / "lock";
    UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) {
        return systemError(fmt::format("open {}", file.string()), errno);
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        std::array<char, 32> holder{};
        const auto size = ::read(fd.get(), holder.data(), holder.size());
        return fail(Code::FailedPrecondition, "StateInUse",
                    {{"state", folder.string()},
                     {"pid", size > 0 ? std::string(holder.data(), static_cast<std::size_t>(size)) : "unknown"}});
    }
    const auto pid = std::to_string(::getpid());
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0) {
        return systemError(fmt::format("write {}", file.string()), errno);
    }
    return fd;
}

// Everything that an earlier daemon of another user left, or that root copied here, becomes the daemon's.
Result<void> giveTo(const fs::path& folder, Account account) {
    struct stat info{};
    if (::lchown(folder.c_str(), account.uid, account.gid) != 0) {
        return systemError(fmt::format("chown {}", folder.string()), errno);
    }
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
        if (::lstat(entry.path().c_str(), &info) == 0 && info.st_uid == 0 &&
            ::lchown(entry.path().c_str(), account.uid, account.gid) != 0) {
            return systemError(fmt::format("chown {}", entry.path().string()), errno);
        }
    }
    return {};
}

Result<void> dropRoot(Account account) {
    if (::setgroups(0, nullptr) != 0 || ::setresgid(account.gid, account.gid, account.gid) != 0 ||
        ::setresuid(account.uid, account.uid, account.uid) != 0) {
        return systemError("dropping root", errno);
    }
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    return {};
}

}  // namespace

Ground::Ground() = default;

Ground::~Ground() {
    endSpawner();
}

void Ground::endSpawner() {
    m_spawner.reset();
}

std::vector<sandbox::Finding> Ground::examine() const {
    auto findings = m_findings;
    for (const auto& fresh : sandbox::examineHost(m_stateDirectory)) {
        for (auto& finding : findings) {
            if (finding.name == "disk" && fresh.name == "disk") {
                finding = fresh;
            }
        }
    }
    return findings;
}

Result<std::unique_ptr<Ground>> Ground::prepare(const GroundOptions& options) {
    // What is made below is for the daemon's eyes; what sandboxes must read says so itself.
    ::umask(0077);
    std::error_code error;
    const auto folder = fs::absolute(options.stateDirectory, error).lexically_normal();
    const bool becomes = ::geteuid() == 0 && options.dropRoot;
    auto account = becomes ? daemonAccount(options.user) : Result<Account>(Account{::geteuid(), ::getegid()});
    if (!account) {
        return fail(std::move(account.error()));
    }
    if (becomes && !mayReach(folder, *account)) {
        return unreachable(folder,
                           fmt::format("the daemon gives up root and becomes uid {}, which can't reach {}: choose a "
                                       "folder below one that everybody may enter, such as /var/lib/hanshu",
                                       account->uid, folder.string()));
    }
    HANSHU_TRY(makeStateDirectory(folder));
    auto lock = lockState(folder);
    if (!lock) {
        return fail(std::move(lock.error()));
    }
    if (becomes) {
        HANSHU_TRY(giveTo(folder, *account));
    }
    auto findings = sandbox::examineHost(folder);
    auto spawner = sandbox::SpawnerHandle::fork({.stateDirectory = folder});
    if (!spawner) {
        return fail(std::move(spawner.error()));
    }
    if (becomes) {
        HANSHU_TRY(dropRoot(*account));
        if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
            return unreachable(folder,
                               fmt::format("uid {}, which the daemon becomes, may not write to {}: {}", account->uid,
                                           folder.string(), std::generic_category().message(errno)));
        }
    }
    std::unique_ptr<Ground> ground(new Ground);
    ground->m_stateDirectory = folder;
    ground->m_lock = std::move(*lock);
    ground->m_spawner = std::move(*spawner);
    ground->m_findings = std::move(findings);
    return ground;
}

}  // namespace hanshu::node
