// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/sandbox_table.h"

#include "base/log.h"
#include "sandbox/child_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstring>

namespace hanshu::sandbox {
namespace {

// Launchers that stand ready in their cgroups: a burst of cold starts takes them, and each is replaced in 0.3 ms of
// this thread's time and some 20 ms of its own.
constexpr std::size_t kParked = 4;
// A launcher that dies before it was used points at something that fails every time.
constexpr int kFailuresBeforePause = 3;

ExitStatus exitOf(const siginfo_t& info) {
    // bubblewrap tells a signal as a shell does.
    constexpr int kSignalBase = 128;
    if (info.si_code != CLD_EXITED) {
        return {true, info.si_status};
    }
    if (info.si_status > kSignalBase && info.si_status < kSignalBase + NSIG) {
        return {true, info.si_status - kSignalBase};
    }
    return {false, info.si_status};
}

}  // namespace

void SandboxTable::launch(const Frame& frame, const LaunchOrder& order) {
    auto taken = takeParked();
    if (!taken) {
        return m_daemon.refuse(AnswerKind::Launched, order.request, 0, taken.error());
    }
    LiveSandbox& sandbox = **taken;
    sandbox.launchRequest = order.request;
    std::vector<int> fds;
    for (const auto& fd : frame.fds) {
        fds.push_back(fd.get());
    }
    if (const int code = sendFrame(sandbox.launcher.socket.get(), frame.bytes, fds); code != 0) {
        refuseLaunch(sandbox, fmt::format("the launcher does not take its order: {}", std::strerror(code)));
        kill(sandbox);
    }
}

void SandboxTable::kill(std::uint64_t id) {
    if (auto* sandbox = find(id)) {
        kill(*sandbox);
    }
}

void SandboxTable::killAll() {
    m_ending = true;
    for (auto& [id, sandbox] : m_sandboxes) {
        kill(*sandbox);
    }
}

LiveSandbox* SandboxTable::find(std::uint64_t id) const {
    const auto found = m_sandboxes.find(id);
    return found == m_sandboxes.end() ? nullptr : found->second.get();
}

bool SandboxTable::wantsParked() const noexcept {
    return !m_ending && m_parked.size() < kParked && m_parkFailures < kFailuresBeforePause && m_slots.anyFree();
}

void SandboxTable::parkOne() {
    if (!wantsParked()) {
        return;
    }
    if (const auto sandbox = park(); sandbox) {
        m_parked.push_back((*sandbox)->id);
    } else {
        ++m_parkFailures;
        log::error("sandbox", "{}", sandbox.error().describe());
    }
}

Result<LiveSandbox*> SandboxTable::takeParked() {
    while (!m_parked.empty()) {
        auto* sandbox = find(m_parked.front());
        m_parked.pop_front();
        if (sandbox && !sandbox->monitorGone) {
            return sandbox;
        }
    }
    m_parkFailures = 0;
    return park();
}

Result<LiveSandbox*> SandboxTable::park() {
    const auto slot = m_slots.take();
    if (!slot) {
        return fail(slot.error());
    }
    LauncherPlan plan;
    plan.slot = *slot;
    plan.uid = m_ground.uidOf(*slot);
    plan.seccomp = m_ground.seccomp.get();
    plan.bubblewrap = m_ground.bubblewrap;
    plan.etcPath = m_ground.etc;
    plan.cgroups = &m_ground.cgroups;
    auto launcher = parkLauncher(plan);
    if (!launcher) {
        m_slots.release(*slot);
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, launcher.error().detail);
    }
    auto owned = std::make_unique<LiveSandbox>();
    LiveSandbox& sandbox = *owned;
    sandbox.id = ++m_lastId;
    sandbox.slot = *slot;
    sandbox.launcher = std::move(*launcher);
    m_sandboxes[sandbox.id] = std::move(owned);
    m_loop.watch(sandbox.launcher.info.get(), [this, &sandbox] { onInfo(sandbox); });
    m_loop.watch(sandbox.launcher.pidFd.get(), [this, &sandbox] { onMonitorGone(sandbox); });
    return &sandbox;
}

// The init of a pid namespace takes every process in it along.
void SandboxTable::kill(LiveSandbox& sandbox) {
    sandbox.killed = true;
    if (sandbox.initFd) {
        killByFd(sandbox.initFd.get());
    } else if (sandbox.launcher.pidFd) {
        killByFd(sandbox.launcher.pidFd.get());
    }
}

