// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What may be asked of the log over gRPC.

#include "gateway_grpc/grpc_fixture.h"

using namespace hanshu;
using hanshu::tests::GrpcFixture;

namespace {

// Twenty runs of two functions, of four lines each: the last of each tenth one is an error with a trace.
void fill(GrpcFixture& house) {
    for (int i = 0; i < 20; ++i) {
        telemetry::RunRecord run;
        run.account = GrpcFixture::kAccount;
        run.invocation.set_function_name(i % 2 == 0 ? "img-resize" : "video");
        run.invocation.set_instance_id("c-" + std::to_string(i % 2));
        run.invocation.set_request_id("r-" + std::to_string(i));
        run.invocation.set_qualifier("LATEST");
        run.invocation.set_status(i % 10 == 9 ? "Timeout" : "Succeeded");
        for (int line = 0; line < 4; ++line) {
            const bool bad = i % 10 == 9 && line == 3;
            run.lines.push_back({.time = house.clock.now(),
                                 .level = bad ? logs::Level::Error : logs::Level::Info,
                                 .stream = logs::Stream::Logger,
                                 .message = bad ? "it broke\n  at f (index.js)"
                                                : "step " + std::to_string(line) + " of run " + std::to_string(i)});
        }
        house.recorder->record(std::move(run));
    }
}

template <class Request, class Reply>
grpc::Status ask(GrpcFixture& house,
                 grpc::Status (api::LogService::Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                 const Request& request, Reply& reply, std::string* reason = nullptr) {
    grpc::ClientContext context;
    auto status = ((*house.logs).*method)(&context, request, &reply);
    const auto found = context.GetServerTrailingMetadata().find("hanshu-reason");
    if (reason != nullptr && found != context.GetServerTrailingMetadata().end()) {
        *reason = std::string(found->second.data(), found->second.size());
    }
    return status;
}

}  // namespace

class TestGrpcLogs : public QObject {
    Q_OBJECT

private slots:
    void aFilterSelectsLines() {
        GrpcFixture house;
        fill(house);
        api::QueryLogsRequest request;
        api::LogBatch batch;
        request.mutable_which()->set_filter("level:error function:vid* since:1h");
        QVERIFY(ask(house, &api::LogService::Stub::QueryLogs, request, batch).ok());
        QCOMPARE(batch.records_size(), 2);
        QCOMPARE(batch.records(0).request_id(), std::string("r-9"));
        QCOMPARE(batch.records(0).level(), std::string("ERROR"));
        QCOMPARE(batch.records(0).stream(), std::string("logger"));
        QCOMPARE(batch.next_sequence(), 0);
        // The filter and the plain fields hold together.
        request.mutable_which()->set_filter("/step [12] /");
        request.mutable_which()->set_function_name("img-resize");
        request.mutable_which()->set_contains("run 1");
        QVERIFY(ask(house, &api::LogService::Stub::QueryLogs, request, batch).ok());
        QCOMPARE(batch.records_size(), 10);  // runs 10, 12, 14, 16 and 18
        request.mutable_which()->set_filter("function:video");
        QVERIFY(ask(house, &api::LogService::Stub::QueryLogs, request, batch).ok());
        QCOMPARE(batch.records_size(), 0);
    }

