// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/grant_book.h"
#include "access/policy.h"
#include "api/validate.h"
#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "services.grpc.pb.h"

namespace hanshu::gateway {
namespace {

Task<Result<api::Grant>> put(GrpcCall call, api::Grant grant) {
    co_return co_await call.rooms().grants.put(call.account(), std::move(grant));
}

Task<Result<api::Grant>> get(GrpcCall call, api::NameRequest request) {
    co_return co_await call.rooms().grants.get(call.account(), request.name());
}

Task<Result<api::ListGrantsOutput>> list(GrpcCall call, api::ListRequest request) {
    auto options = listOptions(request.prefix(), request.limit(), request.next_token());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    co_return co_await call.rooms().grants.list(call.account(), std::move(*options));
}

Task<Result<api::Empty>> remove(GrpcCall call, api::NameRequest request) {
    auto done = co_await call.rooms().grants.remove(call.account(), request.name());
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return api::Empty();
}

// Asks as the principal itself would be asked: a role by its credentials, anything else as a trigger's source.
Task<Result<api::AccessDecision>> explain(GrpcCall call, api::ExplainRequest request) {
    for (const auto& [field, value] : {std::pair{"principal", &request.principal()},
                                       {"action", &request.action()},
                                       {"resource", &request.resource()}}) {
        if (value->empty()) {
            co_return invalidField(field, "is required");
        }
    }
    HANSHU_CO_TRY(api::validateAction(request.action()));
    access::Caller caller;
    caller.kind =
        request.principal().starts_with("acs:ram::") ? access::Caller::Kind::Role : access::Caller::Kind::Source;
    caller.account = call.account();
    caller.principal = request.principal();
    const std::map<std::string, std::string, std::less<>> context(request.context().begin(), request.context().end());
    const auto decision = call.rooms().policy.decide({caller, request.action(), request.resource(), context});
    api::AccessDecision told;
    told.set_allowed(decision.allowed);
    told.set_reason(decision.reason);
    told.set_grant_name(decision.grantName);
    told.set_statement_index(decision.statementIndex);
    co_return told;
}

class Service final : public api::GrantService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::GrantService::service_full_name()) {}

    grpc::ServerUnaryReactor* PutGrant(grpc::CallbackServerContext* context, const api::Grant* request,
                                       api::Grant* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, put);
    }
    grpc::ServerUnaryReactor* GetGrant(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                       api::Grant* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, get);
    }
    grpc::ServerUnaryReactor* ListGrants(grpc::CallbackServerContext* context, const api::ListRequest* request,
                                         api::ListGrantsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, list);
    }
    grpc::ServerUnaryReactor* DeleteGrant(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                          api::Empty* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, remove);
    }
    grpc::ServerUnaryReactor* Explain(grpc::CallbackServerContext* context, const api::ExplainRequest* request,
                                      api::AccessDecision* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, explain);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcGrantService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
