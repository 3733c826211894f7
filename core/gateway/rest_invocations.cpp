// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Running a function (reference 1.6).
#include "api/validate.h"
#include "base/encoding.h"
#include "events/dispatcher.h"
#include "gateway/rest_call.h"
#include "gateway/run_headers.h"
#include "invoke/pipeline.h"

#include <cmath>

namespace hanshu::gateway {
namespace {

struct InvokeOptions {
    bool async = false;
    bool tail = false;
    std::string taskId;
};

Result<InvokeOptions> invokeOptions(const http::Headers& headers) {
    InvokeOptions options;
    const auto type = headers.get("x-fc-invocation-type");
    options.async = http::equalsIgnoringCase(type, "Async");
    if (!options.async && !type.empty() && !http::equalsIgnoringCase(type, "Sync")) {
        return invalid(
            fmt::format("InvocationType is set to an invalid value (allowed: Sync | Async, actual: '{}')", type));
    }
    const auto log = headers.get("x-fc-log-type");
    options.tail = http::equalsIgnoringCase(log, "Tail");
    if (options.tail && options.async) {
        return invalid("LogType is set to an invalid value (allowed: None, actual: 'Tail')");
    }
    if (!options.tail && !log.empty() && !http::equalsIgnoringCase(log, "None")) {
        return invalid(fmt::format("LogType is set to an invalid value (allowed: Tail | None, actual: '{}')", log));
    }
    options.taskId = headers.get("x-fc-async-task-id");
    if (!options.taskId.empty() && !api::isTriggerName(options.taskId)) {
        return invalid(
            fmt::format("AsyncTaskId is set to an invalid value (1 to 128 of A-Z a-z 0-9 _ -, first a "
                        "letter or _, actual: '{}')",
                        options.taskId));
    }
    return options;
}

RestReply runNow(RestCall& call, invoke::Call run) {
    auto outcome = co_await call.rooms().pipeline.run(std::move(run));
    if (!outcome) {
        co_return fail(std::move(outcome.error()));
    }
    http::Response response;
    addRunHeaders(*outcome, response.headers);
    const bool json = !outcome->errorType.empty() && !outcome->payload.empty();
    response.headers.add("Content-Type", json ? "application/json" : "application/octet-stream");
    response.body = std::move(outcome->payload);
    co_return response;
}

}  // namespace

void addRunHeaders(const invoke::Outcome& outcome, http::Headers& headers) {
    const auto& invocation = outcome.invocation;
    if (!outcome.errorType.empty()) {
        headers.add("X-Fc-Error-Type", outcome.errorType);
    }
    if (!outcome.logTail.empty()) {
        headers.add("X-Fc-Log-Result", toBase64(outcome.logTail));
    }
    headers.add("X-Fc-Code-Checksum", outcome.codeChecksum);
    headers.add("X-Fc-Invocation-Duration",
                std::to_string(static_cast<std::int64_t>(std::ceil(invocation.run_us() / 1000))));
    headers.add("X-Fc-Max-Memory-Usage", fmt::format("{:.2f}", invocation.memory_peak() / (1024 * 1024)));
    headers.add("X-Fc-Invocation-Service-Version", invocation.qualifier().empty() ? "LATEST" : invocation.qualifier());
    if (!invocation.instance_id().empty()) {
        headers.add("X-Fc-Instance-Id", invocation.instance_id());
    }
    headers.add("Access-Control-Expose-Headers",
                "Date,x-fc-request-id,x-fc-error-type,x-fc-code-checksum,x-fc-invocation-duration,"
                "x-fc-max-memory-usage,x-fc-log-result,x-fc-invocation-code-version");
}

RestReply acceptEvent(const Rooms& rooms, invoke::Call run, std::string taskId) {
    auto allowed = rooms.pipeline.mayInvoke(run);
    if (!allowed) {
        co_return fail(std::move(allowed.error()));
    }
    http::Response response;
    response.status = 202;
    if (!taskId.empty()) {
        response.headers.add("X-Fc-Async-Task-Id", taskId);
    }
    store::Event event;
    event.id = newEventId();
    event.requestId = run.requestId;
    event.account = std::move(run.account);
    event.functionName = std::move(run.functionName);
    event.qualifier = std::move(run.qualifier);
    event.source = "async";
    event.triggerName = std::move(run.triggerName);
    event.taskId = std::move(taskId);
    event.payload = std::move(run.payload);
    event.enqueued = rooms.clock.now();
    auto kept = co_await rooms.dispatcher.enqueue(std::move(event));
    if (!kept) {
        co_return fail(std::move(kept.error()));
    }
    co_return response;
}

RestReply invokeFunction(RestCall& call) {
    auto options = invokeOptions(call.request().headers);
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    invoke::Call run;
    run.caller = call.caller;
    run.account = call.account();
    run.functionName = call.names[0];
    run.qualifier = call.request().queryValue("qualifier").value_or("");
    run.payload = std::move(call.body);
    run.requestId = call.requestId;
    run.wantTail = options->tail;
    if (options->async) {
        run.source = "async";
        co_return co_await acceptEvent(call.rooms(), std::move(run), std::move(options->taskId));
    }
    co_return co_await runNow(call, std::move(run));
}

}  // namespace hanshu::gateway
