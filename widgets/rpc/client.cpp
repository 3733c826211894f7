// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "rpc/client.h"

#include "rpc/connection.h"
#include "rpc/stream_call.h"
#include "rpc/unary_call.h"

namespace hanshu::rpc {

namespace {

constexpr std::chrono::seconds kDeadline{30};

Failure notConnected() {
    return fail(Code::Unavailable, "NotConnected");
}

}  // namespace

void Call::cancel() {
    if (const auto call = m_call.lock()) {
        call->cancel();
    }
}

// Before the runtime is there, every call fails at once.
#define HANSHU_NEED_CORE(reply)               \
    do {                                      \
        if (m_connection.core() == nullptr) { \
            (reply)(notConnected());          \
            return {};                        \
        }                                     \
    } while (false)

Call Client::getFunction(const std::string& name, QObject* owner, Reply<api::FunctionReply> reply) {
    HANSHU_NEED_CORE(reply);
    api::NameRequest request;
    request.set_name(name);
    const auto core = m_connection.core();
    return startUnary<api::NameRequest, api::FunctionReply>(
        core, request, kDeadline, owner, std::move(reply), [&](auto* context, auto* in, auto* out, auto done) {
            core->functions->async()->GetFunction(context, in, out, std::move(done));
        });
}

Call Client::deleteFunction(const std::string& name, QObject* owner, Reply<api::Empty> reply) {
    HANSHU_NEED_CORE(reply);
    api::NameRequest request;
    request.set_name(name);
    const auto core = m_connection.core();
    return startUnary<api::NameRequest, api::Empty>(
        core, request, kDeadline, owner, std::move(reply), [&](auto* context, auto* in, auto* out, auto done) {
            core->functions->async()->DeleteFunction(context, in, out, std::move(done));
        });
}

Call Client::invoke(const api::InvokeRequest& request, QObject* owner, Reply<api::InvokeReply> reply) {
    HANSHU_NEED_CORE(reply);
    const auto core = m_connection.core();
    return startUnary<api::InvokeRequest, api::InvokeReply>(
        core, request, {}, owner, std::move(reply), [&](auto* context, auto* in, auto* out, auto done) {
            core->invocations->async()->Invoke(context, in, out, std::move(done));
        });
}

Call Client::listInvocations(const api::ListInvocationsRequest& request, QObject* owner,
                             Reply<api::ListInvocationsOutput> reply) {
    HANSHU_NEED_CORE(reply);
    const auto core = m_connection.core();
    return startUnary<api::ListInvocationsRequest, api::ListInvocationsOutput>(
        core, request, kDeadline, owner, std::move(reply), [&](auto* context, auto* in, auto* out, auto done) {
            core->invocations->async()->ListInvocations(context, in, out, std::move(done));
        });
}

Call Client::queryLogs(const api::QueryLogsRequest& request, QObject* owner, Reply<api::LogBatch> reply) {
    HANSHU_NEED_CORE(reply);
    const auto core = m_connection.core();
    return startUnary<api::QueryLogsRequest, api::LogBatch>(
        core, request, kDeadline, owner, std::move(reply), [&](auto* context, auto* in, auto* out, auto done) {
            core->logs->async()->QueryLogs(context, in, out, std::move(done));
        });
}

std::unique_ptr<Subscription> Client::watchFunctions(FunctionChanges handlers) {
    return std::make_unique<OpenStream<api::Empty, api::FunctionChange>>(
        m_connection, std::move(handlers), [](Core& core, auto* context, const auto* request, auto* reactor) {
            core.functions->async()->WatchFunctions(context, request, reactor);
        });
}

std::unique_ptr<Subscription> Client::watchInvocations(InvocationBatches handlers) {
    return std::make_unique<OpenStream<api::WatchInvocationsRequest, api::InvocationBatch>>(
        m_connection, std::move(handlers), [](Core& core, auto* context, const auto* request, auto* reactor) {
            core.invocations->async()->WatchInvocations(context, request, reactor);
        });
}

std::unique_ptr<Subscription> Client::tailLogs(LogBatches handlers) {
    return std::make_unique<OpenStream<api::TailLogsRequest, api::LogBatch>>(
        m_connection, std::move(handlers), [](Core& core, auto* context, const auto* request, auto* reactor) {
            core.logs->async()->TailLogs(context, request, reactor);
        });
}

}  // namespace hanshu::rpc
