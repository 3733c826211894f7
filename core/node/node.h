// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The composition root: builds the rooms in order, starts, drains and stops them. One Node a process and state
// directory. start and stop block; any thread but the rooms' own.
#pragma once

#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace hanshu::sandbox {
class SpawnerHandle;
}

namespace hanshu::node {

struct Options {
    std::filesystem::path stateDirectory;
    std::string httpAddress = "127.0.0.1:0";
    std::string objectsAddress = "127.0.0.1:0";
    std::string grpcAddress;  // host:port | unix:PATH; empty: in-process only
    std::string region = "local";
    int ioThreads = 0;  // 0: one a core
    int diskThreads = 3;
    int stock = 2;  // started agents that wait for a function
    std::chrono::seconds idleTimeout{60};
    std::chrono::seconds drainTimeout{30};
};

struct Addresses {
    std::string http;
    std::string objects;
    std::string grpc;
};

// What the first start made, to be shown once; kept in STATE/credentials.toml.
struct OwnerCredentials {
    std::string accountId;
    std::string accessKeyId;
    std::string accessKeySecret;
    bool created = false;
};

class Node {
public:
    // Fails with StateInUse when another process has the state directory.
    [[nodiscard]] static Result<std::unique_ptr<Node>> start(Options options,
                                                             std::unique_ptr<sandbox::SpawnerHandle> spawner);
    ~Node();
    [[nodiscard]] const Addresses& addresses() const noexcept;
    [[nodiscard]] const OwnerCredentials& credentials() const noexcept;
    // A std::shared_ptr<grpc::Channel>; see gateway::GrpcServer.
    [[nodiscard]] std::shared_ptr<void> channel();
    // No new work; returns when what runs has ended, or after the drain timeout.
    void drain();

private:
    struct State;
    explicit Node(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::node
