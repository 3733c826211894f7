// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_feed.h"
#include "gateway/grpc_services.h"
#include "services.grpc.pb.h"
#include "store/telemetry_store.h"

#include <cmath>

namespace hanshu::gateway {
namespace {

constexpr int kMaxLines = 1000;

// Unix time in ms as it crosses the API. Whatever the year 9999 does not reach is out of range.
Result<SystemTime> timeOf(std::string_view field, double milliseconds) {
    constexpr double kEndOfYears = 253402300800e3;
    if (!(milliseconds >= 0 && milliseconds < kEndOfYears)) {
        return invalidField(field, "must be a Unix time in milliseconds");
    }
    return SystemTime{std::chrono::microseconds{std::llround(milliseconds * 1000)}};
}

Task<Result<api::LogBatch>> queryLogs(GrpcCall call, api::QueryLogsRequest request) {
    auto limit = pageLimit(request.limit(), 100, kMaxLines);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    auto since = timeOf("since", request.since());
    if (!since) {
        co_return fail(std::move(since.error()));
    }
    auto until = timeOf("until", request.until());
    if (!until) {
        co_return fail(std::move(until.error()));
    }
    store::LogFilter filter;
    filter.account = call.account();
    filter.functionName = request.function_name();
    filter.requestId = request.request_id();
    filter.contains = request.contains();
    filter.since = *since;
    if (request.until() > 0) {
        filter.until = *until;
    }
    filter.limit = *limit;
    filter.beforeSequence = request.before_sequence();
    // What comes before a line that was shown is stored already.
    if (request.before_sequence() <= 0) {
        co_await recordsAreStored(call);
    }
    auto found = co_await call.rooms().telemetry.logs(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    api::LogBatch batch;
    for (auto& record : *found) {
        batch.add_records()->Swap(&record);
    }
    co_return batch;
}

// What was stored before the stream began: the lines after a cursor, or the last ones.
Task<Result<api::LogBatch>> storedLines(const GrpcCall& call, const api::TailLogsRequest& request) {
    const auto cursor = request.after_sequence();
    auto limit = pageLimit(request.backlog(), 0, kMaxReplay);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    if (cursor <= 0 && *limit == 0) {
        co_return api::LogBatch();
    }
    store::LogFilter filter;
    filter.account = call.account();
    filter.functionName = request.function_name();
    filter.requestId = request.request_id();
    filter.afterSequence = cursor;
    filter.limit = cursor > 0 ? kMaxReplay : *limit;
    co_await recordsAreStored(call);
    auto found = co_await call.rooms().telemetry.logs(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return replayOf(std::move(*found), cursor, &api::LogBatch::mutable_records);
}

Task<Result<void>> tailLogs(GrpcCall call, api::TailLogsRequest request, WriteStream<api::LogBatch>& stream) {
    Feed<api::LogBatch, api::LogRecord> feed{
        &telemetry::Watcher::lines, &api::LogBatch::mutable_records,
        [function = request.function_name(), requestId = request.request_id()](const api::LogRecord& record) {
            return (function.empty() || function == record.function_name()) &&
                   (requestId.empty() || requestId == record.request_id());
        },
        request.after_sequence()};
    auto past = storedLines(call, request);
    co_return co_await follow(call, stream, std::move(feed), std::move(past));
}

class Service final : public api::LogService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::LogService::service_full_name()) {}

    grpc::ServerUnaryReactor* QueryLogs(grpc::CallbackServerContext* context, const api::QueryLogsRequest* request,
                                        api::LogBatch* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, queryLogs);
    }
    grpc::ServerWriteReactor<api::LogBatch>* TailLogs(grpc::CallbackServerContext* context,
                                                      const api::TailLogsRequest* request) override {
        return serverStream(m_door.enter(context, __func__), request, tailLogs);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcLogService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
