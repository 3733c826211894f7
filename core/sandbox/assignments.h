// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Turns sandboxes into instances of functions, on order: limits, /tmp and mounts. What has to be waited for (a disk,
// bubblewrap's own mounting) is waited for here. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "sandbox/daemon_link.h"
#include "sandbox/event_loop.h"
#include "sandbox/sandbox_table.h"
#include "sandbox/scratch_disks.h"
#include "sandbox/spawner_ground.h"

#include <deque>
#include <optional>
#include <vector>

namespace hanshu::sandbox {

class Assignments final : public SandboxTable::Neighbour {
public:
    // All of them outlive this.
    Assignments(EventLoop& loop, DaemonLink& daemon, const SpawnerGround& ground)
        : m_loop(loop), m_daemon(daemon), m_ground(ground) {}

    // Once, before anything else. The text, where it is not empty, tells why /tmp is memory on this host.
    [[nodiscard]] Result<std::string> prepareDisks();
    // `sandbox`: null where there is none of that number.
    void assign(LiveSandbox* sandbox, AssignOrder order);
    // Whether a program is awaited of which nothing tells but looking.
    [[nodiscard]] bool mustPoll() const noexcept { return !m_waitingForProgram.empty(); }
    void poll();

    void onEnding(LiveSandbox& sandbox) override;
    [[nodiscard]] bool awaits(pid_t child) const override;

private:
    [[nodiscard]] Result<void> check(const LiveSandbox* sandbox, const Assignment& wanted) const;
    void start(LiveSandbox& sandbox);
    void inject(LiveSandbox& sandbox, const UniqueFd& scratch);
    void onDisk(int fd);
    void refuse(LiveSandbox& sandbox, Error error);

    EventLoop& m_loop;
    DaemonLink& m_daemon;
    const SpawnerGround& m_ground;
    std::optional<ScratchDisks> m_disks;
    std::deque<LiveSandbox*> m_waitingForDisk;
    std::vector<LiveSandbox*> m_waitingForProgram;  // bubblewrap is still mounting
};

}  // namespace hanshu::sandbox
