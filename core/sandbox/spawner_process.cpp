// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/spawner_process.h"

#include "base/io_pool.h"
#include "base/log.h"
#include "sandbox/bubblewrap_sandbox.h"
#include "sandbox/child_process.h"
#include "sandbox/orders.h"
#include "sandbox/spawner.h"
#include "sandbox/spawner_client.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

namespace hanshu::sandbox {
namespace {

// Leftovers of an earlier daemon are waited for in it.
constexpr int kHelloMilliseconds = 30'000;
// A little over what the spawner gives its sandboxes.
constexpr int kStopMilliseconds = 12'000;

bool waitReadable(int fd, int milliseconds) {
    pollfd wanted{fd, POLLIN, 0};
    int count = 0;
    while ((count = ::poll(&wanted, 1, milliseconds)) < 0 && errno == EINTR) {
    }
    return count == 1;
}

Result<Answer> awaitHello(int socket) {
    Frame frame;
    if (!waitReadable(socket, kHelloMilliseconds) || receiveFrame(socket, frame, false) != Received::Frame) {
        return internalError("the spawner did not come up");
    }
    auto hello = decodeAnswer(std::move(frame));
    if (!hello) {
        return internalError("the spawner speaks another language");
    }
    if (hello->error) {
        return fail(std::move(*hello->error));
    }
    return std::move(*hello);
}

}  // namespace

struct SpawnerHandle::State {
    pid_t pid = -1;
    UniqueFd pidFd;
    UniqueFd socket;
    Isolation isolation = Isolation::User;

    ~State() {
        if (pid <= 0) {
            return;
        }
        (void)sendFrame(socket.get(), encodeStop(), {});
        if (!waitReadable(pidFd.get(), kStopMilliseconds)) {
            log::error("sandbox", "the spawner does not stop; killed");
            killByFd(pidFd.get());
        }
        ::waitpid(pid, nullptr, 0);
    }
};

Result<std::unique_ptr<SpawnerHandle>> SpawnerHandle::fork(const SpawnerOptions& options) {
    if (!options.stateDirectory.is_absolute()) {
        return internalError("the state directory is not absolute");
    }
    std::array<int, 2> sockets{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
        return systemError("socketpair", errno);
    }
    auto state = std::make_unique<State>();
    state->socket = UniqueFd(sockets[0]);
    UniqueFd other(sockets[1]);
    const pid_t child = ::fork();
    if (child == 0) {
        // runSpawner closes the other end with everything else that it doesn't need.
        ::_exit(runSpawner(std::move(other), options));
    }
    if (child < 0) {
        return systemError("fork", errno);
    }
    state->pid = child;
    state->pidFd = openPidFd(child);
    other.reset();
    const auto hello = awaitHello(sockets[0]);
    if (!hello) {
        return fail(hello.error());
    }
    state->isolation = hello->isolation;
    if (!hello->note.empty()) {
        log::warning("sandbox", "{}", hello->note);
    }
    log::info("sandbox", "isolation: {}", toString(hello->isolation));
    return std::unique_ptr<SpawnerHandle>(new SpawnerHandle(std::move(state)));
}

SpawnerHandle::SpawnerHandle(std::unique_ptr<State> state) : m_state(std::move(state)) {}

SpawnerHandle::~SpawnerHandle() = default;

Result<std::unique_ptr<SandboxFactory>> SpawnerHandle::connect(IoPool& io) {
    UniqueFd socket(::fcntl(m_state->socket.get(), F_DUPFD_CLOEXEC, 3));
    if (!socket) {
        return systemError("dup", errno);
    }
    auto client = std::make_shared<SpawnerClient>(io.context(0), std::move(socket));
    client->start();
    std::unique_ptr<SandboxFactory> factory =
        std::make_unique<BubblewrapFactory>(std::move(client), m_state->isolation);
    return Result<std::unique_ptr<SandboxFactory>>(std::move(factory));
}

int SpawnerHandle::pid() const noexcept {
    return m_state->pid;
}

}  // namespace hanshu::sandbox
