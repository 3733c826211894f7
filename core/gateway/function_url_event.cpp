// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/function_url_event.h"

#include "base/encoding.h"
#include "base/time_format.h"

#include <boost/json.hpp>

namespace hanshu::gateway {
namespace {

namespace json = boost::json;

// A field that comes more than once is one value, as RFC 9110, 5.3 joins them.
json::object headersOf(const http::Headers& headers) {
    json::object object;
    for (const auto& [name, value] : headers.fields()) {
        auto& slot = object[name];
        if (slot.is_null()) {
            slot = value;
        } else {
            slot.as_string().append(", ").append(value);
        }
    }
    return object;
}

Failure badReply(std::string why) {
    return fail(Code::Internal, "FunctionResponseInvalid", {{"message", std::move(why)}});
}

std::string textOf(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : json::serialize(value);
}

Result<void> takeHeaders(const json::object& reply, http::Headers& into) {
    const auto* headers = reply.if_contains("headers");
    if (headers == nullptr || headers->is_null()) {
        return {};
    }
    if (!headers->is_object()) {
        return badReply("the function's reply has headers that are not an object");
    }
    for (const auto& [name, value] : headers->get_object()) {
        if (const auto* list = value.if_array()) {
            for (const auto& one : *list) {
                into.add(std::string(name), textOf(one));
            }
        } else {
            into.add(std::string(name), textOf(value));
        }
    }
    return {};
}

Result<std::string> takeBody(const json::object& reply) {
    const auto* body = reply.if_contains("body");
    if (body == nullptr || body->is_null()) {
        return std::string{};
    }
    const auto* encoded = reply.if_contains("isBase64Encoded");
    if (encoded == nullptr || !encoded->is_bool() || !encoded->get_bool()) {
        return textOf(*body);
    }
    auto bytes = fromBase64(textOf(*body));
    if (!bytes) {
        return badReply("the function's reply says isBase64Encoded, and its body is not Base64");
    }
    return bytes;
}

http::Response plainResponse(std::string body, std::string_view contentType) {
    http::Response response;
    response.headers.add("Content-Type", std::string(contentType));
    response.body = std::move(body);
    return response;
}

}  // namespace

std::string makeUrlEvent(const UrlEventSpec& spec, std::string body) {
    const auto& request = spec.request;
    const bool binary = !isUtf8(body);
    json::object queries;
    for (const auto& [key, value] : request.queryPairs()) {
        queries[key] = value;
    }
    const auto host = request.headers.get("host");
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(spec.now).time_since_epoch().count();
    json::object event{
        {"version", "v1"},
        {"rawPath", spec.path},
        {"headers", headersOf(request.headers)},
        {"queryParameters", std::move(queries)},
        {"body", binary ? toBase64(body) : std::move(body)},
        {"isBase64Encoded", binary},
        {"requestContext",
         {{"accountId", spec.account},
          {"domainName", host.substr(0, host.rfind(':'))},
          {"domainPrefix", spec.triggerId},
          {"requestId", spec.requestId},
          {"time", formatRfc3339(spec.now)},
          {"timeEpoch", std::to_string(milliseconds)},
          {"triggerId", spec.triggerId},
          {"http",
           {{"method", request.method},
            {"path", spec.path},
            {"protocol", "HTTP/1.1"},
            {"sourceIp", request.remoteAddress},
            {"userAgent", request.headers.get("user-agent")}}}}},
    };
    return json::serialize(event);
}

Result<http::Response> unpackUrlResult(std::string result) {
    boost::system::error_code error;
    const auto value = json::parse(result, error);
    if (error) {
        return plainResponse(std::move(result), "application/octet-stream");
    }
    const auto* reply = value.if_object();
    const auto* status = reply == nullptr ? nullptr : reply->if_contains("statusCode");
    if (status == nullptr) {
        return plainResponse(std::move(result), "application/json");
    }
    const auto number = status->to_number<int>(error);
    if (error || number < 200 || number > 599) {
        return badReply("the function's reply has a statusCode that is not a number from 200 to 599");
    }
    http::Response response;
    response.status = static_cast<unsigned>(number);
    HANSHU_TRY(takeHeaders(*reply, response.headers));
    auto body = takeBody(*reply);
    if (!body) {
        return fail(std::move(body.error()));
    }
    response.body = std::move(*body);
    if (!response.headers.has("content-type") && !response.body.empty()) {
        response.headers.add("Content-Type", "application/json");
    }
    return response;
}

}  // namespace hanshu::gateway
