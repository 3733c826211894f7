// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/function_url_rules.h"

#include <fmt/ranges.h>

namespace hanshu::gateway {
namespace {

bool startsWithFc(std::string_view name) noexcept {
    constexpr std::string_view kPrefix = "x-fc-";
    return name.size() >= kPrefix.size() && http::equalsIgnoringCase(name.substr(0, kPrefix.size()), kPrefix);
}

bool isAnyOf(std::string_view name, std::span<const std::string_view> names) noexcept {
    return startsWithFc(name) ||
           std::ranges::any_of(names, [&](auto known) { return http::equalsIgnoringCase(name, known); });
}

Failure denied(std::string sentence) {
    return fail(Code::PermissionDenied, "AccessDenied", {{"message", std::move(sentence)}});
}

bool contains(const google::protobuf::RepeatedPtrField<std::string>& list, std::string_view value) {
    return std::ranges::any_of(list, [&](const auto& one) { return http::equalsIgnoringCase(one, value); });
}

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& list) {
    return fmt::format("{}", fmt::join(list, ", "));
}

// The origin to answer with, empty where it is not allowed. `*` can't stand in an answer that allows credentials.
std::string allowedOrigin(const api::CorsConfig& cors, std::string_view origin) {
    if (origin.empty() || cors.allow_origins().empty()) {
        return {};
    }
    if (contains(cors.allow_origins(), "*")) {
        return cors.allow_credentials() ? std::string(origin) : "*";
    }
    return contains(cors.allow_origins(), origin) ? std::string(origin) : std::string{};
}

void addOrigin(const api::CorsConfig& cors, std::string_view origin, http::Headers& headers) {
    const auto allowed = allowedOrigin(cors, origin);
    if (allowed.empty()) {
        return;
    }
    headers.set("Access-Control-Allow-Origin", allowed);
    if (allowed != "*") {
        headers.add("Vary", "Origin");
    }
    if (cors.allow_credentials()) {
        headers.set("Access-Control-Allow-Credentials", "true");
    }
}

}  // namespace

Result<void> checkHttpTrigger(const api::HttpTriggerConfig& config, const http::Request& request) {
    if (config.disable_url_internet()) {
        return denied("the address of this function is switched off (disableURLInternet)");
    }
    if (!config.methods().empty() && !contains(config.methods(), request.method)) {
        return denied(fmt::format("the trigger does not allow the method {} (allowed: {})", request.method,
                                  joined(config.methods())));
    }
    return {};
}

bool isPreflight(const api::HttpTriggerConfig& config, const http::Request& request) {
    return request.method == "OPTIONS" && config.has_cors_config() && !config.disable_url_internet() &&
           request.headers.has("origin") && request.headers.has("access-control-request-method");
}

http::Response preflightResponse(const api::CorsConfig& cors, const http::Request& request) {
    http::Response response;
    response.status = 204;
    auto& headers = response.headers;
    addOrigin(cors, request.headers.get("origin"), headers);
    if (!headers.has("access-control-allow-origin")) {
        return response;  // without the field a browser refuses, and says so
    }
    if (!cors.allow_methods().empty()) {
        headers.add("Access-Control-Allow-Methods", joined(cors.allow_methods()));
    }
    if (!cors.allow_headers().empty()) {
        headers.add("Access-Control-Allow-Headers", joined(cors.allow_headers()));
    }
    if (cors.has_max_age()) {
        headers.add("Access-Control-Max-Age", std::to_string(cors.max_age()));
    }
    return response;
}

void addCorsHeaders(const api::CorsConfig& cors, const http::Request& request, http::Headers& headers) {
    addOrigin(cors, request.headers.get("origin"), headers);
    if (!cors.expose_headers().empty() && headers.has("access-control-allow-origin")) {
        headers.set("Access-Control-Expose-Headers", joined(cors.expose_headers()));
    }
}

HeaderList passedRequestHeaders(const http::Headers& headers) {
    constexpr std::array<std::string_view, 8> kDropped{"connection", "keep-alive",        "content-length", "expect",
                                                       "te",         "transfer-encoding", "trailer",        "upgrade"};
    HeaderList passed;
    for (const auto& field : headers.fields()) {
        if (!isAnyOf(field.first, kDropped)) {
            passed.push_back(field);
        }
    }
    return passed;
}

http::Headers passedResponseHeaders(const HeaderList& headers) {
    constexpr std::array<std::string_view, 8> kDropped{
        "connection", "content-length", "date", "keep-alive", "server", "trailer", "transfer-encoding", "upgrade"};
    http::Headers passed;
    for (const auto& [name, value] : headers) {
        if (!isAnyOf(name, kDropped)) {
            passed.add(name, value);
        }
    }
    return passed;
}

}  // namespace hanshu::gateway
