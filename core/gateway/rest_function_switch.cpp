// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The stop switch of a function.
#include "catalog/catalog.h"
#include "gateway/rest_call.h"
#include "scheduler/scheduler.h"

namespace hanshu::gateway {
namespace {

RestReply done(RestCall& call, std::optional<std::string> reason) {
    auto set = co_await call.rooms().catalog.setDisabled(call.account(), call.names[0], std::move(reason));
    if (!set) {
        co_return fail(std::move(set.error()));
    }
    co_return jsonResponse(R"({"success":true})");
}

}  // namespace

RestReply disableInvocation(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:DisableFunctionInvocation", functionResource(call.names[0])));
    api::DisableInvocationInput input;
    if (!call.body.empty()) {
        auto read = api::readJson(call.body, input);
        if (!read) {
            co_return fail(std::move(read.error()));
        }
    }
    auto answer = co_await done(call, input.reason());
    if (answer && input.abort_ongoing_request()) {
        call.rooms().scheduler.abort(call.account(), call.names[0]);
    }
    co_return answer;
}

RestReply enableInvocation(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:EnableFunctionInvocation", functionResource(call.names[0])));
    co_return co_await done(call, std::nullopt);
}

}  // namespace hanshu::gateway
