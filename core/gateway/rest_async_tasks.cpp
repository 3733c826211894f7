// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Events of the durable queue as Function Compute's async tasks.
#include "base/encoding.h"
#include "catalog/catalog.h"
#include "gateway/rest_call.h"
#include "store/event_queue.h"

#include <boost/json.hpp>
#include <charconv>

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
    // JSON holds text alone.
    if (!event.payload.empty() && isUtf8(event.payload)) {
        task["taskPayload"] = event.payload;
    }
    if (view.ended != SystemTime{}) {
        const auto ended = std::chrono::floor<std::chrono::milliseconds>(view.ended);
        task["endTime"] = ended.time_since_epoch().count();
        task["durationMs"] = std::chrono::duration_cast<std::chrono::milliseconds>(view.ended - event.enqueued).count();
    }
    return task;
}

// What a query may ask for (reference 5.3) and no event of this queue ever is.
constexpr std::array<std::string_view, 5> kUnusedStates{"Dequeued", "Stopped", "Stopping", "Expired", "Invalid"};

// Unix time in ms, or none. The year 9999 ends every period.
Result<std::optional<SystemTime>> timeOf(const RestCall& call, std::string_view name) {
    constexpr std::int64_t kEndOfYears = 253402300800'000;
    const auto text = call.request().queryValue(name).value_or("");
    if (text.empty()) {
        return std::optional<SystemTime>{};
    }
    std::int64_t milliseconds = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, milliseconds);
    if (parsed.ec != std::errc{} || parsed.ptr != end || milliseconds < 0 || milliseconds > kEndOfYears) {
        return invalid(fmt::format("{} is set to an invalid value (a Unix time in ms, actual: '{}')", name, text));
    }
    return std::optional<SystemTime>{SystemTime{std::chrono::milliseconds{milliseconds}}};
}

Result<bool> choice(const RestCall& call, std::string_view name, std::string_view no, std::string_view yes) {
    const auto text = call.request().queryValue(name).value_or("");
    if (!text.empty() && text != no && text != yes) {
        return invalid(
            fmt::format("{} is set to an invalid value (allowed: {} | {}, actual: '{}')", name, no, yes, text));
    }
    return text == yes;
}

// The filters of the query beyond the function and the page. Nothing where no event can pass them.
Result<std::optional<store::EventFilter>> taskFilter(const RestCall& call, store::EventFilter filter) {
    const auto status = call.request().queryValue("status").value_or("");
    const auto* const known =
        std::ranges::find(kStates, status, &std::pair<std::string_view, std::string_view>::second);
    const bool unused = std::ranges::find(kUnusedStates, status) != kUnusedStates.end();
    if (!status.empty() && known == kStates.end() && !unused) {
        return invalid(fmt::format(
            "status is set to an invalid value (allowed: Enqueued | Dequeued | Running | Retrying | Succeeded "
            "| Failed | Stopped | Stopping | Expired | Invalid, actual: '{}')",
            status));
    }
    filter.state = known == kStates.end() ? "" : known->first;
    filter.qualifier = call.request().queryValue("qualifier").value_or("");
    auto since = timeOf(call, "startedTimeBegin");
    HANSHU_TRY(since);
    auto until = timeOf(call, "startedTimeEnd");
    HANSHU_TRY(until);
    auto ascending = choice(call, "sortOrderByTime", "desc", "asc");
    HANSHU_TRY(ascending);
    auto payload = choice(call, "includePayload", "false", "true");
    HANSHU_TRY(payload);
    filter.since = since->value_or(SystemTime{});
    filter.until = until->value_or(SystemTime::max());
    filter.oldestFirst = *ascending;
    filter.withPayload = *payload;
    return unused ? std::nullopt : std::optional(std::move(filter));
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
    filter.taskPrefix = options->prefix;
    auto wanted = taskFilter(call, std::move(filter));
    if (!wanted) {
        co_return fail(std::move(wanted.error()));
    }
    if (!*wanted) {
        co_return jsonResponse(R"({"tasks":[]})");
    }
    auto listed = co_await call.rooms().queue.list(std::move(**wanted));
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
