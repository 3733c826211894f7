// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Waits for descriptors to become readable, and calls who waits. For the spawner's one thread only.
#pragma once

#include "base/unique_fd.h"

#include <functional>
#include <unordered_map>

namespace hanshu::sandbox {

class EventLoop {
public:
    EventLoop();

    void watch(int fd, std::function<void()> handler);
    // Before the descriptor is closed.
    void unwatch(int fd);
    // Handles one event; false where none came in time. A timeout below zero waits for ever.
    bool step(int timeoutMilliseconds);

private:
    UniqueFd m_epoll;
    std::unordered_map<int, std::function<void()>> m_handlers;
};

}  // namespace hanshu::sandbox
