// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/policy.h"
#include "gateway/rest_call.h"

#include <charconv>

namespace hanshu::gateway {

Result<void> authorize(const RestCall& call, std::string_view action, std::string_view resource) {
    const auto arn = fmt::format("acs:fc:{}:{}:{}", call.rooms().region, call.account(), resource);
    return call.rooms().policy.check({call.caller, action, arn, {}});
}

std::string functionResource(std::string_view function) {
    return fmt::format("functions/{}", function);
}

Result<store::ListOptions> listOptions(const http::Request& request) {
    store::ListOptions options;
    options.prefix = request.queryValue("prefix").value_or("");
    options.startAt = request.queryValue("nextToken").value_or("");
    const auto limit = request.queryValue("limit");
    if (!limit || limit->empty()) {
        return options;
    }
    const auto* end = limit->data() + limit->size();
    const auto parsed = std::from_chars(limit->data(), end, options.limit);
    if (parsed.ec != std::errc{} || parsed.ptr != end || options.limit < 1 || options.limit > 100) {
        return invalid(fmt::format("limit is set to an invalid value (allowed: 1 - 100, actual: '{}')", *limit));
    }
    return options;
}

Result<std::optional<Revision>> expectedRevision(const http::Request& request) {
    auto etag = request.headers.get("if-match");
    if (etag.empty() || etag == "*") {
        return std::optional<Revision>{};
    }
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    Revision revision;
    const auto* end = etag.data() + etag.size();
    const auto parsed = std::from_chars(etag.data(), end, revision.value);
    if (parsed.ec != std::errc{} || parsed.ptr != end) {
        return fail(Code::FailedPrecondition, "PreconditionFailed");
    }
    return std::optional<Revision>{revision};
}

Result<void> onlyLatest(const RestCall& call) {
    const auto qualifier = call.request().queryValue("qualifier").value_or("");
    if (!qualifier.empty() && qualifier != "LATEST") {
        return fail(Code::NotFound, "VersionNotFound", {{"version", qualifier}, {"function", call.names[0]}});
    }
    return {};
}

http::Response jsonResponse(std::string json) {
    http::Response response;
    response.headers.add("Content-Type", "application/json");
    response.body = std::move(json);
    return response;
}

http::Response jsonResponse(const google::protobuf::Message& message) {
    return jsonResponse(api::writeJson(message));
}

http::Response noContent() {
    http::Response response;
    response.status = 204;
    return response;
}

Failure invalid(std::string sentence) {
    return fail(Code::InvalidArgument, "InvalidArgument", {{"message", std::move(sentence)}});
}

Task<Result<std::string>> readBody(http::Exchange& exchange, std::size_t limit) {
    const auto tooLarge = [limit] {
        return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(limit)}});
    };
    const auto announced = exchange.request.contentLength;
    if (announced.value_or(0) > limit) {
        co_return tooLarge();
    }
    constexpr std::size_t kFirst = std::size_t{64} * 1024;
    std::string body(std::min<std::size_t>(announced ? static_cast<std::size_t>(*announced) : 4096, kFirst), '\0');
    std::size_t size = 0;
    while (!announced || size < *announced) {
        if (size == body.size()) {
            body.resize(std::min(std::max(body.size() * 2, kFirst), limit + 1));
        }
        auto count = co_await exchange.body.read({body.data() + size, body.size() - size});
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            break;
        }
        size += *count;
        if (size > limit) {
            co_return tooLarge();
        }
    }
    body.resize(size);
    co_return body;
}

}  // namespace hanshu::gateway
