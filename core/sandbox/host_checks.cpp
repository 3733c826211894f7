// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/host_checks.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <array>
#include <cerrno>

namespace hanshu::sandbox {
namespace {

// As another user where the caller is root, for that is how functions run: a host may forbid it only to them.
constexpr uid_t kNobody = 65534;

}  // namespace

std::string findBubblewrap() {
    for (const char* path : {"/usr/bin/bwrap", "/usr/local/bin/bwrap", "/bin/bwrap"}) {
        if (::access(path, X_OK) == 0) {
            return path;
        }
    }
    return {};
}

Result<void> tryBubblewrap(const std::string& path) {
    std::array<int, 2> pipes{};
    if (::pipe2(pipes.data(), O_CLOEXEC) != 0) {
        return systemError("pipe", errno);
    }
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipes[1], STDERR_FILENO);
        if (::geteuid() == 0) {
            (void)!::setresgid(kNobody, kNobody, kNobody);
            (void)!::setresuid(kNobody, kNobody, kNobody);
        }
        ::execl(path.c_str(), "bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent",
                "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true", nullptr);
        ::_exit(127);
    }
    ::close(pipes[1]);
    std::string words;
    std::array<char, 512> part{};
    ssize_t size = 0;
    while ((size = ::read(pipes[0], part.data(), part.size())) > 0) {
        words.append(part.data(), static_cast<std::size_t>(size));
    }
    ::close(pipes[0]);
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) {
        while (words.ends_with('\n')) {
            words.pop_back();
        }
        return fail(Code::FailedPrecondition, "SandboxUnavailable", {},
                    words.empty() ? fmt::format("bubblewrap ended with status {}", status) : words);
    }
    return {};
}

}  // namespace hanshu::sandbox
