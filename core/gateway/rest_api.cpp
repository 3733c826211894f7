// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/rest_api.h"

#include "access/keyring.h"
#include "access/signature.h"
#include "api/rest_error.h"
#include "base/encoding.h"
#include "gateway/rest_call.h"

namespace hanshu::gateway {
namespace {

constexpr std::string_view kApiPrefix = "/2023-03-30/";
constexpr std::size_t kSmallBody = std::size_t{1} << 20u;
// 100 MB of zip (reference 5.7) as Base64, and a megabyte for the rest of the JSON.
constexpr std::size_t kCodeBody = std::size_t{100} * 1024 * 1024 / 3 * 4 + kSmallBody;

constexpr std::array kRoutes{
    RestRoute{"POST", "functions/{}/invocations", invokeFunction, kMaxSyncPayload},
    RestRoute{"POST", "functions", createFunction, kCodeBody},
    RestRoute{"GET", "functions", listFunctions, kSmallBody},
    RestRoute{"GET", "functions/{}", getFunction, kSmallBody},
    RestRoute{"PUT", "functions/{}", updateFunction, kCodeBody},
    RestRoute{"DELETE", "functions/{}", deleteFunction, kSmallBody},
    RestRoute{"GET", "functions/{}/code", getFunctionCode, kSmallBody},
    RestRoute{"POST", "functions/{}/invoke/disable", disableInvocation, kSmallBody},
    RestRoute{"PUT", "functions/{}/invoke/disable", disableInvocation, kSmallBody},
    RestRoute{"POST", "functions/{}/invoke/enable", enableInvocation, kSmallBody},
    RestRoute{"PUT", "functions/{}/invoke/enable", enableInvocation, kSmallBody},
    RestRoute{"POST", "functions/{}/triggers", createTrigger, kSmallBody},
    RestRoute{"GET", "functions/{}/triggers", listTriggers, kSmallBody},
    RestRoute{"GET", "functions/{}/triggers/{}", getTrigger, kSmallBody},
    RestRoute{"PUT", "functions/{}/triggers/{}", updateTrigger, kSmallBody},
    RestRoute{"DELETE", "functions/{}/triggers/{}", deleteTrigger, kSmallBody},
    RestRoute{"GET", "functions/{}/async-tasks", listAsyncTasks, kSmallBody},
    RestRoute{"GET", "functions/{}/async-tasks/{}", getAsyncTask, kSmallBody},
    RestRoute{"PUT", "functions/{}/concurrency", putConcurrency, kSmallBody},
    RestRoute{"GET", "functions/{}/concurrency", getConcurrency, kSmallBody},
    RestRoute{"DELETE", "functions/{}/concurrency", deleteConcurrency, kSmallBody},
    RestRoute{"GET", "concurrency-configs", listConcurrency, kSmallBody},
};

std::string_view takeSegment(std::string_view& path) noexcept {
    const auto slash = path.find('/');
    const auto segment = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    return segment;
}

// Whether `path` has the form of `pattern`; fills `names` with what stands for its {}.
bool matches(std::string_view pattern, std::string_view path, std::vector<std::string_view>& names) {
    names.clear();
    while (!pattern.empty() && !path.empty()) {
        const auto want = takeSegment(pattern);
        const auto have = takeSegment(path);
        if (want == "{}" && !have.empty()) {
            names.push_back(have);
        } else if (want != have) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

const RestRoute* findRoute(const http::Request& request, std::vector<std::string>& names) {
    std::vector<std::string_view> raw;
    const auto path = std::string_view{request.path}.substr(kApiPrefix.size());
    for (const auto& route : restRoutes()) {
        if (route.method == request.method && matches(route.path, path, raw)) {
            for (const auto name : raw) {
                auto decoded = percentDecode(name);
                if (!decoded) {
                    return nullptr;
                }
                names.push_back(std::move(*decoded));
            }
            return &route;
        }
    }
    return nullptr;
}

Failure notSupported(const http::Request& request) {
    return fail(Code::InvalidArgument, "PathNotSupported", {{"method", request.method}, {"path", request.path}});
}

// Refuses what can't have a valid signature before its body costs anything.
Result<void> checkKey(const RestCall& call) {
    const auto authorization = call.request().headers.get("authorization");
    if (authorization.empty()) {
        return fail(Code::Unauthenticated, "MissingRequiredHeader", {{"header", "Authorization"}});
    }
    constexpr std::string_view kCredential = "Credential=";
    const auto at = authorization.find(kCredential);
    if (at == std::string_view::npos) {
        return {};  // the signature's own check says what is wrong
    }
    const auto rest = authorization.substr(at + kCredential.size());
    const auto key = rest.substr(0, rest.find_first_of(", "));
    auto identity = call.rooms().keyring.find(key, call.request().headers.get("x-acs-security-token"));
    if (!identity) {
        return fail(std::move(identity.error()));
    }
    return {};
}

RestReply answerApi(RestCall& call) {
    const auto* route = findRoute(call.request(), call.names);
    if (route == nullptr) {
        co_return notSupported(call.request());
    }
    if (!call.rooms().ready()) {
        co_return fail(Code::Unavailable, "NotReady");
    }
    HANSHU_CO_TRY(checkKey(call));
    auto body = co_await readBody(call.exchange, route->bodyLimit);
    if (!body) {
        co_return fail(std::move(body.error()));
    }
    call.body = std::move(*body);
    auto caller = co_await offThreadWhenLarge(call.core, call.body.size(), [&call] {
        const auto& rooms = call.rooms();
        return access::verifyAcs3(call.request(), call.body, rooms.keyring, rooms.nonces, rooms.clock);
    });
    if (!caller) {
        co_return fail(std::move(caller.error()));
    }
    call.caller = std::move(*caller);
    co_return co_await route->operation(call);
}

Task<void> serveApi(RestCore& core, http::Exchange& exchange) {
    RestCall call{core, exchange, newRequestId(), {}, {}, {}};
    auto answered = co_await answerApi(call);
    http::Response response;
    if (answered) {
        response = std::move(*answered);
        response.headers.add("X-Fc-Request-Id", call.requestId.value);
    } else {
        response = api::toErrorResponse(answered.error(), call.requestId.value);
    }
    (void)co_await exchange.reply.send(std::move(response));
}

Task<void> serve(RestCore& core, http::Exchange& exchange) {
    const std::string_view path = exchange.request.path;
    if (path.starts_with(kApiPrefix)) {
        co_return co_await serveApi(core, exchange);
    }
    if (path.starts_with("/fn/")) {
        co_return co_await serveFunctionUrl(core, exchange);
    }
    constexpr std::string_view kCode = "/code/";
    if (path.starts_with(kCode) && exchange.request.method == "GET") {
        co_return co_await serveCode(core, exchange, path.substr(kCode.size()));
    }
    auto health = co_await healthResponse(core, exchange.request);
    http::Response response;
    if (health) {
        response = std::move(*health);
    } else {
        response = api::toErrorResponse(notSupported(exchange.request).value(), newRequestId().value);
    }
    (void)co_await exchange.reply.send(std::move(response));
}

}  // namespace

std::span<const RestRoute> restRoutes() {
    return kRoutes;
}

http::Handler makeRestApi(const Rooms& rooms) {
    return [core = std::make_shared<RestCore>(rooms)](http::Exchange& exchange) { return serve(*core, exchange); };
}

}  // namespace hanshu::gateway
