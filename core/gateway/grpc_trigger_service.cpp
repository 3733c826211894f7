// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json.h"
#include "base/time_format.h"
#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "services.grpc.pb.h"
#include "triggers/cron.h"
#include "triggers/trigger_book.h"

namespace hanshu::gateway {
namespace {

void addNextFiring(api::Trigger& trigger, SystemTime now) {
    api::TimerTriggerConfig config;
    if (trigger.trigger_type() != "timer" || !api::readJson(trigger.trigger_config(), config) || !config.enable()) {
        return;
    }
    const auto schedule = triggers::Schedule::parse(config.cron_expression());
    const auto origin = parseRfc3339(trigger.created_time());
    const auto next = schedule && origin ? schedule->next(now, *origin) : std::nullopt;
    if (next) {
        trigger.set_next_fire_time(formatRfc3339(*next));
    }
}

Result<api::Trigger> withNextFiring(Result<api::Trigger> trigger, SystemTime now) {
    if (trigger) {
        addNextFiring(*trigger, now);
    }
    return trigger;
}

Task<Result<api::Trigger>> create(GrpcCall call, api::CreateTriggerRequest request) {
    auto made = co_await call.rooms().triggers.create(call.account(), request.function_name(), request.trigger());
    co_return withNextFiring(std::move(made), call.rooms().clock.now());
}

Task<Result<api::Trigger>> update(GrpcCall call, api::UpdateTriggerRequest request) {
    auto expected = revisionOf(request.if_match());
    if (!expected) {
        co_return fail(std::move(expected.error()));
    }
    auto changed = co_await call.rooms().triggers.update(call.account(), request.function_name(),
                                                         request.trigger_name(), request.trigger(), *expected);
    co_return withNextFiring(std::move(changed), call.rooms().clock.now());
}

Task<Result<api::Trigger>> get(GrpcCall call, api::TriggerRequest request) {
    auto found = co_await call.rooms().triggers.get(call.account(), request.function_name(), request.trigger_name());
    co_return withNextFiring(std::move(found), call.rooms().clock.now());
}

Task<Result<api::ListTriggersOutput>> list(GrpcCall call, api::ListTriggersRequest request) {
    auto options = listOptions(request.prefix(), request.limit(), request.next_token());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    auto listed = co_await call.rooms().triggers.list(call.account(), request.function_name(), std::move(*options));
    if (!listed) {
        co_return fail(std::move(listed.error()));
    }
    for (auto& trigger : *listed->mutable_triggers()) {
        addNextFiring(trigger, call.rooms().clock.now());
    }
    co_return listed;
}

Task<Result<api::Empty>> remove(GrpcCall call, api::TriggerRequest request) {
    auto done = co_await call.rooms().triggers.remove(call.account(), request.function_name(), request.trigger_name(),
                                                      std::nullopt);
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return api::Empty();
}

class Service final : public api::TriggerService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::TriggerService::service_full_name()) {}

    grpc::ServerUnaryReactor* CreateTrigger(grpc::CallbackServerContext* context,
                                            const api::CreateTriggerRequest* request, api::Trigger* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, create);
    }
    grpc::ServerUnaryReactor* UpdateTrigger(grpc::CallbackServerContext* context,
                                            const api::UpdateTriggerRequest* request, api::Trigger* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, update);
    }
    grpc::ServerUnaryReactor* GetTrigger(grpc::CallbackServerContext* context, const api::TriggerRequest* request,
                                         api::Trigger* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, get);
    }
    grpc::ServerUnaryReactor* ListTriggers(grpc::CallbackServerContext* context,
                                           const api::ListTriggersRequest* request,
                                           api::ListTriggersOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, list);
    }
    grpc::ServerUnaryReactor* DeleteTrigger(grpc::CallbackServerContext* context, const api::TriggerRequest* request,
                                            api::Empty* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, remove);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcTriggerService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
