// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/catalog.h"
#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "invoke/limits.h"
#include "sandbox/doctor.h"
#include "services.grpc.pb.h"
#include "store/event_queue.h"

namespace hanshu::gateway {
namespace {

Task<Result<api::Status>> getStatus(GrpcCall call, api::Empty /*request*/) {
    auto status = call.rooms().status();
    const auto queue = co_await call.rooms().queue.stats();
    if (queue) {
        status.set_backlog(queue->backlog);
    }
    co_return status;
}

const char* levelName(sandbox::Finding::Level level) {
    switch (level) {
        case sandbox::Finding::Level::Ok:
            return "ok";
        case sandbox::Finding::Level::Warning:
            return "warning";
        case sandbox::Finding::Level::Missing:
            return "missing";
    }
    return "missing";
}

Task<Result<api::DoctorReply>> doctor(GrpcCall call, api::Empty /*request*/) {
    auto examine = [&rooms = call.rooms()] { return rooms.doctor(); };
    const auto findings = co_await onPool(call.core->disk, std::move(examine));
    api::DoctorReply reply;
    for (const auto& finding : findings) {
        auto& told = *reply.add_findings();
        told.set_name(finding.name);
        told.set_level(levelName(finding.level));
        told.set_detail(finding.detail);
        told.set_remedy(finding.remedy);
    }
    co_return reply;
}

api::AccountSettings settingsOf(const GrpcCall& call) {
    api::AccountSettings settings;
    settings.set_account_id(call.account());
    settings.set_concurrency_limit(call.rooms().limits.accountLimit(call.account()));
    return settings;
}

Task<Result<api::AccountSettings>> getAccount(GrpcCall call, api::Empty /*request*/) {
    co_return settingsOf(call);
}

Task<Result<api::AccountSettings>> setAccount(GrpcCall call, api::AccountSettings request) {
    if (!request.account_id().empty() && request.account_id() != call.account()) {
        co_return fail(Code::PermissionDenied, "AccessDenied",
                       {{"principal", call.caller.principal},
                        {"action", "fc:UpdateAccountSettings"},
                        {"resource", request.account_id()}});
    }
    if (request.concurrency_limit() < 1 || request.concurrency_limit() > 10'000) {
        co_return invalidField("concurrencyLimit",
                               fmt::format("must be between 1 and 10000 (actual: {})", request.concurrency_limit()));
    }
    auto done = co_await call.rooms().setAccountConcurrency(request.concurrency_limit());
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return settingsOf(call);
}

Result<api::FunctionConcurrency> concurrencyOf(const GrpcCall& call, const std::string& function) {
    const auto route = call.rooms().catalog.snapshot()->find(call.account(), function);
    if (route == nullptr) {
        return fail(Code::NotFound, "FunctionNotFound", {{"function", function}});
    }
    api::FunctionConcurrency concurrency;
    concurrency.set_function_name(function);
    if (route->reservedConcurrency) {
        concurrency.set_reserved_concurrency(*route->reservedConcurrency);
    }
    return concurrency;
}

Task<Result<api::FunctionConcurrency>> getConcurrency(GrpcCall call, api::NameRequest request) {
    co_return concurrencyOf(call, request.name());
}

Task<Result<api::FunctionConcurrency>> setConcurrency(GrpcCall call, api::FunctionConcurrency request) {
    std::optional<int> value;
    if (request.has_reserved_concurrency()) {
        value = request.reserved_concurrency();
    }
    auto done = co_await call.rooms().catalog.setReservedConcurrency(call.account(), request.function_name(), value);
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return concurrencyOf(call, request.function_name());
}

class Service final : public api::SystemService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::SystemService::service_full_name()) {}

    grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const api::Empty* request,
                                        api::Status* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, getStatus);
    }
    grpc::ServerUnaryReactor* Doctor(grpc::CallbackServerContext* context, const api::Empty* request,
                                     api::DoctorReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, doctor);
    }
    grpc::ServerUnaryReactor* GetAccount(grpc::CallbackServerContext* context, const api::Empty* request,
                                         api::AccountSettings* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, getAccount);
    }
    grpc::ServerUnaryReactor* SetAccount(grpc::CallbackServerContext* context, const api::AccountSettings* request,
                                         api::AccountSettings* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, setAccount);
    }
    grpc::ServerUnaryReactor* GetFunctionConcurrency(grpc::CallbackServerContext* context,
                                                     const api::NameRequest* request,
                                                     api::FunctionConcurrency* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, getConcurrency);
    }
    grpc::ServerUnaryReactor* SetFunctionConcurrency(grpc::CallbackServerContext* context,
                                                     const api::FunctionConcurrency* request,
                                                     api::FunctionConcurrency* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, setConcurrency);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcSystemService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
