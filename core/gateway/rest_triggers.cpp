// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/rest_call.h"
#include "triggers/trigger_book.h"

namespace hanshu::gateway {
namespace {

std::string triggerResource(const RestCall& call, std::string_view trigger) {
    return fmt::format("functions/{}/triggers/{}", call.names[0], trigger);
}

// Without what Function Compute does not tell.
http::Response triggerResponse(api::Trigger& trigger) {
    trigger.clear_etag();
    return jsonResponse(trigger);
}

}  // namespace

RestReply createTrigger(RestCall& call) {
    api::CreateTriggerInput input;
    auto read = api::readJson(call.body, input);
    if (!read) {
        co_return fail(std::move(read.error()));
    }
    HANSHU_CO_TRY(authorize(call, "fc:CreateTrigger", triggerResource(call, input.trigger_name())));
    auto created = co_await call.rooms().triggers.create(call.account(), call.names[0], std::move(input));
    if (!created) {
        co_return fail(std::move(created.error()));
    }
    co_return triggerResponse(*created);
}

RestReply listTriggers(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:ListTriggers", triggerResource(call, "*")));
    auto options = listOptions(call.request());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    auto listed = co_await call.rooms().triggers.list(call.account(), call.names[0], std::move(*options));
    if (!listed) {
        co_return fail(std::move(listed.error()));
    }
    for (auto& trigger : *listed->mutable_triggers()) {
        trigger.clear_etag();
    }
    co_return listed->triggers().empty() ? jsonResponse(R"({"triggers":[]})") : jsonResponse(*listed);
}

RestReply getTrigger(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:GetTrigger", triggerResource(call, call.names[1])));
    auto found = co_await call.rooms().triggers.get(call.account(), call.names[0], call.names[1]);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return triggerResponse(*found);
}

RestReply updateTrigger(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:UpdateTrigger", triggerResource(call, call.names[1])));
    auto expected = expectedRevision(call.request());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    api::UpdateTriggerInput input;
    auto read = api::readJson(call.body, input);
    if (!read) {
        co_return fail(std::move(read.error()));
    }
    auto updated = co_await call.rooms().triggers.update(call.account(), call.names[0], call.names[1], std::move(input),
                                                         *expected);
    if (!updated) {
        co_return fail(std::move(updated.error()));
    }
    co_return triggerResponse(*updated);
}

RestReply deleteTrigger(RestCall& call) {
    HANSHU_CO_TRY(authorize(call, "fc:DeleteTrigger", triggerResource(call, call.names[1])));
    auto expected = expectedRevision(call.request());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    auto removed = co_await call.rooms().triggers.remove(call.account(), call.names[0], call.names[1], *expected);
    if (!removed) {
        co_return fail(std::move(removed.error()));
    }
    co_return noContent();
}

}  // namespace hanshu::gateway
