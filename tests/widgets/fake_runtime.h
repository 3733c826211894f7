// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A runtime for tests of the console: the real services of the schema, over a real gRPC server, answered from memory.
// Any thread.
#pragma once

#include "services.grpc.pb.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hanshu::test {

class FakeRuntime {
public:
    // `address` is unix:PATH; empty: in-process only.
    explicit FakeRuntime(std::string address = {});
    ~FakeRuntime();

    void start();
    // Breaks every call off, as a killed daemon does. What it knows stays.
    void stop();
    [[nodiscard]] std::shared_ptr<void> channel();

    void putFunction(const std::string& name, const std::string& description = {});
    void removeFunction(const std::string& name);
    [[nodiscard]] bool hasFunction(const std::string& name);
    // Gives the sequence of the record.
    std::int64_t addRun(api::Invocation run);
    void addLines(const std::string& function, int count, const std::string& text, const std::string& level = {},
                  const std::string& requestId = {});
    // What a run answers; the default echoes the payload.
    using Answer = std::function<grpc::Status(grpc::ServerContext&, const api::InvokeRequest&, api::InvokeReply&)>;
    void setAnswer(Answer answer);
    // Fails every call of a method (its short name) until it is cleared with OK.
    void setFailure(const std::string& method, grpc::Status status, const std::string& reason = {});

    [[nodiscard]] std::string lastZip();
    [[nodiscard]] api::DeployRequest lastDeploy();
    // The cursors that log tails were opened with, in order.
    [[nodiscard]] std::vector<std::int64_t> tailCursors();
    [[nodiscard]] int watchers();

private:
    struct State;
    struct Services;
    std::shared_ptr<State> m_state;
    std::unique_ptr<Services> m_services;
    std::string m_address;
    std::unique_ptr<grpc::Server> m_server;
};

}  // namespace hanshu::test
