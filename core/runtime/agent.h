// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An agent that runs in a sandbox and waits for a function, and the descriptors that it made before any user code
// could run. One io thread.
#pragma once

#include "base/async.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/frames.h"
#include "sandbox/sandbox.h"

#include <boost/asio/local/stream_protocol.hpp>
#include <chrono>
#include <memory>
#include <vector>

namespace hanshu::runtime {

enum class AgentKind { Python, Custom };
inline constexpr std::size_t kAgentKinds = 2;

using ControlSocket = boost::asio::local::stream_protocol::socket;

struct Agent {
    std::unique_ptr<sandbox::Sandbox> sandbox;
    std::shared_ptr<ControlSocket> control;
    UniqueFd output;    // read end of its stdout and stderr
    UniqueFd listener;  // of the object endpoint inside
    UniqueFd alarm;     // Python alone: a byte on it sends the agent SIGTERM
};

// Starts one and waits until it is ready.
[[nodiscard]] Task<Result<Agent>> launchAgent(sandbox::SandboxFactory& sandboxes, AgentKind kind);

// False once it has died.
[[nodiscard]] bool stillWaits(const Agent& agent) noexcept;

struct Handover {
    std::string body;
    std::vector<UniqueFd> fds;  // TCP sockets over IPv4
};

// The next frame, which must be of `kind` with a body of `size` bytes; an ExecFailed is returned as an error whose
// detail is its text. Only before user code runs: afterwards no descriptor is ever taken from inside.
[[nodiscard]] Task<Result<Handover>> receiveSockets(std::shared_ptr<ControlSocket> control, Answer kind,
                                                    std::size_t size, std::chrono::milliseconds timeout);

// Resumes when there is something to read: true; or the time is over, or the socket's operations were cancelled, with
// nothing to read: false.
[[nodiscard]] Task<bool> readable(std::shared_ptr<ControlSocket> control, std::chrono::milliseconds timeout);

}  // namespace hanshu::runtime
