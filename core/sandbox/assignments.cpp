// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/assignments.h"

#include "base/log.h"
#include "sandbox/child_process.h"
#include "sandbox/injector.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>

namespace hanshu::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

// From an assignment to a program that runs; it is over before in practice.
constexpr std::chrono::seconds kProgramDeadline{10};

bool isPositive(const Assignment& wanted) {
    return wanted.memoryBytes > 0 && wanted.diskBytes > 0 && wanted.processes > 0 && wanted.cpus > 0;
}

}  // namespace

Result<std::string> Assignments::prepareDisks() {
    const auto directory = m_ground.statePath + "/sandbox";
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return systemError("mkdir " + directory, errno);
    }
    m_disks.emplace(directory, [this](int fd) { m_loop.watch(fd, [this, fd] { onDisk(fd); }); });
    if (m_ground.uids) {
        if (const auto probe = m_disks->probe(); !probe) {
            return "/tmp is a tmpfs, counted as memory: " + probe.error().detail;
        }
    }
    return std::string();
}

Result<void> Assignments::check(const LiveSandbox* sandbox, const Assignment& wanted) const {
    if (!sandbox || sandbox->killed || sandbox->init < 0) {
        return fail(Code::Aborted, "SandboxEnded", {}, "the sandbox is gone");
    }
    if (sandbox->assigned || sandbox->assignment || !isPositive(wanted)) {
        return fail(Code::InvalidArgument, "InvalidArgument", {}, "assigned twice, or a limit is not above zero");
    }
    HANSHU_TRY(checkMounts(wanted.mounts, m_ground.statePath));
    return m_ground.cgroups.limit(sandbox->slot, wanted);
}

void Assignments::assign(LiveSandbox* sandbox, AssignOrder order) {
    if (auto checked = check(sandbox, order.assignment); !checked) {
        return m_daemon.refuse(AnswerKind::Assigned, order.request, order.sandbox, checked.error());
    }
    sandbox->assignment = std::move(order);
    sandbox->assignmentDeadline = Steady::now() + kProgramDeadline;
    start(*sandbox);
}

void Assignments::start(LiveSandbox& sandbox) {
    // bubblewrap forks the program only when everything is mounted; moving in earlier would meet half a sandbox.
    if (childrenOf(sandbox.init).empty()) {
        m_waitingForProgram.push_back(&sandbox);
        return;
    }
    if (!m_disks->available()) {
        return inject(sandbox, UniqueFd());
    }
    if (const auto scratch = m_disks->take(sandbox.assignment->assignment.diskBytes); scratch) {
        return inject(sandbox, scratch);
    }
    m_waitingForDisk.push_back(&sandbox);
}

void Assignments::poll() {
    for (auto* sandbox : std::exchange(m_waitingForProgram, {})) {
        if (Steady::now() < sandbox->assignmentDeadline) {
            start(*sandbox);
        } else {
            refuse(*sandbox,
                   Error{Code::DeadlineExceeded, "InternalServerError", {}, "the sandbox's program does not start"});
        }
    }
}

void Assignments::onDisk(int fd) {
    m_loop.unwatch(fd);
    const auto [bytes, made] = m_disks->collect(fd);
    const auto waits = [size = bytes](const LiveSandbox* sandbox) {
        return sandbox->assignment->assignment.diskBytes == size;
    };
    const auto at = std::ranges::find_if(m_waitingForDisk, waits);
    if (at == m_waitingForDisk.end()) {
        if (!made) {
            log::warning("sandbox", "{}", made.error().describe());
        }
        return;
    }
    LiveSandbox& sandbox = **at;
    m_waitingForDisk.erase(at);
    if (made) {
        start(sandbox);
    } else {
        refuse(sandbox, made.error());
    }
}

void Assignments::inject(LiveSandbox& sandbox, const UniqueFd& scratch) {
    const bool byRlimits = m_ground.cgroups.kind() == CgroupTree::Kind::None;
    InjectionPlan plan;
    plan.init = sandbox.init;
    plan.initFd = sandbox.initFd.get();
    plan.stateDirectory = m_ground.state.get();
    plan.statePath = m_ground.statePath;
    plan.scratch = scratch.get();
    plan.limitByRlimits = byRlimits;
    plan.uid = m_ground.uidOf(sandbox.slot);
    plan.assignment = &sandbox.assignment->assignment;
    if (auto injected = sandbox::inject(plan); !injected) {
        return refuse(sandbox, injected.error());
    }
    Answer assigned;
    assigned.kind = AnswerKind::Assigned;
    assigned.request = sandbox.assignment->request;
    assigned.sandbox = sandbox.id;
    sandbox.assignment.reset();
    sandbox.assigned = true;
    if (byRlimits) {
        const auto first = std::strtol(childrenOf(sandbox.init).c_str(), nullptr, 10);
        assigned.fds.emplace_back(::open(fmt::format("/proc/{}/status", first).c_str(), O_RDONLY | O_CLOEXEC));
    }
    m_daemon.answer(std::move(assigned));
}

void Assignments::refuse(LiveSandbox& sandbox, Error error) {
    m_daemon.refuse(AnswerKind::Assigned, sandbox.assignment->request, sandbox.id, std::move(error));
    sandbox.assignment.reset();
}

void Assignments::onEnding(LiveSandbox& sandbox) {
    if (sandbox.assignment) {
        refuse(sandbox, Error{Code::Aborted, "SandboxEnded", {}, "the sandbox ended while it was prepared"});
    }
    std::erase(m_waitingForDisk, &sandbox);
    std::erase(m_waitingForProgram, &sandbox);
}

bool Assignments::awaits(pid_t child) const {
    return m_disks->isMaker(child);
}

}  // namespace hanshu::sandbox
