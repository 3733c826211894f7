// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_feed.h"
#include "gateway/grpc_services.h"
#include "gateway/log_selection.h"
#include "logs/patterns.h"
#include "services.grpc.pb.h"
#include "telemetry/log_book.h"
#include "telemetry/log_filter.h"

#include <cmath>

namespace hanshu::gateway {
namespace {

constexpr int kMaxLines = 1000;
// A question that takes longer gives what it has: who asks may go on from there.
constexpr std::chrono::seconds kPatience{20};
// Clustering looks at each line's message: this many take about two seconds.
constexpr std::uint64_t kMaxClustered = 500'000;

std::function<bool()> untilPatienceEnds() {
    return [end = std::chrono::steady_clock::now() + kPatience] { return std::chrono::steady_clock::now() > end; };
}

void addDamage(const logs::ScanReport& report, api::LogDamage* damage) {
    for (const auto& file : report.damaged) {
        damage->add_files(file);
    }
}

template <class Reply>
void tellDamage(const logs::ScanReport& report, Reply& reply) {
    if (!report.damaged.empty()) {
        addDamage(report, reply.mutable_damage());
    }
}

Result<LogSelection> selectionOf(const GrpcCall& call, const api::LogSelection& asked) {
    return LogSelection::of(asked, call.rooms().clock.now());
}

// Lines

api::LogBatch batchOf(const logs::LinesPage& page, bool newestFirst) {
    api::LogBatch batch;
    for (const auto& line : page.lines) {
        *batch.add_records() = telemetry::recordOf(line.view());
    }
    if (newestFirst) {
        std::reverse(batch.mutable_records()->begin(), batch.mutable_records()->end());
    }
    batch.set_next_sequence(page.isLast ? 0 : static_cast<std::int64_t>(page.cursor));
    tellDamage(page.report, batch);
    return batch;
}

// Where a page begins: the newest lines before a cursor, or the oldest after one. 0: there is no cursor.
struct PageStart {
    logs::Order order = logs::Order::NewestFirst;
    std::int64_t cursor = 0;
};

// A page of the lines that a selection wants, oldest first.
Task<Result<api::LogBatch>> pageOf(GrpcCall call, LogSelection selection, PageStart start, int limit) {
    auto filter = selection.stored();
    if (!filter) {
        co_return api::LogBatch();
    }
    const bool newestFirst = start.order == logs::Order::NewestFirst;
    if (start.cursor > 0) {
        (newestFirst ? filter->beforeSequence : filter->afterSequence) = static_cast<std::uint64_t>(start.cursor);
    }
    std::function<api::LogBatch(const logs::LogView&)> question = [filter = std::move(*filter), start, newestFirst,
                                                                   limit](const logs::LogView& view) {
        const logs::Page page{
            .limit = static_cast<std::size_t>(limit), .order = start.order, .cancelled = untilPatienceEnds()};
        return batchOf(view.lines(filter, page), newestFirst);
    };
    co_return co_await call.rooms().logs.ask<api::LogBatch>(call.account(), std::move(question));
}

Task<Result<api::LogBatch>> queryLogs(GrpcCall call, api::QueryLogsRequest request) {
    auto limit = pageLimit(request.limit(), 100, kMaxLines);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    if (request.before_sequence() > 0 && request.after_sequence() != 0) {
        co_return invalidField("afterSequence", "can't be given with beforeSequence");
    }
    auto selection = selectionOf(call, request.which());
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    PageStart start{logs::Order::NewestFirst, request.before_sequence()};
    if (request.after_sequence() != 0) {
        start = {logs::Order::OldestFirst, request.after_sequence()};
    }
    // What comes before a line that was shown is stored already.
    if (request.before_sequence() <= 0) {
        co_await recordsAreStored(call);
    }
    co_return co_await pageOf(call, std::move(*selection), start, *limit);
}

Task<Result<void>> exportLogs(GrpcCall call, api::LogSelection request, WriteStream<api::LogBatch>& stream) {
    auto selection = selectionOf(call, request);
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    co_await recordsAreStored(call);
    PageStart start{logs::Order::OldestFirst, 0};
    do {
        auto batch = co_await pageOf(call, *selection, start, kMaxLines);
        if (!batch) {
            co_return fail(std::move(batch.error()));
        }
        start.cursor = batch->next_sequence();
        const bool written = co_await stream.write(*batch);
        if (!written) {
            co_return fail(Code::Cancelled, "ClientClosedRequest");
        }
    } while (start.cursor > 0);
    co_return Result<void>();
}

// What was stored before the stream began: the lines after a cursor, or the last ones.
Task<Result<api::LogBatch>> storedLines(GrpcCall call, LogSelection selection, std::int64_t cursor, int backlog) {
    auto limit = pageLimit(backlog, 0, kMaxReplay);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    if (cursor <= 0 && *limit == 0) {
        co_return api::LogBatch();
    }
    co_await recordsAreStored(call);
    // The newest after the cursor: what lies between is the gap.
    auto filter = selection.stored();
    if (!filter) {
        co_return api::LogBatch();
    }
    if (cursor > 0) {
        filter->afterSequence = static_cast<std::uint64_t>(cursor);
    }
    const auto wanted = static_cast<std::size_t>(cursor > 0 ? kMaxReplay : *limit);
    std::function<api::LogBatch(const logs::LogView&)> question = [filter = std::move(*filter),
                                                                   wanted](const logs::LogView& view) {
        return batchOf(view.lines(filter, {.limit = wanted, .cancelled = untilPatienceEnds()}), true);
    };
    auto found = co_await call.rooms().logs.ask<api::LogBatch>(call.account(), std::move(question));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    std::vector<api::LogRecord> lines(std::make_move_iterator(found->mutable_records()->begin()),
                                      std::make_move_iterator(found->mutable_records()->end()));
    co_return replayOf(std::move(lines), cursor, &api::LogBatch::mutable_records);
}

Task<Result<void>> tailLogs(GrpcCall call, api::TailLogsRequest request, WriteStream<api::LogBatch>& stream) {
    auto selection = selectionOf(call, request.which());
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    Feed<api::LogBatch, api::LogRecord> feed{
        &telemetry::Watcher::lines, &api::LogBatch::mutable_records,
        [selection = *selection](const api::LogRecord& record) { return selection.wants(record); },
        request.after_sequence()};
    auto past = storedLines(call, std::move(*selection), request.after_sequence(), request.backlog());
    co_return co_await follow(call, stream, std::move(feed), std::move(past));
}

Task<Result<api::LogBatch>> logContext(GrpcCall call, api::LogContextRequest request) {
    constexpr int kMost = 500;
    const int lines = request.lines() == 0 ? 10 : request.lines();
    if (request.sequence() <= 0) {
        co_return invalidField("sequence", "must be that of a line");
    }
    if (lines < 0 || lines > kMost) {
        co_return invalidField("lines", "must be between 1 and 500");
    }
    co_await recordsAreStored(call);
    std::function<Result<api::LogBatch>(const logs::LogView&)> question =
        [request, lines](const logs::LogView& view) -> Result<api::LogBatch> {
        const auto sequence = static_cast<std::uint64_t>(request.sequence());
        auto around = view.around(sequence, 0, {});
        if (!around.line) {
            return fail(Code::NotFound, "LogLineNotFound", {{"sequence", std::to_string(sequence)}});
        }
        logs::Filter filter;
        if (request.same_instance()) {
            filter.instance.anyOf = {around.line->instance};
        }
        if (request.same_request()) {
            filter.requestId.anyOf = {around.line->requestId};
        }
        around = view.around(sequence, static_cast<std::size_t>(lines), filter);
        api::LogBatch batch;
        for (const auto& line : around.before) {
            *batch.add_records() = telemetry::recordOf(line.view());
        }
        if (around.line) {
            *batch.add_records() = telemetry::recordOf(around.line->view());
        }
        for (const auto& line : around.after) {
            *batch.add_records() = telemetry::recordOf(line.view());
        }
        tellDamage(around.report, batch);
        return batch;
    };
    auto answer = co_await call.rooms().logs.ask<Result<api::LogBatch>>(call.account(), std::move(question));
    if (!answer) {
        co_return fail(std::move(answer.error()));
    }
    co_return std::move(*answer);
}

// Figures

// The time that is counted and the width of a bucket.
struct Buckets {
    SystemTime start;
    std::chrono::microseconds width;
    std::size_t count;
};

Result<Buckets> bucketsOf(const logs::Filter& filter, double milliseconds, SystemTime now) {
    constexpr std::int64_t kStandard = 60;
    constexpr std::int64_t kMost = 1000;
    const auto until = filter.until.value_or(now);
    const auto start = filter.since.value_or(until - std::chrono::hours(1));
    const auto range = std::max<std::int64_t>(1, (until - start).count());
    auto width = std::max<std::int64_t>(1000, (range + kStandard - 1) / kStandard);
    if (milliseconds != 0) {
        if (!(milliseconds >= 1 && milliseconds <= 1e12)) {
            return invalidField("bucketMs", "must be at least 1");
        }
        width = std::llround(milliseconds * 1000);
    }
    const auto at = start.time_since_epoch().count();
    const auto first = filter.since ? at : at - at % width;  // round times are easier to read
    const auto count = ((until.time_since_epoch().count() - first) + width - 1) / width;
    if (count > kMost) {
        return invalidField("bucketMs", fmt::format("makes {} buckets of this time: at most {}", count, kMost));
    }
    return Buckets{SystemTime{std::chrono::microseconds(first)}, std::chrono::microseconds(width),
                   static_cast<std::size_t>(std::max<std::int64_t>(1, count))};
}

Task<Result<api::LogCounts>> countLogs(GrpcCall call, api::CountLogsRequest request) {
    const auto now = call.rooms().clock.now();
    auto selection = LogSelection::of(request.which(), now);
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    auto filter = selection->stored();
    auto buckets = bucketsOf(filter.value_or(logs::Filter()), request.bucket_ms(), now);
    if (!buckets) {
        co_return fail(std::move(buckets.error()));
    }
    co_await recordsAreStored(call);
    std::function<api::LogCounts(const logs::LogView&)> question = [filter = std::move(filter),
                                                                    shape = *buckets](const logs::LogView& view) {
        api::LogCounts counts;
        counts.set_start(unixMilliseconds(shape.start));
        counts.set_bucket_ms(static_cast<double>(shape.width.count()) / 1000.0);
        logs::TimeBuckets counted;
        counted.buckets.resize(shape.count);
        if (filter) {
            counted = view.countByTime(*filter, shape.start, shape.width, shape.count, untilPatienceEnds());
        }
        for (const auto& bucket : counted.buckets) {
            counts.add_buckets()->mutable_lines()->Add(bucket.begin(), bucket.end());
        }
        counts.set_truncated(!counted.isComplete);
        tellDamage(counted.report, counts);
        return counts;
    };
    co_return co_await call.rooms().logs.ask<api::LogCounts>(call.account(), std::move(question));
}

constexpr std::array<std::pair<std::string_view, logs::Field>, 6> kFields{{{"function", logs::Field::Function},
                                                                           {"qualifier", logs::Field::Qualifier},
                                                                           {"instance", logs::Field::Instance},
                                                                           {"request", logs::Field::RequestId},
                                                                           {"level", logs::Field::Level},
                                                                           {"stream", logs::Field::Stream}}};

std::string valueName(logs::Field field, const std::string& value) {
    if (field == logs::Field::Level) {
        return std::string(nameOf(static_cast<logs::Level>(std::stoi(value))));
    }
    return field == logs::Field::Stream ? std::string(nameOf(static_cast<logs::Stream>(std::stoi(value)))) : value;
}

Task<Result<api::TopLogValues>> topLogValues(GrpcCall call, api::TopLogValuesRequest request) {
    auto limit = pageLimit(request.limit(), 10, 100);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    const auto* const field =
        std::ranges::find(kFields, std::string_view(request.field()), [](const auto& entry) { return entry.first; });
    if (field == kFields.end()) {
        co_return invalidField("field", "must be function, qualifier, instance, request, level or stream");
    }
    auto selection = selectionOf(call, request.which());
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    auto filter = selection->stored();
    if (!filter) {
        co_return api::TopLogValues();
    }
    co_await recordsAreStored(call);
    std::function<api::TopLogValues(const logs::LogView&)> question =
        [filter = std::move(*filter), which = field->second,
         n = static_cast<std::size_t>(*limit)](const logs::LogView& view) {
            const auto top = view.top(filter, which, n, untilPatienceEnds());
            api::TopLogValues answer;
            for (const auto& value : top.values) {
                auto* added = answer.add_values();
                added->set_value(valueName(which, value.value));
                added->set_lines(static_cast<std::int64_t>(value.lines));
            }
            answer.set_lines(static_cast<std::int64_t>(top.lines));
            answer.set_truncated(top.isTruncated || !top.isComplete);
            tellDamage(top.report, answer);
            return answer;
        };
    co_return co_await call.rooms().logs.ask<api::TopLogValues>(call.account(), std::move(question));
}

Task<Result<api::LogPatterns>> logPatterns(GrpcCall call, api::LogPatternsRequest request) {
    auto limit = pageLimit(request.limit(), 20, 200);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    auto selection = selectionOf(call, request.which());
    if (!selection) {
        co_return fail(std::move(selection.error()));
    }
    auto filter = selection->stored();
    if (!filter) {
        co_return api::LogPatterns();
    }
    co_await recordsAreStored(call);
    std::function<api::LogPatterns(const logs::LogView&)> question =
        [filter = std::move(*filter), n = static_cast<std::size_t>(*limit)](const logs::LogView& view) {
            logs::PatternCounter counter;
            const auto patienceEnds = untilPatienceEnds();
            api::LogPatterns answer;
            const auto report = view.each(filter, logs::Order::NewestFirst, [&](const logs::LineView& line) {
                counter.add(line);
                const bool enough = counter.lines() >= kMaxClustered || (counter.lines() % 1024 == 0 && patienceEnds());
                answer.set_truncated(enough);
                return !enough;
            });
            for (const auto& pattern : counter.top(n)) {
                auto* added = answer.add_patterns();
                added->set_shape(pattern.shape);
                added->set_lines(static_cast<std::int64_t>(pattern.lines));
                *added->mutable_sample() = telemetry::recordOf(pattern.sample.view());
                added->set_first_time(unixMilliseconds(pattern.first));
                added->set_last_time(unixMilliseconds(pattern.last));
            }
            answer.set_lines(static_cast<std::int64_t>(counter.lines()));
            answer.set_unclustered(static_cast<std::int64_t>(counter.unclustered()));
            tellDamage(report, answer);
            return answer;
        };
    co_return co_await call.rooms().logs.ask<api::LogPatterns>(call.account(), std::move(question));
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
    grpc::ServerWriteReactor<api::LogBatch>* ExportLogs(grpc::CallbackServerContext* context,
                                                        const api::LogSelection* request) override {
        return serverStream(m_door.enter(context, __func__), request, exportLogs);
    }
    grpc::ServerUnaryReactor* LogContext(grpc::CallbackServerContext* context, const api::LogContextRequest* request,
                                         api::LogBatch* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, logContext);
    }
    grpc::ServerUnaryReactor* CountLogs(grpc::CallbackServerContext* context, const api::CountLogsRequest* request,
                                        api::LogCounts* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, countLogs);
    }
    grpc::ServerUnaryReactor* GetTopLogValues(grpc::CallbackServerContext* context,
                                              const api::TopLogValuesRequest* request,
                                              api::TopLogValues* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, topLogValues);
    }
    grpc::ServerUnaryReactor* GetLogPatterns(grpc::CallbackServerContext* context,
                                             const api::LogPatternsRequest* request, api::LogPatterns* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, logPatterns);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcLogService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
