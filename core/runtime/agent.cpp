// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/agent.h"

#include "base/embedded.h"
#include "runtime/environment.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>

HANSHU_EMBEDDED(pythonAgent, agent_py)
HANSHU_EMBEDDED(pythonAgentBytecode, agent_pyc)
HANSHU_EMBEDDED(customAgent, custom_agent)

namespace hanshu::runtime {
namespace {

constexpr std::size_t kBatch = 64;                        // as resources/runtimes/custom/agent.c sends them
constexpr auto kReadyTimeout = std::chrono::seconds(20);  // an interpreter starts in 10 ms; a loaded host is slower

// Runs the agent's bytecode where the interpreter is the one that it was made for, and compiles the source, which takes
// 3 ms, where it is another. A .pyc begins with 16 bytes of head, of which the first 4 name the interpreter.
constexpr auto kPythonLoader =
    "import marshal, _frozen_importlib_external as machinery\n"
    "__file__ = '/var/fc/agent.py'\n"
    "with open('/var/fc/agent.pyc', 'rb') as file: code = file.read()\n"
    "if code[:4] == machinery.MAGIC_NUMBER: code = marshal.loads(memoryview(code)[16:])\n"
    "else:\n"
    "    with open(__file__, 'rb') as file: code = compile(file.read(), __file__, 'exec')\n"
    "del marshal, machinery, file\n"
    "exec(code)\n";

Failure protocolError(std::string detail) {
    return internalError("agent: " + std::move(detail));
}

bool isTcpSocket(int fd) noexcept {
    int domain = 0;
    int type = 0;
    socklen_t size = sizeof domain;
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) {
        return false;
    }
    size = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && domain == AF_INET && type == SOCK_STREAM;
}

bool listens(int fd) noexcept {
    int on = 0;
    socklen_t size = sizeof on;
    return isTcpSocket(fd) && ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &size) == 0 && on == 1;
}

// One frame of exactly `bytes.size()` bytes, sent by one sendmsg, with the descriptors that came along.
std::vector<UniqueFd> receiveMessage(int control, std::string& bytes) {
    alignas(cmsghdr) char room[CMSG_SPACE(kBatch * sizeof(int))];
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    const auto count = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    std::vector<UniqueFd> fds;
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count <= 0) {
        return fds;
    }
    for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t held = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < held; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(head) + i * sizeof(int), sizeof fd);
            fds.emplace_back(fd);
        }
    }
    return fds;
}

Result<void> makePair(UniqueFd& ours, UniqueFd& theirs) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        return systemError("socketpair", errno);
    }
    ours.reset(pair[0]);
    theirs.reset(pair[1]);
    return {};
}

Result<void> makePipe(UniqueFd& ours, UniqueFd& theirs) {
    int pair[2];
    if (::pipe2(pair, O_CLOEXEC) != 0) {
        return systemError("pipe2", errno);
    }
    ours.reset(pair[0]);
    theirs.reset(pair[1]);
    // Ours alone must not block; a program inside expects a pipe that does.
    ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
    return {};
}

sandbox::LaunchSpec launchSpec(AgentKind kind) {
    sandbox::LaunchSpec spec;
    spec.id = newInstanceId();
    spec.environment = launchEnvironment();
    if (kind == AgentKind::Python) {
        spec.files.push_back({"/var/fc/agent.py", std::string(pythonAgent()), false});
        spec.files.push_back({"/var/fc/agent.pyc", std::string(pythonAgentBytecode()), false});
        // -I: nothing of the environment or the working directory reaches it; -S: site costs 5 ms, and the agent sets
        // the paths itself.
        spec.argv = {"/usr/bin/python3", "-I", "-S", "-c", kPythonLoader};
    } else {
        spec.files.push_back({"/var/fc/agent", std::string(customAgent()), true});
        spec.argv = {"/var/fc/agent"};
    }
    return spec;
}

}  // namespace

Task<bool> readable(std::shared_ptr<ControlSocket> control, std::chrono::milliseconds timeout) {
    asio::steady_timer timer(control->get_executor(), timeout);
    timer.async_wait([weak = std::weak_ptr(control)](const boost::system::error_code& error) {
        if (const auto socket = weak.lock(); socket && !error) {
            socket->cancel();
        }
    });
    boost::system::error_code error;
    co_await control->async_wait(ControlSocket::wait_read, asio::redirect_error(asio::use_awaitable, error));
    pollfd look{control->native_handle(), POLLIN, 0};
    co_return !error || ::poll(&look, 1, 0) > 0;  // what came just before the wait was ended counts too
}

Task<Result<Handover>> receiveSockets(std::shared_ptr<ControlSocket> control, Answer kind, std::size_t size,
                                      std::chrono::milliseconds timeout) {
    const bool came = co_await readable(control, timeout);
    if (!came) {
        co_return protocolError("no answer in time");
    }
    Handover handover;
    handover.body.assign(kFrameHead + size, '\0');
    handover.fds = receiveMessage(control->native_handle(), handover.body);
    if (handover.body.size() < kFrameHead) {
        co_return protocolError("it ended before it was ready");
    }
    const auto head = readHead(handover.body);
    if (head && head->kind == Answer::ExecFailed) {
        std::string text = handover.body.substr(kFrameHead);
        text.resize(head->length);
        const auto have = handover.body.size() - kFrameHead;
        if (head->length > have) {
            const auto more = ::recv(control->native_handle(), text.data() + have, head->length - have, MSG_DONTWAIT);
            text.resize(have + static_cast<std::size_t>(std::max<ssize_t>(more, 0)));
        }
        co_return fail(Code::FailedPrecondition, "CAExited", {}, std::move(text));
    }
    if (!head || head->kind != kind || head->length != size || handover.body.size() != kFrameHead + size) {
        co_return protocolError("it sent another frame than was its turn");
    }
    handover.body.erase(0, kFrameHead);
    co_return handover;
}

Task<Result<Agent>> launchAgent(sandbox::SandboxFactory& sandboxes, AgentKind kind) {
    Agent agent;
    UniqueFd ours;
    auto spec = launchSpec(kind);
    HANSHU_CO_TRY(makePair(ours, spec.control));
    HANSHU_CO_TRY(makePipe(agent.output, spec.output));
    auto launched = co_await sandboxes.launch(std::move(spec));
    if (!launched) {
        co_return fail(std::move(launched.error()));
    }
    agent.sandbox = std::move(*launched);
    auto executor = co_await asio::this_coro::executor;
    agent.control = std::make_shared<ControlSocket>(executor);
    agent.control->assign(boost::asio::local::stream_protocol(), ours.release());
    agent.control->native_non_blocking(true);
    auto ready = co_await receiveSockets(agent.control, Answer::Ready, 0, kReadyTimeout);
    if (!ready) {
        std::string output(4096, '\0');
        const auto count = ::read(agent.output.get(), output.data(), output.size());
        output.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        co_return internalError(ready.error().detail + ": " + output);
    }
    const std::size_t expected = kind == AgentKind::Python ? 2 : 1;
    if (ready->fds.size() != expected || !listens(ready->fds[0].get())) {
        co_return protocolError("it offered other descriptors than it should");
    }
    agent.listener = std::move(ready->fds[0]);
    if (kind == AgentKind::Python) {
        agent.alarm = std::move(ready->fds[1]);
    }
    co_return agent;
}

bool stillWaits(const Agent& agent) noexcept {
    char byte = 0;
    return ::recv(agent.control->native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace hanshu::runtime
