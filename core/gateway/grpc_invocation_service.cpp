// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "events/dispatcher.h"
#include "gateway/grpc_feed.h"
#include "gateway/grpc_services.h"
#include "invoke/pipeline.h"
#include "query/lists.h"
#include "services.grpc.pb.h"
#include "store/run_record.h"
#include "store/telemetry_store.h"

namespace hanshu::gateway {
namespace {

// Reference 5.1.
constexpr std::size_t kMaxSyncPayload = std::size_t{32} * 1024 * 1024;

invoke::Call callOf(const GrpcCall& call, api::InvokeRequest& request) {
    invoke::Call run;
    run.caller = call.caller;
    run.account = call.account();
    run.functionName = request.function_name();
    run.qualifier = request.qualifier();
    run.payload = std::move(*request.mutable_payload());
    run.requestId = call.requestId;
    run.wantTail = request.log_tail();
    return run;
}

Task<Result<api::InvokeReply>> invokeLater(GrpcCall call, invoke::Call run, std::string taskId) {
    const auto& rooms = call.rooms();
    run.source = "async";
    auto allowed = rooms.pipeline.mayInvoke(run);
    if (!allowed) {
        co_return fail(std::move(allowed.error()));
    }
    store::Event event;
    event.id = newEventId();
    event.requestId = run.requestId;
    event.account = run.account;
    event.functionName = run.functionName;
    event.qualifier = run.qualifier;
    event.source = run.source;
    event.taskId = std::move(taskId);
    event.payload = std::move(run.payload);
    event.enqueued = rooms.clock.now();
    auto kept = co_await rooms.dispatcher.enqueue(std::move(event));
    if (!kept) {
        co_return fail(std::move(kept.error()));
    }
    api::InvokeReply reply;
    reply.set_request_id(call.requestId.value);
    co_return reply;
}

Task<Result<api::InvokeReply>> invoke(GrpcCall call, api::InvokeRequest request) {
    if (request.payload().size() > kMaxSyncPayload) {
        co_return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(kMaxSyncPayload)}});
    }
    auto run = callOf(call, request);
    if (request.async()) {
        co_return co_await invokeLater(call, std::move(run), request.task_id());
    }
    auto outcome = co_await call.rooms().pipeline.run(std::move(run));
    if (!outcome) {
        co_return fail(std::move(outcome.error()));
    }
    api::InvokeReply reply;
    reply.set_request_id(call.requestId.value);
    reply.set_payload(std::move(outcome->payload));
    reply.set_error_type(std::move(outcome->errorType));
    reply.set_log_tail(std::move(outcome->logTail));
    reply.mutable_invocation()->Swap(&outcome->invocation);
    co_return reply;
}

Result<query::Query> queryOf(const GrpcCall& call, const std::string& filter, const std::string& zone) {
    return query::compile(filter, query::runSchema(),
                          {.now = call.rooms().clock.now(), .zone = zone.empty() ? "UTC" : zone});
}

