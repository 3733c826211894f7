// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "invoke/pipeline.h"

#include "access/keyring.h"
#include "access/policy.h"
#include "base/async_signal.h"
#include "catalog/catalog.h"
#include "invoke/credential_cache.h"
#include "invoke/limits.h"
#include "invoke/trace.h"
#include "scheduler/scheduler.h"
#include "telemetry/recorder.h"

#include <fmt/format.h>

namespace hanshu::invoke {
namespace {

using RoutePtr = std::shared_ptr<const catalog::Route>;

class RoomPipeline final : public Pipeline {
public:
    explicit RoomPipeline(const PipelineRooms& rooms) : m_rooms(rooms), m_credentials(rooms.keyring, rooms.clock) {}

    Task<Result<Outcome>> run(Call call) override {
        const Running running(*this);
        Trace trace(call, m_rooms.clock);
        auto outcome = co_await serve(call, trace);
        if (!outcome) {
            trace.refused(outcome.error());
        }
        // A name that nobody owns has no record: nobody could see it.
        if (outcome || outcome.error().code != Code::NotFound) {
            m_rooms.recorder.record(trace.takeRecord());
        }
        co_return outcome;
    }

    Result<void> mayInvoke(const Call& call) override {
        if (m_draining) {
            return fail(Code::Unavailable, "ServiceDraining");
        }
        const auto route = resolve(call);
        if (!route) {
            return fail(route.error());
        }
        return authorize(call, **route);
    }

    Task<void> drain(std::chrono::milliseconds timeout) override {
        const auto executor = co_await asio::this_coro::executor;
        const auto idle = std::make_shared<AsyncSignal>(executor);
        {
            const std::lock_guard lock(m_drainMutex);
            m_idle = idle;
        }
        m_draining = true;
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        while (m_running > 0 && std::chrono::steady_clock::now() < deadline) {
            co_await idle->wait(deadline);
        }
        m_cutting = true;
    }

private:
    // Counts a run, and tells a drain when the last one ends.
    class Running {
    public:
        explicit Running(RoomPipeline& pipeline) : m_pipeline(pipeline) { ++m_pipeline.m_running; }
        Running(const Running&) = delete;
        Running& operator=(const Running&) = delete;
        ~Running() {
            if (--m_pipeline.m_running == 0 && m_pipeline.m_draining) {
                const std::lock_guard lock(m_pipeline.m_drainMutex);
                if (m_pipeline.m_idle != nullptr) {
                    m_pipeline.m_idle->notify();
                }
            }
        }

    private:
        RoomPipeline& m_pipeline;
    };

    Task<Result<Outcome>> serve(Call& call, Trace& trace) {
        if (m_draining) {
            co_return fail(Code::Unavailable, "ServiceDraining");
        }
        const auto route = resolve(call);
        if (!route) {
            co_return fail(route.error());
        }
        const auto& spec = (*route)->spec;
        trace.function(spec->function);
        if (auto allowed = authorize(call, **route); !allowed) {
            co_return fail(std::move(allowed.error()));
        }
        const auto permit = m_rooms.limits.admit(call.account, call.functionName, (*route)->reservedConcurrency);
        if (!permit) {
            co_return fail(permit.error());
        }
        const auto output = trace.sink(m_rooms.recorder);
        auto request = requestOf(call, *spec);
        auto acquired = co_await m_rooms.scheduler.acquire(spec, request, output);
        if (!acquired) {
            co_return fail(std::move(acquired.error()));
        }
        auto result = runtime::RunResult{};
        bool cut = false;
        if (acquired->failure) {
            trace.acquired({}, true, acquired->times, acquired->waited);
            result = std::move(*acquired->failure);
            cut = m_cutting;
        } else {
            auto& lease = acquired->lease;
            trace.acquired(lease.instanceId(), lease.cold(), lease.startTimes(), acquired->waited);
            request.deadline = m_rooms.clock.steady() + std::chrono::seconds(spec->function.timeout());
            result = co_await lease.run(std::move(request), output);
            cut = m_cutting && result.status == runtime::RunResult::Status::Exited;
        }
        if (cut) {
            co_return fail(Code::Unavailable, "ServiceStopped");
        }
        trace.finished(result);
        co_return respond(call, **route, std::move(result), trace);
    }

