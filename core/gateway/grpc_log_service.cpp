// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "gateway/news_buffer.h"
#include "services.grpc.pb.h"
#include "store/telemetry_store.h"
#include "telemetry/recorder.h"

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
    co_await recordsAreStored(call);
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
Task<Result<api::LogBatch>> backlog(const GrpcCall& call, const api::TailLogsRequest& request) {
    api::LogBatch batch;
    const bool resumes = request.after_sequence() > 0;
    auto limit = pageLimit(request.backlog(), 0, kMaxLines);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    if (!resumes && *limit == 0) {
        co_return batch;
    }
    store::LogFilter filter;
    filter.account = call.account();
    filter.functionName = request.function_name();
    filter.requestId = request.request_id();
    filter.afterSequence = request.after_sequence();
    filter.limit = resumes ? kMaxLines : *limit;
    co_await recordsAreStored(call);
    auto found = co_await call.rooms().telemetry.logs(std::move(filter));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    if (resumes && std::cmp_equal(found->size(), kMaxLines)) {
        // An upper bound: lines of others share the count.
        batch.set_gap(found->front().sequence() - request.after_sequence() - 1);
    }
    for (auto& record : *found) {
        batch.add_records()->Swap(&record);
    }
    co_return batch;
}

Task<Result<void>> tailLogs(GrpcCall call, api::TailLogsRequest request, WriteStream<api::LogBatch>& stream) {
    auto buffer = std::make_shared<NewsBuffer<api::LogRecord>>();
    stream.attach(buffer);
    call.core->enlist(buffer);
    telemetry::Watcher watcher;
    watcher.lines = [buffer, account = call.account(), function = request.function_name(),
                     requestId = request.request_id()](const std::string& whose,
                                                       const std::vector<api::LogRecord>& news) {
        for (const auto& record : news) {
            if (whose == account && (function.empty() || function == record.function_name()) &&
                (requestId.empty() || requestId == record.request_id())) {
                buffer->push(record);
            }
        }
    };
    const auto subscription = call.rooms().recorder.watch(std::move(watcher));
    auto past = co_await backlog(call, request);
    if (!past) {
        co_return fail(std::move(past.error()));
    }
    auto sent = request.after_sequence();
    if (past->records_size() > 0) {
        sent = past->records(past->records_size() - 1).sequence();
        const bool written = co_await stream.write(*past);
        if (!written) {
            co_return fail(Code::Cancelled, "ClientClosedRequest");
        }
    }
    while (true) {
        auto news = co_await buffer->take();
        if (!news) {
            co_return fail(std::move(news.error()));
        }
        api::LogBatch batch;
        batch.set_gap(news->gap);
        for (auto& record : news->items) {
            if (record.sequence() > sent) {
                batch.add_records()->Swap(&record);
            }
        }
        if (batch.records_size() == 0 && batch.gap() == 0) {
            continue;
        }
        const bool written = co_await stream.write(batch);
        if (!written) {
            co_return fail(Code::Cancelled, "ClientClosedRequest");
        }
    }
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