void SandboxTable::onInfo(LiveSandbox& sandbox) {
    std::array<char, 1024> part{};
    const auto size = ::read(sandbox.launcher.info.get(), part.data(), part.size());
    if (size < 0) {
        return;
    }
    sandbox.infoText.append(part.data(), static_cast<std::size_t>(size));
    if (size > 0 && sandbox.infoText.find('}') == std::string::npos) {
        return;
    }
    m_loop.unwatch(sandbox.launcher.info.get());
    sandbox.launcher.info.reset();
    constexpr std::string_view kKey = "\"child-pid\":";
    const auto at = sandbox.infoText.find(kKey);
    if (at == std::string::npos) {
        return;  // it died; its end is told by onMonitorGone
    }
    const auto pid = static_cast<pid_t>(std::strtol(sandbox.infoText.c_str() + at + kKey.size(), nullptr, 10));
    sandbox.initFd = openPidFd(pid);
    // The pid came from a process that may be dead by now: it must still be the child of the monitor.
    const auto parent = fmt::format("PPid:\t{}\n", sandbox.launcher.pid);
    if (!sandbox.initFd || readSmallFile(fmt::format("/proc/{}/status", pid)).find(parent) == std::string::npos) {
        sandbox.initFd.reset();
        kill(sandbox);
        return;
    }
    sandbox.init = pid;
    m_loop.watch(sandbox.initFd.get(), [this, &sandbox] { onInitGone(sandbox); });
    if (sandbox.killed) {
        killByFd(sandbox.initFd.get());
        return;
    }
    announce(sandbox);
}

void SandboxTable::announce(LiveSandbox& sandbox) {
    Answer launched;
    launched.kind = AnswerKind::Launched;
    launched.request = *sandbox.launchRequest;
    launched.sandbox = sandbox.id;
    launched.usage = m_ground.cgroups.usageSource();
    launched.fds = m_ground.cgroups.usageFiles(sandbox.slot);
    sandbox.announced = true;
    m_daemon.answer(std::move(launched));
}

void SandboxTable::onMonitorGone(LiveSandbox& sandbox) {
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(sandbox.launcher.pidFd.get()), &info, WEXITED);
    m_loop.unwatch(sandbox.launcher.pidFd.get());
    sandbox.exit = exitOf(info);
    sandbox.monitorGone = true;
    if (sandbox.launcher.info) {
        onInfo(sandbox);  // what it wrote before it died
    }
    if (!sandbox.announced && sandbox.launchRequest) {
        refuseLaunch(sandbox, fmt::format("bubblewrap ended with {} {}", sandbox.exit.signaled ? "signal" : "status",
                                          sandbox.exit.value));
    } else if (!sandbox.launchRequest && !m_ending) {
        ++m_parkFailures;
        std::erase(m_parked, sandbox.id);
        log::error("sandbox", "a launcher ended before it was used, with status {}", sandbox.exit.value);
    }
    finishIfGone(sandbox);
}

void SandboxTable::onInitGone(LiveSandbox& sandbox) {
    m_loop.unwatch(sandbox.initFd.get());
    sandbox.initGone = true;
    ::waitpid(sandbox.init, nullptr, WNOHANG);  // mine only where the monitor died first
    finishIfGone(sandbox);
}

void SandboxTable::finishIfGone(LiveSandbox& sandbox) {
    if (!sandbox.monitorGone || (sandbox.init > 0 && !sandbox.initGone)) {
        return;
    }
    m_neighbour.onEnding(sandbox);
    if (sandbox.announced) {
        Answer exited;
        exited.kind = AnswerKind::Exited;
        exited.sandbox = sandbox.id;
        exited.exit = sandbox.exit;
        m_daemon.answer(std::move(exited));
    }
    if (sandbox.launcher.info) {
        m_loop.unwatch(sandbox.launcher.info.get());
    }
    m_slots.release(sandbox.slot);
    m_sandboxes.erase(sandbox.id);
    reapStrays();
}

// The init of a sandbox that died before its name was known ends up here as a child.
void SandboxTable::reapStrays() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        const auto isLauncher = [&](const auto& entry) { return entry.second->launcher.pid == info.si_pid; };
        if (m_neighbour.awaits(info.si_pid) || std::ranges::any_of(m_sandboxes, isLauncher)) {
            return;  // its own handler comes
        }
        ::waitpid(info.si_pid, nullptr, WNOHANG);
        info.si_pid = 0;
    }
}

void SandboxTable::refuseLaunch(LiveSandbox& sandbox, std::string detail) {
    m_daemon.refuse(AnswerKind::Launched, *sandbox.launchRequest, 0,
                    Error{Code::Internal, "InternalServerError", {}, std::move(detail)});
    sandbox.launchRequest.reset();
    sandbox.killed = true;
}

}  // namespace hanshu::sandbox
