// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One sandbox with the inmate in it, as the tests see it. Blocking; for a test's own thread.
#pragma once

#include "base/embedded.h"
#include "base/io_pool.h"
#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

HANSHU_EMBEDDED(inmateSource, inmate_py)

namespace hanshu::sandbox {

inline bool readableWithin(int fd, std::chrono::milliseconds deadline) {
    pollfd wanted{fd, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(deadline.count())) == 1;
}

class Cell {
public:
    static constexpr std::chrono::seconds kDeadline{30};

    Cell(IoPool& io, SandboxFactory& factory, std::vector<std::string> argv = {})
        : m_executor(io.context(0).get_executor()) {
        int control[2];
        int output[2];
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0 || ::pipe2(output, O_CLOEXEC) != 0) {
            throw std::runtime_error("no descriptors");
        }
        m_control = UniqueFd(control[0]);
        m_output = UniqueFd(output[0]);
        LaunchSpec spec;
        spec.id = newInstanceId();
        spec.argv = std::move(argv);
        if (spec.argv.empty()) {
            spec.argv = {"/usr/bin/python3", "-I", "-S", "/run/inmate/inmate.py"};
            spec.files.push_back({"/run/inmate/inmate.py", std::string(inmateSource())});
        }
        spec.environment = {{"PATH", "/usr/bin:/bin"}, {"GREETING", "hello"}};
        spec.control = UniqueFd(control[1]);
        spec.output = UniqueFd(output[1]);
        auto launched = runBlocking(m_executor, factory.launch(std::move(spec)));
        if (launched) {
            m_sandbox = std::move(*launched);
        } else {
            m_error = launched.error().describe();
        }
    }

    [[nodiscard]] explicit operator bool() const { return m_sandbox != nullptr; }
    [[nodiscard]] const std::string& error() const { return m_error; }
    [[nodiscard]] Sandbox& sandbox() { return *m_sandbox; }
    [[nodiscard]] int control() const { return m_control.get(); }
    [[nodiscard]] int output() const { return m_output.get(); }
    void forget() { m_sandbox.reset(); }

    // The next message of the inmate: "ready" first, then one for each `ask`. Empty when it is gone.
    std::string next(std::chrono::milliseconds deadline = kDeadline) {
        std::string text(65536, '\0');
        if (!readableWithin(m_control.get(), deadline)) {
            return "no answer";
        }
        const auto size = ::recv(m_control.get(), text.data(), text.size(), 0);
        text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return size > 0 ? text : "died";
    }
    std::string ask(const std::string& source) {
        if (::send(m_control.get(), source.data(), source.size(), MSG_NOSIGNAL) < 0) {
            return "died";
        }
        return next();
    }
    // Empty, or the error.
    std::string assign(Assignment assignment) {
        const auto assigned = runBlocking(m_executor, m_sandbox->assign(std::move(assignment)));
        return assigned ? "" : assigned.error().describe();
    }
    // Whether the tree ended in time; -1 as a value where it did not.
    ExitStatus ended() {
        auto future = asio::co_spawn(m_executor, m_sandbox->exited(), asio::use_future);
        return future.wait_for(kDeadline) == std::future_status::ready ? future.get() : ExitStatus{false, -1};
    }
    // Everything written to the output until its last writer is gone; "still open" where one stays.
    std::string drain() {
        std::string all;
        char part[4096];
        for (;;) {
            if (!readableWithin(m_output.get(), std::chrono::seconds(10))) {
                return "still open";
            }
            const auto size = ::read(m_output.get(), part, sizeof part);
            if (size <= 0) {
                return all;
            }
            all.append(part, static_cast<std::size_t>(size));
        }
    }

private:
    asio::any_io_executor m_executor;
    UniqueFd m_control;
    UniqueFd m_output;
    std::unique_ptr<Sandbox> m_sandbox;
    std::string m_error;
};

}  // namespace hanshu::sandbox
