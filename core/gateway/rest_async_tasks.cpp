// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events of the durable queue as Function Compute's async tasks.
#include "catalog/catalog.h"
#include "gateway/rest_call.h"
#include "store/event_queue.h"

#include <boost/json.hpp>

namespace hanshu::gateway {
namespace {

// The queue's states and those of the API (reference 5.3), one to one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kStates{{
    {"Enqueued", "Enqueued"},
    {"Running", "Running"},
    {"Retrying", "Retrying"},
    {"Succeeded", "Succeeded"},
    {"DeadLetter", "Failed"},
}};

std::string_view statusOf(std::string_view state) {
    const auto* const found = std::ranges::find(kStates, state, &std::pair<std::string_view, std::string_view>::first);
    return found == kStates.end() ? state : found->second;
}

boost::json::object taskOf(const RestCall& call, const store::EventView& view) {
    const auto& event = view.event;
    boost::json::object task;
    task["taskId"] = event.taskId.empty() ? event.requestId.value : event.taskId;
    task["requestId"] = event.requestId.value;
    task["functionArn"] =
        fmt::format("acs:fc:{}:{}:functions/{}", call.rooms().region, event.account, event.functionName);
    task["qualifier"] = event.qualifier.empty() ? "LATEST" : event.qualifier;
    task["status"] = statusOf(view.state);
    task["startedTime"] = std::chrono::floor<std::chrono::milliseconds>(event.enqueued).time_since_epoch().count();
    task["alreadyRetriedTimes"] = std::max(view.attempts - 1, 0);
    task["taskErrorMessage"] = view.reason;
    if (view.ended != SystemTime{}) {
        const auto ended = std::chrono::floor<std::chrono::milliseconds>(view.ended);
        task["endTime"] = ended.time_since_epoch().count();
        task["durationMs"] = std::chrono::duration_cast<std::chrono::milliseconds>(view.ended - event.enqueued).count();
    }
    return task;
}

Result<void> functionMustExist(const RestCall& call) {
    if (call.rooms().catalog.snapshot()->find(call.account(), call.names[0]) == nullptr) {
        return fail(Code::NotFound, "FunctionNotFound", {{"function", call.names[0]}});
    }
    return {};
}

}  // namespace

RestReply listAsyncTasks(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:ListAsyncTasks", functionResource(call.names[0])));
    auto options = listOptions(call.request());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    HANSHU_CO_TRY(functionMustExist(call));
    store::EventFilter filter;
    filter.account = call.account();
    filter.functionName = call.names[0];
    filter.before = options->startAt;
    filter.limit = options->limit;
    if (const auto status = call.request().queryValue("status"); status && !status->empty()) {
        const auto* const known =
            std::ranges::find(kStates, *status, &std::pair<std::string_view, std::string_view>::second);
        if (known == kStates.end()) {
            co_return invalid(
                fmt::format("status is set to an invalid value (allowed: Enqueued | Running | Retrying "
                            "| Succeeded | Failed, actual: '{}')",
                            *status));
        }
        filter.state = known->first;
    }
    auto listed = co_await call.rooms().queue.list(std::move(filter));
    if (!listed) {
        co_return fail(std::move(listed.error()));
    }
    boost::json::array tasks;
    for (const auto& view : *listed) {
        tasks.push_back(taskOf(call, view));
    }
    boost::json::object output;
    if (std::cmp_equal(listed->size(), options->limit)) {
        output["nextToken"] = listed->back().event.id.value;
    }
    output["tasks"] = std::move(tasks);
    co_return jsonResponse(boost::json::serialize(output));
}

RestReply getAsyncTask(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:GetAsyncTask", functionResource(call.names[0])));
    HANSHU_CO_TRY(functionMustExist(call));
    store::EventFilter filter;
    filter.account = call.account();
    filter.functionName = call.names[0];
    filter.taskId = call.names[1];
    filter.limit = 1;
    auto found = co_await call.rooms().queue.list(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    if (found->empty()) {
        co_return fail(Code::NotFound, "AsyncTaskNotFound", {{"task", call.names[1]}});
    }
    co_return jsonResponse(boost::json::serialize(taskOf(call, found->front())));
}

}  // namespace hanshu::gateway
