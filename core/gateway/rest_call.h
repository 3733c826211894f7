// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One call of the REST API on its way through an operation, and what all operations share. On the io thread of its
// connection.
#pragma once

#include "access/caller.h"
#include "api/json.h"
#include "base/http.h"
#include "base/ids.h"
#include "gateway/code_links.h"
#include "gateway/rooms.h"
#include "store/resource_store.h"

#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::gateway {

struct RestCore {
    explicit RestCore(const Rooms& given) : rooms(given) {}
    Rooms rooms;
    CodeLinks links;
    // Digests and decoding of large bodies, and files: nothing of that belongs on an io thread. One thread, so that
    // large uploads queue behind each other and not in front of the machine.
    asio::thread_pool blocking{1};
};

struct RestCall {
    RestCore& core;
    http::Exchange& exchange;
    RequestId requestId;
    access::Caller caller;
    std::string body;
    std::vector<std::string> names;  // the parts of the path that the route left open, decoded

    [[nodiscard]] const Rooms& rooms() const noexcept { return core.rooms; }
    [[nodiscard]] const std::string& account() const noexcept { return caller.account; }
    [[nodiscard]] const http::Request& request() const noexcept { return exchange.request; }
};

using RestReply = Task<Result<http::Response>>;
// Answers with everything but the request id.
using RestOperation = RestReply (*)(RestCall& call);

struct RestRoute {
    std::string_view method;
    std::string_view path;  // below /2023-03-30/; {} is a name
    RestOperation operation;
    std::size_t bodyLimit;
};

// The table of all operations.
[[nodiscard]] std::span<const RestRoute> restRoutes();

// --- what operations have in common ---

// Whether the caller may do `action` on `resource`, the part of the ARN behind the account: functions/f.
[[nodiscard]] Result<void> authorize(const RestCall& call, std::string_view action, std::string_view resource);
[[nodiscard]] std::string functionResource(std::string_view function);

// limit (1-100, default 20), prefix and nextToken of the query.
[[nodiscard]] Result<store::ListOptions> listOptions(const http::Request& request);
// If-Match as a revision; none where the header is absent or `*`. What is no ETag of ours matches nothing.
[[nodiscard]] Result<std::optional<Revision>> expectedRevision(const http::Request& request);

// VersionNotFound for a `qualifier` other than LATEST: there are no versions.
[[nodiscard]] Result<void> onlyLatest(const RestCall& call);

[[nodiscard]] http::Response jsonResponse(std::string json);
[[nodiscard]] http::Response jsonResponse(const google::protobuf::Message& message);
[[nodiscard]] http::Response noContent();
// InvalidArgument with a whole sentence.
[[nodiscard]] Failure invalid(std::string sentence);

// The whole body, grown as it comes: a Content-Length alone reserves nothing. EntityTooLarge.
[[nodiscard]] Task<Result<std::string>> readBody(http::Exchange& exchange, std::size_t limit);
// Runs `work` here, or where `bytes` are many off the io thread.
inline constexpr std::size_t kLargeBody = std::size_t{256} * 1024;  // about 0.2 ms of SHA-256
template <class Work>
auto offThreadWhenLarge(RestCore& core, std::size_t bytes, Work work) -> Task<std::invoke_result_t<Work&>> {
    if (bytes < kLargeBody) {
        co_return work();
    }
    co_return co_await onPool(core.blocking, std::move(work));
}

// Reference 5.7.
inline constexpr std::size_t kMaxSyncPayload = std::size_t{32} * 1024 * 1024;

// --- the operations, by file ---

RestReply createFunction(RestCall& call);
RestReply listFunctions(RestCall& call);
RestReply getFunction(RestCall& call);
RestReply updateFunction(RestCall& call);
RestReply deleteFunction(RestCall& call);
RestReply getFunctionCode(RestCall& call);
RestReply disableInvocation(RestCall& call);
RestReply enableInvocation(RestCall& call);
RestReply putConcurrency(RestCall& call);
RestReply getConcurrency(RestCall& call);
RestReply deleteConcurrency(RestCall& call);
RestReply listConcurrency(RestCall& call);

RestReply invokeFunction(RestCall& call);

RestReply createTrigger(RestCall& call);
RestReply listTriggers(RestCall& call);
RestReply getTrigger(RestCall& call);
RestReply updateTrigger(RestCall& call);
RestReply deleteTrigger(RestCall& call);

RestReply listAsyncTasks(RestCall& call);
RestReply getAsyncTask(RestCall& call);

// --- what needs no signature ---

// GET /code/{token}: streams a package, answers by itself.
Task<void> serveCode(RestCore& core, http::Exchange& exchange, std::string_view token);
// /fn/{triggerId}/…: answers by itself.
Task<void> serveFunctionUrl(RestCore& core, http::Exchange& exchange);
// /healthz, /readyz, /metrics. Null where the path is none of them.
Task<std::optional<http::Response>> healthResponse(RestCore& core, const http::Request& request);

}  // namespace hanshu::gateway
