// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes the factory of instances from the sandboxes of this host. Any thread.
#pragma once

#include "runtime/instance.h"

#include <chrono>
#include <memory>

namespace hanshu {
class IoPool;
}

namespace hanshu::runtime {

// Where code inside a sandbox finds the object endpoint: 127.0.0.1 and this port of its own loopback.
inline constexpr int kObjectPort = 9001;
// How many connections code inside one sandbox may hold there. SDKs pool 10 to 50 of them; each costs the daemon a
// descriptor and some KB, which no function's limits bound. One more is answered 503 SlowDown.
inline constexpr int kMaxObjectConnections = 64;

struct InstanceFactoryOptions {
    IoPool& io;                             // outlives every instance
    sandbox::SandboxFactory& sandboxes;     // outlives the factory
    SandboxConnection onSandboxConnection;  // owns the descriptor that it gets; empty: connections are closed
    InstanceOutput onInstanceOutput{};      // empty: what is written between runs is dropped
    int stock = 2;                          // started agents that wait for a function, in all threads, per runtime kind
    std::chrono::milliseconds loadTimeout{60'000};     // until the code of a built-in runtime is loaded
    std::chrono::milliseconds customTimeout{120'000};  // until a custom runtime listens (reference 3.5)
};

// Starts to fill the stock. Destroy it after the last instance's run, before the sandboxes.
[[nodiscard]] std::unique_ptr<InstanceFactory> makeInstanceFactory(InstanceFactoryOptions options);

}  // namespace hanshu::runtime
