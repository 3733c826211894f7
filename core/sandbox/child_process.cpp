// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/child_process.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

namespace hanshu::sandbox {

pid_t forkInto(int cgroup) {
    if (cgroup < 0) {
        return ::fork();
    }
    clone_args arguments{};
    arguments.flags = CLONE_INTO_CGROUP;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = static_cast<__u64>(cgroup);
    return static_cast<pid_t>(::syscall(SYS_clone3, &arguments, sizeof arguments));
}

void keepOnlyFds(std::initializer_list<int> fds) {
    std::vector<int> kept(fds);
    std::sort(kept.begin(), kept.end());
    unsigned from = 3;
    for (const int fd : kept) {
        if (fd < static_cast<int>(from)) {
            continue;
        }
        const auto at = static_cast<unsigned>(fd);
        if (at > from) {
            ::close_range(from, at - 1, 0);
        }
        from = at + 1;
    }
    ::close_range(from, ~0U, 0);
}

UniqueFd openPidFd(pid_t pid) {
    return UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool killByFd(int pidFd) {
    return ::syscall(SYS_pidfd_send_signal, pidFd, SIGKILL, nullptr, 0) == 0;
}

std::string childrenOf(pid_t pid) {
    return readSmallFile(fmt::format("/proc/{0}/task/{0}/children", pid));
}

std::string readSmallFile(const std::string& path) {
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    std::array<char, 4096> part{};
    ssize_t size = 0;
    while (file && (size = ::read(file.get(), part.data(), part.size())) > 0) {
        text.append(part.data(), static_cast<std::size_t>(size));
    }
    return text;
}

int writeSmallFile(const std::string& path, std::string_view text) {
    const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) {
        return errno;
    }
    const auto written = ::write(file.get(), text.data(), text.size());
    return written == static_cast<ssize_t>(text.size()) ? 0 : (written < 0 ? errno : EIO);
}

}  // namespace hanshu::sandbox
