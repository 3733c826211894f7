// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How many runs of a function may go on at once.
#include "catalog/catalog.h"
#include "gateway/rest_call.h"

#include <boost/json.hpp>

namespace hanshu::gateway {
namespace {

api::ConcurrencyConfig configOf(const catalog::Route& route) {
    api::ConcurrencyConfig config;
    config.set_function_arn(route.spec->function.function_arn());
    config.set_reserved_concurrency(route.reservedConcurrency.value_or(0));
    return config;
}

Result<api::ConcurrencyConfig> findConfig(const RestCall& call) {
    const auto route = call.rooms().catalog.snapshot()->find(call.account(), call.names[0]);
    if (route == nullptr) {
        return fail(Code::NotFound, "FunctionNotFound", {{"function", call.names[0]}});
    }
    if (!route->reservedConcurrency) {
        return fail(Code::NotFound, "ConcurrencyConfigNotFound", {{"function", call.names[0]}});
    }
    return configOf(*route);
}

}  // namespace

RestReply putConcurrency(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:PutConcurrencyConfig", functionResource(call.names[0])));
    api::PutConcurrencyInput input;
    auto read = api::readJson(call.body, input);
    if (!read) {
        co_return fail(std::move(read.error()));
    }
    if (!input.has_reserved_concurrency()) {
        co_return api::violations({{"reservedConcurrency", "is required"}});
    }
    auto set = co_await call.rooms().catalog.setReservedConcurrency(call.account(), call.names[0],
                                                                    input.reserved_concurrency());
    if (!set) {
        co_return fail(std::move(set.error()));
    }
    auto config = findConfig(call);
    if (!config) {
        co_return fail(std::move(config.error()));
    }
    co_return jsonResponse(*config);
}

RestReply getConcurrency(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:GetConcurrencyConfig", functionResource(call.names[0])));
    auto config = findConfig(call);
    if (!config) {
        co_return fail(std::move(config.error()));
    }
    co_return jsonResponse(*config);
}

RestReply deleteConcurrency(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:DeleteConcurrencyConfig", functionResource(call.names[0])));
    auto cleared = co_await call.rooms().catalog.setReservedConcurrency(call.account(), call.names[0], std::nullopt);
    if (!cleared) {
        co_return fail(std::move(cleared.error()));
    }
    co_return noContent();
}

RestReply listConcurrency(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:ListConcurrencyConfigs", functionResource("*")));
    auto options = listOptions(call.request());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    const auto only = call.request().queryValue("functionName").value_or("");
    const auto snapshot = call.rooms().catalog.snapshot();
    boost::json::array configs;
    boost::json::object output;
    if (const auto account = snapshot->accounts.find(call.account()); account != snapshot->accounts.end()) {
        for (auto at = account->second.lower_bound(options->startAt); at != account->second.end(); ++at) {
            if (!at->second->reservedConcurrency || (!only.empty() && at->first != only)) {
                continue;
            }
            if (std::cmp_equal(configs.size(), options->limit)) {
                output["nextToken"] = at->first;
                break;
            }
            configs.push_back(boost::json::parse(api::writeJson(configOf(*at->second))));
        }
    }
    output["configs"] = std::move(configs);
    co_return jsonResponse(boost::json::serialize(output));
}

}  // namespace hanshu::gateway
