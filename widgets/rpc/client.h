// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The calls of a runtime, answered on the GUI thread. Replies and stream messages are delivered together, at most once
// a frame. GUI thread.
#pragma once

#include "base/result.h"
#include "bundle/package.h"
#include "services.pb.h"

#include <QObject>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace hanshu::rpc {

class CallBase;
class Connection;

template <class T>
using Reply = std::function<void(Result<T>)>;

// A call on its way. Dropping it does not cancel the call.
class Call {
public:
    Call() = default;
    explicit Call(std::weak_ptr<CallBase> call) : m_call(std::move(call)) {}
    // The reply is then Code::Cancelled, if it is not on its way already.
    void cancel();
    [[nodiscard]] bool isRunning() const { return !m_call.expired(); }

private:
    std::weak_ptr<CallBase> m_call;
};

// A stream that is kept open: when the connection comes back it asks again, from where `request` says. Ends when
// destroyed.
class Subscription {
public:
    Subscription() = default;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    virtual ~Subscription() = default;
    // After `failed`: tries once more.
    virtual void retry() = 0;
};

template <class Request, class Message>
struct StreamHandlers {
    std::function<Request()> request;  // made anew each time that the stream opens
    std::function<void()> opening;     // may be null
    std::function<void(std::vector<Message>)> messages;
    std::function<void(const Error&)> failed;  // for good: waiting does not help
};

struct Upload {
    api::DeployRequest head;  // names the function: create or update
    bundle::Package package;
};

class Client {
public:
    explicit Client(Connection& connection) : m_connection(connection) {}
    [[nodiscard]] Connection& connection() const { return m_connection; }

    // `owner`: a reply that comes after it is gone is dropped.
    Call getFunction(const std::string& name, QObject* owner, Reply<api::FunctionReply> reply);
    Call deleteFunction(const std::string& name, QObject* owner, Reply<api::Empty> reply);
    // `progress` gets the bytes sent.
    Call deploy(Upload upload, QObject* owner, std::function<void(qint64)> progress, Reply<api::FunctionReply> reply);
    // No deadline but the function's own.
    Call invoke(const api::InvokeRequest& request, QObject* owner, Reply<api::InvokeReply> reply);
    Call listInvocations(const api::ListInvocationsRequest& request, QObject* owner,
                         Reply<api::ListInvocationsOutput> reply);
    Call queryLogs(const api::QueryLogsRequest& request, QObject* owner, Reply<api::LogBatch> reply);

    using FunctionChanges = StreamHandlers<api::Empty, api::FunctionChange>;
    using InvocationBatches = StreamHandlers<api::WatchInvocationsRequest, api::InvocationBatch>;
    using LogBatches = StreamHandlers<api::TailLogsRequest, api::LogBatch>;
    [[nodiscard]] std::unique_ptr<Subscription> watchFunctions(FunctionChanges handlers);
    [[nodiscard]] std::unique_ptr<Subscription> watchInvocations(InvocationBatches handlers);
    [[nodiscard]] std::unique_ptr<Subscription> tailLogs(LogBatches handlers);

private:
    Connection& m_connection;
};

}  // namespace hanshu::rpc