Task<Result<api::ListInvocationsOutput>> listInvocations(GrpcCall call, api::ListInvocationsRequest request) {
    auto limit = pageLimit(request.limit(), 20, 100);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    auto before = sequenceToken(request.next_token());
    if (!before) {
        co_return fail(std::move(before.error()));
    }
    auto query = queryOf(call, request.filter(), request.zone());
    if (!query) {
        co_return fail(std::move(query.error()));
    }
    store::InvocationFilter filter{
        call.account(), request.function_name(), request.request_id(), request.status(), *before,
        *limit,         std::move(*query)};
    if (*before == 0) {
        co_await recordsAreStored(call);
    }
    auto found = co_await call.rooms().telemetry.invocations(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    api::ListInvocationsOutput output;
    if (std::cmp_equal(found->size(), *limit) && found->back().sequence() > 1) {
        output.set_next_token(std::to_string(found->back().sequence()));
    }
    for (auto& invocation : *found) {
        output.add_invocations()->Swap(&invocation);
    }
    co_return output;
}

api::Event eventOf(const store::EventView& view) {
    const auto& event = view.event;
    api::Event told;
    told.set_event_id(event.id.value);
    told.set_request_id(event.requestId.value);
    told.set_function_name(event.functionName);
    told.set_qualifier(event.qualifier);
    told.set_source(event.source);
    told.set_source_arn(event.sourceArn);
    told.set_trigger_name(event.triggerName);
    told.set_state(view.state);
    told.set_attempts(view.attempts);
    told.set_enqueued_time(unixMilliseconds(event.enqueued));
    told.set_next_attempt_time(unixMilliseconds(view.nextAttempt));
    told.set_ended_time(unixMilliseconds(view.ended));
    told.set_reason(view.reason);
    told.set_payload_bytes(static_cast<double>(view.payloadBytes));
    return told;
}

Task<Result<api::ListEventsOutput>> listEvents(GrpcCall call, api::ListEventsRequest request) {
    auto limit = pageLimit(request.limit(), 20, 100);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    store::EventFilter filter;
    filter.account = call.account();
    filter.functionName = request.function_name();
    filter.state = request.state();
    filter.before = request.next_token();
    filter.limit = *limit;
    auto found = co_await call.rooms().queue.list(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    api::ListEventsOutput output;
    if (std::cmp_equal(found->size(), *limit)) {
        output.set_next_token(found->back().event.id.value);
    }
    for (const auto& view : *found) {
        *output.add_events() = eventOf(view);
    }
    co_return output;
}

Result<store::DeadLetters> deadLettersOf(const GrpcCall& call, const api::DeadLettersRequest& request) {
    if (request.event_ids().empty() == request.function_name().empty()) {
        return invalidField("eventIds", "or functionName must be given, one of the two");
    }
    store::DeadLetters which;
    which.account = call.account();
    which.functionName = request.function_name();
    for (const auto& id : request.event_ids()) {
        which.ids.push_back(EventId{id});
    }
    return which;
}

Result<api::DeadLettersReply> replyOf(Result<std::int64_t> count) {
    HANSHU_TRY(count);
    api::DeadLettersReply reply;
    reply.set_count(*count);
    return reply;
}

Task<Result<api::DeadLettersReply>> redrive(GrpcCall call, api::DeadLettersRequest request) {
    auto which = deadLettersOf(call, request);
    if (!which) {
        co_return fail(std::move(which.error()));
    }
    co_return replyOf(co_await call.rooms().queue.redrive(std::move(*which), call.rooms().clock.now()));
}

Task<Result<api::DeadLettersReply>> removeDeadLetters(GrpcCall call, api::DeadLettersRequest request) {
    auto which = deadLettersOf(call, request);
    if (!which) {
        co_return fail(std::move(which.error()));
    }
    co_return replyOf(co_await call.rooms().queue.remove(std::move(*which)));
}

// The newest runs after the cursor that the request names; none for a client that wants only what comes.
Task<Result<api::InvocationBatch>> storedRuns(const GrpcCall& call, const api::WatchInvocationsRequest& request,
                                              query::Query query) {
    const auto cursor = request.after_sequence();
    if (cursor < 0) {
        co_return api::InvocationBatch();
    }
    co_await recordsAreStored(call);
    store::InvocationFilter filter{call.account(), request.function_name(), {}, {}, 0, kMaxReplay, std::move(query)};
    auto found = co_await call.rooms().telemetry.invocations(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    std::erase_if(*found, [cursor](const auto& invocation) { return invocation.sequence() <= cursor; });
    co_return replayOf(std::move(*found), cursor, &api::InvocationBatch::mutable_invocations);
}

Task<Result<void>> watchInvocations(GrpcCall call, api::WatchInvocationsRequest request,
                                    WriteStream<api::InvocationBatch>& stream) {
    auto query = queryOf(call, request.filter(), request.zone());
    if (!query) {
        co_return fail(std::move(query.error()));
    }
    Feed<api::InvocationBatch, api::Invocation> feed{
        &telemetry::Watcher::invocations, &api::InvocationBatch::mutable_invocations,
        [function = request.function_name(), query = *query](const api::Invocation& invocation) {
            return (function.empty() || function == invocation.function_name()) &&
                   query.matches(store::RunRecord(invocation));
        },
        request.after_sequence()};
    auto past = storedRuns(call, request, std::move(*query));
    co_return co_await follow(call, stream, std::move(feed), std::move(past));
}

class Service final : public api::InvocationService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::InvocationService::service_full_name()) {}

    grpc::ServerUnaryReactor* Invoke(grpc::CallbackServerContext* context, const api::InvokeRequest* request,
                                     api::InvokeReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, invoke);
    }
    grpc::ServerUnaryReactor* ListInvocations(grpc::CallbackServerContext* context,
                                              const api::ListInvocationsRequest* request,
                                              api::ListInvocationsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, listInvocations);
    }
    grpc::ServerWriteReactor<api::InvocationBatch>* WatchInvocations(
        grpc::CallbackServerContext* context, const api::WatchInvocationsRequest* request) override {
        return serverStream(m_door.enter(context, __func__), request, watchInvocations);
    }
    grpc::ServerUnaryReactor* ListEvents(grpc::CallbackServerContext* context, const api::ListEventsRequest* request,
                                         api::ListEventsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, listEvents);
    }
    grpc::ServerUnaryReactor* RedriveDeadLetters(grpc::CallbackServerContext* context,
                                                 const api::DeadLettersRequest* request,
                                                 api::DeadLettersReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, redrive);
    }
    grpc::ServerUnaryReactor* RemoveDeadLetters(grpc::CallbackServerContext* context,
                                                const api::DeadLettersRequest* request,
                                                api::DeadLettersReply* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, removeDeadLetters);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcInvocationService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
