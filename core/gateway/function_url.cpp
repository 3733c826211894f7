// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Function URLs: /fn/{triggerId}/… (reference 4.3).
#include "access/keyring.h"
#include "access/signature.h"
#include "api/rest_error.h"
#include "catalog/catalog.h"
#include "gateway/function_url_event.h"
#include "gateway/function_url_rules.h"
#include "gateway/run_headers.h"
#include "triggers/trigger_book.h"

#include <boost/json.hpp>

namespace hanshu::gateway {
namespace {

constexpr std::string_view kPrefix = "/fn/";
constexpr std::size_t kMaxTarget = 4096;  // path and query (reference 5.7)

// A request to a function's address on its way.
struct UrlCall {
    RestCore& core;
    http::Exchange& exchange;
    RequestId requestId = newRequestId();
    std::string triggerId{};
    std::string path{};  // what the function sees: the rest behind the id
    triggers::HttpRoute route{};

    [[nodiscard]] const http::Request& request() const noexcept { return exchange.request; }
};

Result<void> findRoute(UrlCall& call) {
    const auto& request = call.request();
    if (request.path.size() + request.query.size() + 1 > kMaxTarget) {
        return invalid(fmt::format("path and query are longer than {} bytes", kMaxTarget));
    }
    const auto rest = std::string_view{request.path}.substr(kPrefix.size());
    const auto slash = rest.find('/');
    call.triggerId = rest.substr(0, slash);
    call.path = slash == std::string_view::npos ? "/" : std::string(rest.substr(slash));
    auto route = call.core.rooms.triggers.httpRoute(call.triggerId);
    if (!route) {
        return fail(Code::NotFound, "TriggerNotFound",
                    {{"message", fmt::format("no function has the address {}{}", kPrefix, call.triggerId)}});
    }
    call.route = std::move(*route);
    return {};
}

// Who calls; an anonymous trigger opens the function to everybody, so its owner has authorized the call.
Result<void> identify(UrlCall& call, invoke::Call& run) {
    const auto& rooms = call.core.rooms;
    if (call.route.config.auth_type() == "anonymous") {
        run.caller = {access::Caller::Kind::Anonymous, call.route.account, "anonymous", {}};
        run.authorized = true;
        return {};
    }
    if (!call.request().headers.has("authorization")) {
        return fail(Code::Unauthenticated, "MissingRequiredHeader", {{"header", "Authorization"}});
    }
    auto caller = access::verifyAcs3(call.request(), run.payload, rooms.keyring, rooms.nonces, rooms.clock);
    if (!caller) {
        return fail(std::move(caller.error()));
    }
    run.caller = std::move(*caller);
    return {};
}

bool isCustomRuntime(const UrlCall& call) {
    const auto route = call.core.rooms.catalog.snapshot()->find(call.route.account, call.route.functionName);
    return route != nullptr && route->spec->function.runtime().starts_with("custom");
}

// Gives the run the request: as it is for a program that speaks HTTP, else as an event.
void shapeRequest(const UrlCall& call, invoke::Call& run) {
    const auto& request = call.request();
    if (isCustomRuntime(call)) {
        const auto target = request.query.empty() ? call.path : call.path + "?" + request.query;
        run.http = runtime::HttpHead{request.method, target, passedRequestHeaders(request.headers)};
        return;
    }
    run.payload = makeUrlEvent({.request = request,
                                .path = call.path,
                                .account = call.route.account,
                                .triggerId = call.triggerId,
                                .requestId = call.requestId.value,
                                .now = call.core.rooms.clock.now()},
                               std::move(run.payload));
}

Failure functionFailed(const invoke::Outcome& outcome) {
    const auto& invocation = outcome.invocation;
    boost::system::error_code error;
    const auto body = boost::json::parse(outcome.payload, error);
    const auto* object = error ? nullptr : body.if_object();
    const auto* message = object == nullptr ? nullptr : object->if_contains("errorMessage");
    const auto sentence =
        message != nullptr && message->is_string() ? std::string(message->get_string()) : invocation.error_message();
    return fail(Code::Internal, "FunctionFailed",
                {{"code", invocation.error_type().empty() ? outcome.errorType : invocation.error_type()},
                 {"message", sentence.empty() ? "the function failed" : sentence}});
}

Result<http::Response> answerOf(invoke::Outcome& outcome) {
    if (!outcome.errorType.empty()) {
        return functionFailed(outcome);
    }
    if (!outcome.http) {
        auto unpacked = unpackUrlResult(std::move(outcome.payload));
        if (unpacked) {
            unpacked->headers = passedResponseHeaders(unpacked->headers.fields());
        }
        return unpacked;
    }
    http::Response response;
    response.status = outcome.http->status;
    response.headers = passedResponseHeaders(outcome.http->headers);
    response.body = std::move(outcome.payload);
    return response;
}

// A function's own failure is a bad gateway to its clients, in the form of every other error.
http::Response failureResponse(const Error& error, const std::string& requestId) {
    const bool functions = error.reason == "FunctionFailed" || error.reason == "FunctionResponseInvalid";
    if (!functions) {
        return api::toErrorResponse(error, requestId);
    }
    const auto code = error.param("code").empty() ? std::string_view{error.reason} : error.param("code");
    const auto message = std::string(error.param("message"));
    auto response =
        api::toErrorResponse(Error{Code::InvalidArgument, std::string(code), {{"message", message}}, {}}, requestId);
    response.status = 502;
    response.headers.add("X-Fc-Error-Type", "UnhandledInvocationError");
    return response;
}

RestReply answerUrl(UrlCall& call) {
    HANSHU_CO_TRY(findRoute(call));
    const auto& config = call.route.config;
    if (isPreflight(config, call.request())) {
        co_return preflightResponse(config.cors_config(), call.request());
    }
    HANSHU_CO_TRY(checkHttpTrigger(config, call.request()));
    invoke::Call run;
    run.account = call.route.account;
    run.functionName = call.route.functionName;
    run.qualifier = call.route.qualifier;
    run.requestId = call.requestId;
    run.source = "http";
    run.triggerName = call.route.triggerName;
    run.sourceArn = fmt::format("acs:fc:{}:{}:functions/{}/triggers/{}", call.core.rooms.region, call.route.account,
                                call.route.functionName, call.route.triggerName);
    auto body = co_await readBody(call.exchange, kMaxSyncPayload);
    if (!body) {
        co_return fail(std::move(body.error()));
    }
    run.payload = std::move(*body);
    const auto size = run.payload.size();
    auto known = co_await offThreadWhenLarge(call.core, size, [&call, &run] {
        auto identified = identify(call, run);
        if (identified) {
            shapeRequest(call, run);
        }
        return identified;
    });
    if (!known) {
        co_return fail(std::move(known.error()));
    }
    if (http::equalsIgnoringCase(call.request().headers.get("x-fc-invocation-type"), "Async")) {
        co_return co_await acceptEvent(call.core.rooms, std::move(run), {});
    }
    auto outcome = co_await call.core.rooms.pipeline.run(std::move(run));
    if (!outcome) {
        co_return fail(std::move(outcome.error()));
    }
    co_return answerOf(*outcome);
}

}  // namespace

Task<void> serveFunctionUrl(RestCore& core, http::Exchange& exchange) {
    UrlCall call{.core = core, .exchange = exchange};
    auto answered = co_await answerUrl(call);
    http::Response response;
    if (answered) {
        response = std::move(*answered);
    } else {
        response = failureResponse(answered.error(), call.requestId.value);
    }
    response.headers.set("X-Fc-Request-Id", call.requestId.value);
    if (call.route.config.has_cors_config()) {
        addCorsHeaders(call.route.config.cors_config(), call.request(), response.headers);
    }
    (void)co_await exchange.reply.send(std::move(response));
}

}  // namespace hanshu::gateway
