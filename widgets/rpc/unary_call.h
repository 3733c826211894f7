// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One question and its answer. Only the .cpp files of this room include it.
#pragma once

#include "rpc/client.h"
#include "rpc/core.h"

#include <QPointer>

namespace hanshu::rpc {

// Asks, and delivers the answer to `reply` on the GUI thread unless `owner` is gone by then. `start` is given the
// call's context, request, response and what to call at its end: it forwards them to a method of a stub's async().
template <class Request, class Response, class Start>
Call startUnary(const std::shared_ptr<Core>& core, Request request, std::chrono::milliseconds deadline, QObject* owner,
                Reply<Response> reply, Start start) {
    struct UnaryCall : CallBase {
        Request request;
        Response response;
        QPointer<QObject> owner;
        Reply<Response> reply;
        std::shared_ptr<UnaryCall> self;  // until it ends
    };
    auto call = std::make_shared<UnaryCall>();
    call->request = std::move(request);
    call->owner = owner;
    call->reply = std::move(reply);
    call->self = call;
    if (deadline.count() > 0) {
        call->context().set_deadline(std::chrono::system_clock::now() + deadline);
    }
    // gRPC's thread must not be the one that drops the core: the connection waits for leave() and then drops it.
    Core* raw = core.get();
    raw->enter(call.get());
    start(&call->context(), &call->request, &call->response, [raw, call = call.get()](grpc::Status status) {
        raw->leave(call, [held = std::move(call->self), status = std::move(status)] {
            if (held->owner == nullptr) {
                return;
            }
            if (status.ok()) {
                held->reply(std::move(held->response));
            } else {
                held->reply(fail(toError(status, held->context())));
            }
        });
    });
    return Call(call);
}

}  // namespace hanshu::rpc
