// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The composition root: builds the rooms in order, starts, drains and stops them. One Node a process and state
// directory. start, drain and the destructor block; any thread but the rooms' own.
#pragma once

#include "base/result.h"
#include "node/ground.h"
#include "telemetry/log_keeping.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

namespace hanshu::node {

struct Options {
    std::string httpAddress = "127.0.0.1:0";
    std::string objectsAddress = "127.0.0.1:0";
    std::string grpcAddress;  // host:port | unix:PATH; empty: in-process only
    std::string region = "local";
    int ioThreads = 0;  // 0: one a core
    int diskThreads = 3;
    int stock = 2;  // started agents that wait for a function, per kind of runtime
    std::chrono::milliseconds idleTimeout{60'000};
    telemetry::LogKeeping logs;
    std::chrono::milliseconds drainTimeout{30'000};
};

struct Addresses {
    std::string http;
    std::string objects;
    std::string grpc;
};

// The account's key pair; `created` on the first start, when it is to be shown once.
struct OwnerCredentials {
    std::string accountId;
    std::string accessKeyId;
    std::string accessKeySecret;
    bool created = false;
};

class Node {
public:
    [[nodiscard]] static Result<std::unique_ptr<Node>> start(Options options, std::unique_ptr<Ground> ground);
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
