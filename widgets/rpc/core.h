// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The channel and the calls that run on it. Only the .cpp files of this room include it: it brings gRPC along.
#pragma once

#include "rpc/endpoint.h"
#include "rpc/mailbox.h"
#include "services.grpc.pb.h"

#include <grpcpp/grpcpp.h>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

namespace hanshu::rpc {

// What every call has. It holds itself until gRPC is done with it.
class CallBase {
public:
    virtual ~CallBase() = default;
    void cancel() { m_context.TryCancel(); }
    [[nodiscard]] grpc::ClientContext& context() { return m_context; }

private:
    grpc::ClientContext m_context;
};

class Core {
public:
    explicit Core(const Endpoint& endpoint);

    // GUI thread. Cancels what runs and waits until gRPC has called back for the last time.
    void shutDown();

    // A call begins (GUI thread).
    void enter(CallBase* call);
    // A call ends (any thread; the last thing that its callback does). `delivery`, which holds the call, is posted.
    void leave(CallBase* call, std::function<void()> delivery);

    Mailbox mailbox;
    std::unique_ptr<api::FunctionService::Stub> functions;
    std::unique_ptr<api::InvocationService::Stub> invocations;
    std::unique_ptr<api::LogService::Stub> logs;
    std::unique_ptr<api::SystemService::Stub> system;

private:
    std::mutex m_mutex;
    std::condition_variable m_idle;
    std::set<CallBase*> m_running;
    bool m_closed = false;
};

// The error of a status: its code, and what the trailing metadata say.
[[nodiscard]] Error toError(const grpc::Status& status, const grpc::ClientContext& context);

}  // namespace hanshu::rpc