    void pagesGoBothWaysAndMissNothing() {
        GrpcFixture house;
        fill(house);
        const auto pages = [&](bool backwards) {
            api::QueryLogsRequest request;
            request.mutable_which()->set_filter("-level:error");
            request.set_limit(7);
            request.set_after_sequence(backwards ? 0 : -1);
            std::vector<std::int64_t> seen;
            for (api::LogBatch batch;;) {
                if (!ask(house, &api::LogService::Stub::QueryLogs, request, batch).ok()) {
                    return std::vector<std::int64_t>();
                }
                std::vector<std::int64_t> page;
                for (const auto& record : batch.records()) {
                    page.push_back(record.sequence());
                }
                seen.insert(backwards ? seen.begin() : seen.end(), page.begin(), page.end());
                if (batch.next_sequence() == 0) {
                    return seen;
                }
                request.set_before_sequence(backwards ? batch.next_sequence() : 0);
                request.set_after_sequence(backwards ? 0 : batch.next_sequence());
            }
        };
        const auto seen = pages(true);
        QCOMPARE(seen.size(), 78U);
        QVERIFY(std::ranges::is_sorted(seen));
        QCOMPARE(pages(false), seen);
        api::QueryLogsRequest both;
        both.set_before_sequence(5);
        both.set_after_sequence(5);
        api::LogBatch batch;
        QCOMPARE(ask(house, &api::LogService::Stub::QueryLogs, both, batch).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
    }

    void anExportHasEveryLineOldestFirst() {
        GrpcFixture house;
        for (int i = 0; i < 60; ++i) {
            fill(house);  // several pages
        }
        api::LogSelection which;
        which.set_filter("function:video");
        grpc::ClientContext context;
        const auto reader = house.logs->ExportLogs(&context, which);
        api::LogBatch batch;
        std::int64_t last = 0;
        int lines = 0;
        while (reader->Read(&batch)) {
            for (const auto& record : batch.records()) {
                QVERIFY(record.sequence() > last);
                last = record.sequence();
                QCOMPARE(record.function_name(), std::string("video"));
                ++lines;
            }
        }
        QVERIFY(reader->Finish().ok());
        QCOMPARE(lines, 60 * 40);
    }

    void aTailWithAFilterShowsWhatItWants() {
        GrpcFixture house;
        api::TailLogsRequest request;
        request.mutable_which()->set_filter("level:>=error");
        request.set_backlog(10);
        fill(house);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
        const auto reader = house.logs->TailLogs(&context, request);
        int seen = 0;
        bool second = false;
        api::LogBatch batch;
        while (seen < 4 && reader->Read(&batch)) {
            for (const auto& record : batch.records()) {
                QCOMPARE(record.level(), std::string("ERROR"));
                ++seen;
            }
            if (seen == 2 && !std::exchange(second, true)) {
                fill(house);
            }
        }
        QCOMPARE(seen, 4);
        context.TryCancel();
        reader->Finish();
    }

    void aWrongFilterIsRefusedWithItsReason() {
        GrpcFixture house;
        const auto refused = [&](auto method, auto request, auto reply) {
            std::string reason;
            const auto status = ask(house, method, request, reply, &reason);
            return status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ? reason : status.error_message();
        };
        api::LogSelection wrong;
        wrong.set_filter("levle:error");
        api::QueryLogsRequest query;
        *query.mutable_which() = wrong;
        QCOMPARE(refused(&api::LogService::Stub::QueryLogs, query, api::LogBatch()), std::string("QueryUnknownField"));
        api::CountLogsRequest count;
        *count.mutable_which() = wrong;
        QCOMPARE(refused(&api::LogService::Stub::CountLogs, count, api::LogCounts()), std::string("QueryUnknownField"));
        api::TopLogValuesRequest top;
        *top.mutable_which() = wrong;
        top.set_field("level");
        QCOMPARE(refused(&api::LogService::Stub::GetTopLogValues, top, api::TopLogValues()),
                 std::string("QueryUnknownField"));
        api::LogPatternsRequest patterns;
        *patterns.mutable_which() = wrong;
        QCOMPARE(refused(&api::LogService::Stub::GetLogPatterns, patterns, api::LogPatterns()),
                 std::string("QueryUnknownField"));
        query.mutable_which()->set_filter("since:10:30");
        query.mutable_which()->set_zone("Nowhere/Town");
        QCOMPARE(refused(&api::LogService::Stub::QueryLogs, query, api::LogBatch()), std::string("QueryUnknownZone"));
        grpc::ClientContext context;
        const auto reader = house.logs->ExportLogs(&context, wrong);
        api::LogBatch batch;
        QVERIFY(!reader->Read(&batch));
        QCOMPARE(reader->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    }

    void theLinesAroundOneAreShown() {
        GrpcFixture house;
        fill(house);
        api::LogContextRequest request;
        request.set_sequence(40);
        request.set_lines(3);
        api::LogBatch batch;
        QVERIFY(ask(house, &api::LogService::Stub::LogContext, request, batch).ok());
        QCOMPARE(batch.records_size(), 7);
        QCOMPARE(batch.records(3).sequence(), 40);
        QCOMPARE(batch.records(0).sequence(), 37);
        request.set_same_request(true);
        QVERIFY(ask(house, &api::LogService::Stub::LogContext, request, batch).ok());
        for (const auto& record : batch.records()) {
            QCOMPARE(record.request_id(), std::string("r-9"));
        }
        QCOMPARE(batch.records_size(), 4);
        request.set_sequence(1'000'000);
        std::string reason;
        QCOMPARE(ask(house, &api::LogService::Stub::LogContext, request, batch, &reason).error_code(),
                 grpc::StatusCode::NOT_FOUND);
        QCOMPARE(reason, std::string("LogLineNotFound"));
    }

    void linesAreCountedByTimeAndLevel() {
        GrpcFixture house;
        fill(house);
        api::CountLogsRequest request;
        request.mutable_which()->set_filter("since:10m");
        request.set_bucket_ms(60'000);
        api::LogCounts counts;
        QVERIFY(ask(house, &api::LogService::Stub::CountLogs, request, counts).ok());
        QCOMPARE(counts.buckets_size(), 10);
        std::int64_t info = 0;
        std::int64_t errors = 0;
        for (const auto& bucket : counts.buckets()) {
            info += bucket.lines(static_cast<int>(logs::Level::Info));
            errors += bucket.lines(static_cast<int>(logs::Level::Error));
        }
        QCOMPARE(info, 78);
        QCOMPARE(errors, 2);
        request.set_bucket_ms(1);
        QCOMPARE(ask(house, &api::LogService::Stub::CountLogs, request, counts).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
        // Without a time: the last hour, in round buckets.
        QVERIFY(ask(house, &api::LogService::Stub::CountLogs, api::CountLogsRequest(), counts).ok());
        QCOMPARE(std::fmod(counts.start(), counts.bucket_ms()), 0.0);
        QVERIFY(counts.buckets_size() >= 60 && counts.buckets_size() <= 61);
    }

    void theMostFrequentValuesAreNamed() {
        GrpcFixture house;
        fill(house);
        api::TopLogValuesRequest request;
        request.set_field("level");
        api::TopLogValues top;
        QVERIFY(ask(house, &api::LogService::Stub::GetTopLogValues, request, top).ok());
        QCOMPARE(top.values_size(), 2);
        QCOMPARE(top.values(0).value(), std::string("INFO"));
        QCOMPARE(top.values(0).lines(), 78);
        QCOMPARE(top.values(1).value(), std::string("ERROR"));
        request.set_field("function");
        request.mutable_which()->set_filter("level:error");
        QVERIFY(ask(house, &api::LogService::Stub::GetTopLogValues, request, top).ok());
        QCOMPARE(top.values_size(), 1);
        QCOMPARE(top.values(0).value(), std::string("video"));
        request.set_field("message");
        QCOMPARE(ask(house, &api::LogService::Stub::GetTopLogValues, request, top).error_code(),
                 grpc::StatusCode::INVALID_ARGUMENT);
    }

    void linesAreClusteredByShape() {
        GrpcFixture house;
        fill(house);
        api::LogPatterns patterns;
        QVERIFY(ask(house, &api::LogService::Stub::GetLogPatterns, api::LogPatternsRequest(), patterns).ok());
        QCOMPARE(patterns.patterns_size(), 2);
        QCOMPARE(patterns.patterns(0).shape(), std::string("step <*> of run <*>"));
        QCOMPARE(patterns.patterns(0).lines(), 78);
        QCOMPARE(patterns.patterns(0).sample().request_id(), std::string("r-19"));
        QCOMPARE(patterns.patterns(1).shape(), std::string("it broke"));
        QCOMPARE(patterns.lines(), 80);
        QVERIFY(!patterns.truncated());
    }

    // Nobody sees the lines of another account, whatever is asked.
    void accountsAreApart() {
        GrpcFixture house;
        telemetry::RunRecord foreign;
        foreign.account = "9999999999999999";
        foreign.invocation.set_function_name("img-resize");
        foreign.lines.push_back({.time = house.clock.now(), .message = "secret"});
        house.recorder->record(std::move(foreign));
        fill(house);
        api::QueryLogsRequest query;
        query.mutable_which()->set_filter("secret");
        api::LogBatch batch;
        QVERIFY(ask(house, &api::LogService::Stub::QueryLogs, query, batch).ok());
        QCOMPARE(batch.records_size(), 0);
        api::LogPatterns patterns;
        QVERIFY(ask(house, &api::LogService::Stub::GetLogPatterns, api::LogPatternsRequest(), patterns).ok());
        QCOMPARE(patterns.lines(), 80);
    }

    void aFilterSelectsRuns() {
        GrpcFixture house;
        fill(house);
        const auto runs = [&](const std::string& filter) {
            api::ListInvocationsRequest request;
            request.set_filter(filter);
            request.set_limit(100);
            api::ListInvocationsOutput output;
            grpc::ClientContext context;
            return house.invocations->ListInvocations(&context, request, &output).ok() ? output.invocations_size() : -1;
        };
        QCOMPARE(runs(""), 20);
        QCOMPARE(runs("failed:yes"), 2);
        QCOMPARE(runs("status:timeout function:vid*"), 2);
        QCOMPARE(runs("function:img-* request:r-4,r-5"), 1);
        QCOMPARE(runs("no:such"), -1);
    }
};

QTEST_GUILESS_MAIN(TestGrpcLogs)
#include "tst_grpc_logs.moc"
