// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/process.h"

#include "alarms/notify/clean_text.h"
#include "base/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

namespace hanshu::alarms {
namespace {

constexpr std::size_t kToldOfErrors = 200;

[[nodiscard]] Failure broken(std::string message) {
    return fail(Code::Unavailable, "AlarmCommandFailed", {{"message", std::move(message)}});
}

[[nodiscard]] std::vector<char*> pointersTo(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (auto& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

// A file in memory rather than a pipe: neither side ever waits for the other.
[[nodiscard]] UniqueFd memoryFile(std::string_view content) {
    UniqueFd file(memfd_create("alarm", MFD_CLOEXEC));
    for (auto left = content; file.get() >= 0 && !left.empty();) {
        const auto written = ::write(file.get(), left.data(), left.size());
        if (written <= 0) {
            return {};
        }
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    if (file.get() >= 0) {
        lseek(file.get(), 0, SEEK_SET);
    }
    return file;
}

[[nodiscard]] std::string endOf(const UniqueFd& file) {
    std::array<char, kToldOfErrors> bytes{};
    const auto size = lseek(file.get(), 0, SEEK_END);
    const auto from = std::max<off_t>(0, size - static_cast<off_t>(bytes.size()));
    const auto got = pread(file.get(), bytes.data(), bytes.size(), from);
    return oneLine(std::string_view(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0))));
}

[[nodiscard]] int spawn(const CommandCall& call, const UniqueFd& input, const UniqueFd& errors, pid_t& pid) {
    auto arguments = call.arguments;
    std::vector<std::string> environment = {"PATH=/usr/local/bin:/usr/bin:/bin"};
    for (const auto& [name, value] : call.environment) {
        environment.push_back(name + "=" + value);
    }
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, errors.get(), STDERR_FILENO);
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const auto error = posix_spawn(&pid, arguments.front().c_str(), &actions, &attributes, pointersTo(arguments).data(),
                                   pointersTo(environment).data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// Whether the process ended in time.
[[nodiscard]] bool waitFor(pid_t pid, std::chrono::milliseconds timeout) {
    const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    const auto until = std::chrono::steady_clock::now() + timeout;
    pollfd ended{process.get(), POLLIN, 0};
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        const auto ready = poll(&ended, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready > 0 || (ready == 0 && left.count() <= 0)) {
            return ready > 0 && (ended.revents & POLLIN) != 0;
        }
        if (ready < 0 && errno != EINTR) {
            return false;
        }
    }
}

}  // namespace

Result<void> run(const CommandCall& call) {
    const auto input = memoryFile(call.input);
    const auto errors = memoryFile({});
    if (call.arguments.empty() || input.get() < 0 || errors.get() < 0) {
        return broken("the command cannot be prepared");
    }
    pid_t pid = 0;
    if (const auto error = spawn(call, input, errors, pid); error != 0) {
        return broken(fmt::format("{} cannot be started: {}", call.arguments.front(),
                                  std::error_code(error, std::generic_category()).message()));
    }
    const auto isInTime = waitFor(pid, call.timeout);
    // Also what it left behind.
    kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!isInTime) {
        return broken(fmt::format("{} took longer than {}s", call.arguments.front(), call.timeout.count()));
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        const auto how = WIFEXITED(status) ? fmt::format("ended with status {}", WEXITSTATUS(status))
                                           : fmt::format("was ended by signal {}", WTERMSIG(status));
        return broken(fmt::format("{} {}: {}", call.arguments.front(), how, endOf(errors)));
    }
    return {};
}

}  // namespace hanshu::alarms
