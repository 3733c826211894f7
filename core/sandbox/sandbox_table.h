// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every sandbox of the spawner: parks launchers ahead, turns them into sandboxes on order, notices and tells their
// ends. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "sandbox/daemon_link.h"
#include "sandbox/event_loop.h"
#include "sandbox/live_sandbox.h"
#include "sandbox/slots.h"
#include "sandbox/spawner_ground.h"

#include <sys/types.h>
#include <deque>
#include <memory>
#include <unordered_map>

namespace hanshu::sandbox {

class SandboxTable {
public:
    // What the table needs of whoever else works on its sandboxes.
    class Neighbour {
    public:
        virtual ~Neighbour() = default;
        // The sandbox is gone and about to be forgotten.
        virtual void onEnding(LiveSandbox& sandbox) = 0;
        // Whether it is a child of this process that somebody waits for.
        [[nodiscard]] virtual bool awaits(pid_t child) const = 0;
    };

    // All of them outlive the table.
    SandboxTable(EventLoop& loop, DaemonLink& daemon, Slots& slots, const SpawnerGround& ground, Neighbour& neighbour)
        : m_loop(loop), m_daemon(daemon), m_slots(slots), m_ground(ground), m_neighbour(neighbour) {}

    void launch(const Frame& frame, const LaunchOrder& order);
    void kill(std::uint64_t id);
    void killAll();  // and park no more
    [[nodiscard]] LiveSandbox* find(std::uint64_t id) const;
    [[nodiscard]] bool empty() const noexcept { return m_sandboxes.empty(); }

    [[nodiscard]] bool wantsParked() const noexcept;
    // One more launcher, where one is wanted.
    void parkOne();

private:
    Result<LiveSandbox*> park();
    Result<LiveSandbox*> takeParked();
    static void kill(LiveSandbox& sandbox);
    void onInfo(LiveSandbox& sandbox);
    void onMonitorGone(LiveSandbox& sandbox);
    void onInitGone(LiveSandbox& sandbox);
    void announce(LiveSandbox& sandbox);
    void finishIfGone(LiveSandbox& sandbox);
    void reapStrays();
    void refuseLaunch(LiveSandbox& sandbox, std::string detail);

    EventLoop& m_loop;
    DaemonLink& m_daemon;
    Slots& m_slots;
    const SpawnerGround& m_ground;
    Neighbour& m_neighbour;
    std::unordered_map<std::uint64_t, std::unique_ptr<LiveSandbox>> m_sandboxes;
    std::deque<std::uint64_t> m_parked;
    std::uint64_t m_lastId = 0;
    int m_parkFailures = 0;
    bool m_ending = false;
};

}  // namespace hanshu::sandbox
