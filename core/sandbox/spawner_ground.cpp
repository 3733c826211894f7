// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/spawner_ground.h"

#include "base/digest.h"
#include "sandbox/host_checks.h"
#include "sandbox/seccomp_filter.h"
#include "sandbox/system_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace hanshu::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

// A little longer than a spawner gives its sandboxes to end (SpawnerHandle waits as long for it).
constexpr std::chrono::seconds kPredecessorDeadline{12};
constexpr useconds_t kPollMicroseconds = 1000;

std::string plainPath(const std::filesystem::path& directory) {
    auto path = directory.lexically_normal().native();
    while (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    return path;
}

// The spawner of a daemon that was killed outlives it by the time that its sandboxes take to end, and then removes the
// cgroups of this state: not under the feet of this one. A record lock, because forked launchers don't inherit it.
UniqueFd awaitPredecessor(const std::string& statePath) {
    UniqueFd turn(::open((statePath + "/spawner.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    const auto deadline = Steady::now() + kPredecessorDeadline;
    while (turn && ::fcntl(turn.get(), F_SETLK, &whole) != 0 && Steady::now() < deadline) {
        ::usleep(kPollMicroseconds);
    }
    return turn;
}

// Before the namespaces: moving between cgroups and ending leftovers need the rights of the outside.
Result<void> claimOutside(const SpawnerOptions& options, SpawnerGround& ground) {
    if (options.cgroups) {
        ground.cgroups = CgroupTree("hanshu-" + sha256Hex(ground.statePath).substr(0, 12));
    }
    ground.note = ground.cgroups.note();
    if (::geteuid() != 0) {
        return {};
    }
    ground.uids = UidRange::claim(options.atOnce);
    if (!ground.uids) {
        return internalError("every range of sandbox uids is taken by other daemons on this host");
    }
    ground.uids->endLeftovers();
    return {};
}

// After the namespaces: a folder can be cloned only from a mount of one's own.
Result<void> openFiles(SpawnerGround& ground) {
    ground.state = UniqueFd(::open(ground.statePath.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!ground.state) {
        return systemError("open " + ground.statePath, errno);
    }
    auto etc = makeEtc(ground.statePath);
    if (!etc) {
        return fail(std::move(etc.error()));
    }
    ground.etc = std::move(*etc);
    auto filter = makeSeccompFilter();
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    ground.seccomp = std::move(*filter);
    return {};
}

}  // namespace

Result<void> takeGround(const SpawnerOptions& options, SpawnerGround& ground) {
    ground.bubblewrap = findBubblewrap();
    if (ground.bubblewrap.empty()) {
        return fail(Code::FailedPrecondition, "SandboxUnavailable", {}, "bubblewrap is not installed");
    }
    const bool root = ::geteuid() == 0;  // of the outside: inside a user namespace everybody is
    ground.statePath = plainPath(options.stateDirectory);
    ground.turn = awaitPredecessor(ground.statePath);
    HANSHU_TRY(claimOutside(options, ground));
    HANSHU_TRY(enterPrivateNamespaces());
    HANSHU_TRY(openFiles(ground));
    HANSHU_TRY(tryBubblewrap(ground.bubblewrap));
    if (root) {
        ground.isolation = ground.cgroups.kind() == CgroupTree::Kind::None ? Isolation::Root : Isolation::RootCgroup;
    }
    return {};
}

}  // namespace hanshu::sandbox