    Result<RoutePtr> resolve(const Call& call) const {
        auto route = m_rooms.catalog.snapshot()->find(call.account, call.functionName);
        if (route == nullptr) {
            return fail(Code::NotFound, "FunctionNotFound", {{"function", call.functionName}});
        }
        if (!call.qualifier.empty() && call.qualifier != "LATEST") {
            return fail(Code::NotFound, "VersionNotFound",
                        {{"version", call.qualifier}, {"function", call.functionName}});
        }
        if (const auto& restriction = route->spec->function.invocation_restriction(); restriction.disable()) {
            return fail(Code::PermissionDenied, "FunctionDisabled",
                        {{"function", call.functionName}, {"restriction", restriction.reason()}});
        }
        return route;
    }

    Result<void> authorize(const Call& call, const catalog::Route& route) const {
        const auto& function = route.spec->function;
        if (!call.authorized) {
            HANSHU_TRY(m_rooms.policy.check(
                {call.caller, "fc:InvokeFunction", std::string_view(function.function_arn()), {}}));
        }
        return authorizeMounts(*route.spec);
    }

    // A bucket path that is mounted is read with the right of the function's role, checked at each run.
    Result<void> authorizeMounts(const catalog::FunctionSpec& spec) const {
        const auto& name = spec.function.function_name();
        if (spec.function.role().empty() && !spec.function.oss_mount_config().mount_points().empty()) {
            return fail(Code::PermissionDenied, "AccessDenied",
                        {{"message", fmt::format("function '{}' mounts a bucket but has no role to read it with: give "
                                                 "it a role that a grant allows oss:GetObject",
                                                 name)}});
        }
        for (const auto& point : spec.function.oss_mount_config().mount_points()) {
            const access::Caller role{access::Caller::Kind::Role, spec.account, spec.function.role(),
                                      spec.function.function_name()};
            auto path = point.bucket_path();
            path.erase(0, path.find_first_not_of('/'));
            const auto resource = fmt::format("acs:oss:{}:{}:{}/{}", spec.region, spec.account, point.bucket_name(),
                                              path.empty() || path.ends_with('/') ? path + "*" : path + "/*");
            HANSHU_TRY(m_rooms.policy.check({role, "oss:GetObject", resource, {}}));
        }
        return {};
    }

    runtime::RunRequest requestOf(Call& call, const catalog::FunctionSpec& spec) {
        runtime::RunRequest request;
        request.requestId = call.requestId;
        request.payload = std::move(call.payload);
        request.attempt = call.attempt;
        request.http = std::move(call.http);
        if (!spec.function.role().empty()) {
            request.credentials = m_credentials.get(spec.account, spec.function.role(), spec.function.function_name());
        }
        return request;
    }

    static Outcome respond(const Call& call, const catalog::Route& route, runtime::RunResult result,
                           const Trace& trace) {
        using Status = runtime::RunResult::Status;
        Outcome outcome;
        outcome.payload = std::move(result.payload);
        outcome.http = std::move(result.http);
        outcome.codeChecksum = route.codeChecksum;
        outcome.invocation = trace.invocation();
        if (result.status != Status::Succeeded) {
            outcome.errorType =
                result.status == Status::HandledError ? "HandledInvocationError" : "UnhandledInvocationError";
        }
        if (call.wantTail) {
            outcome.logTail = trace.logTail();
        }
        return outcome;
    }

    PipelineRooms m_rooms;
    CredentialCache m_credentials;
    std::atomic<int> m_running{0};
    std::atomic<bool> m_draining{false};
    // The drain is over: a process that ends from now on was ended by the platform, whatever it reports.
    std::atomic<bool> m_cutting{false};
    std::mutex m_drainMutex;
    std::shared_ptr<AsyncSignal> m_idle;
};

}  // namespace

std::unique_ptr<Pipeline> makePipeline(const PipelineRooms& rooms) {
    return std::make_unique<RoomPipeline>(rooms);
}

}  // namespace hanshu::invoke
