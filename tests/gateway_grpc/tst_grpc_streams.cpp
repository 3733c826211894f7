// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/news_buffer.h"
#include "gateway_grpc/grpc_fixture.h"

#include <thread>

using namespace hanshu;
using hanshu::tests::GrpcFixture;

namespace {

void record(GrpcFixture& house, const std::string& function, int count, const std::string& text = "line") {
    for (int i = 0; i < count; ++i) {
        telemetry::RunRecord run;
        run.account = GrpcFixture::kAccount;
        run.invocation.set_function_name(function);
        run.invocation.set_request_id(newRequestId().value);
        run.invocation.set_status("Succeeded");
        run.lines.push_back({.time = house.clock.now(), .message = text});
        house.recorder->record(std::move(run));
    }
}

std::vector<api::LogRecord> recordsOf(const api::LogBatch& batch) {
    return {batch.records().begin(), batch.records().end()};
}

}  // namespace

class TestGrpcStreams : public QObject {
    Q_OBJECT

private slots:
    void aWatchOfFunctionsIsASnapshotAndThenEveryChange() {
        GrpcFixture house;
        api::FunctionReply made;
        QVERIFY(house.deploy("a", made).ok());
        QVERIFY(house.deploy("b", made).ok());
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
        const auto reader = house.functions->WatchFunctions(&context, api::Empty());
        std::vector<std::pair<api::FunctionChange::Kind, std::string>> seen;
        std::int64_t cursor = 0;
        const auto next = [&] {
            api::FunctionChange change;
            QVERIFY(reader->Read(&change));
            QVERIFY(change.cursor() > cursor);
            cursor = change.cursor();
            seen.emplace_back(change.kind(), change.function().function_name());
        };
        for (int i = 0; i < 3; ++i) {
            next();
        }
        QVERIFY(house.deploy("c", made).ok());
        next();
        api::NameRequest request;
        request.set_name("a");
        api::Empty nothing;
        grpc::ClientContext deleteContext;
        QVERIFY(house.functions->DeleteFunction(&deleteContext, request, &nothing).ok());
        next();
        const decltype(seen) expected{{api::FunctionChange::SNAPSHOT, "a"},
                                      {api::FunctionChange::SNAPSHOT, "b"},
                                      {api::FunctionChange::SNAPSHOT_END, ""},
                                      {api::FunctionChange::PUT, "c"},
                                      {api::FunctionChange::DELETED, "a"}};
        QVERIFY(seen == expected);
        context.TryCancel();
        QCOMPARE(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
    }

    void aTailShowsTheBacklogAndThenWhatComesOfItsFunctionAlone() {
        GrpcFixture house;
        record(house, "f", 10, "old");
        record(house, "g", 10, "of another");
        api::TailLogsRequest request;
        request.mutable_which()->set_function_name("f");
        request.set_backlog(3);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
        const auto reader = house.logs->TailLogs(&context, request);
        api::LogBatch batch;
        QVERIFY(reader->Read(&batch));
        QCOMPARE(batch.records_size(), 3);
        auto last = batch.records(2).sequence();
        record(house, "g", 1);
        record(house, "f", 2, "new");
        int fresh = 0;
        while (fresh < 2) {
            QVERIFY(reader->Read(&batch));
            for (const auto& line : recordsOf(batch)) {
                QCOMPARE(line.message(), std::string("new"));
                QVERIFY(line.sequence() > last);
                last = line.sequence();
                ++fresh;
            }
        }
        context.TryCancel();
        reader->Finish();
    }

    // A connection that breaks at any moment: whoever resumes with the last cursor sees each line once.
    void aTailThatResumesMissesNothingAndRepeatsNothing() {
        GrpcFixture house;
        std::atomic<bool> stop{false};
        std::atomic<int> written{0};
        std::thread writer([&] {
            while (!stop && written < 900) {
                record(house, "f", 1);
                ++written;
                std::this_thread::yield();
            }
        });
        std::vector<std::int64_t> seen;
        std::int64_t cursor = 0;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while ((written < 900 || static_cast<int>(seen.size()) < 900) && std::chrono::steady_clock::now() < deadline) {
            api::TailLogsRequest request;
            request.set_after_sequence(cursor);
            request.set_backlog(cursor == 0 ? 1000 : 0);
            grpc::ClientContext context;
            context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
            const auto reader = house.logs->TailLogs(&context, request);
            api::LogBatch batch;
            for (int i = 0; i < 2 && reader->Read(&batch); ++i) {
                QCOMPARE(batch.gap(), 0);
                for (const auto& line : recordsOf(batch)) {
                    seen.push_back(line.sequence());
                    cursor = line.sequence();
                }
                if (seen.size() == 900) {
                    break;
                }
            }
            context.TryCancel();
            reader->Finish();
        }
        stop = true;
        writer.join();
        QCOMPARE(seen.size(), std::size_t{900});
        QVERIFY(std::ranges::is_sorted(seen));
        QVERIFY(std::ranges::adjacent_find(seen) == seen.end());
    }

    void aWatchOfRunsResumesAfterItsCursor() {
        GrpcFixture house;
        record(house, "f", 5);
        const auto watch = [&](std::int64_t after, grpc::ClientContext& context) {
            context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
            api::WatchInvocationsRequest request;
            request.set_after_sequence(after);
            return house.invocations->WatchInvocations(&context, request);
        };
        grpc::ClientContext all;
        const auto fromStart = watch(0, all);
        api::InvocationBatch batch;
        QVERIFY(fromStart->Read(&batch));
        QCOMPARE(batch.invocations_size(), 5);
        const auto third = batch.invocations(2).sequence();
        all.TryCancel();
        fromStart->Finish();

        grpc::ClientContext some;
        const auto resumed = watch(third, some);
        QVERIFY(resumed->Read(&batch));
        QCOMPARE(batch.invocations_size(), 2);
        QCOMPARE(batch.gap(), 0);
        QVERIFY(batch.invocations(0).sequence() > third);
        some.TryCancel();
        resumed->Finish();
    }

    void aSlowReaderIsToldHowManyItMissed() {
        constexpr int kPushed = 1000;
        constexpr int kKept = 10;
        gateway::NewsBuffer<api::LogRecord> buffer({.items = kKept, .bytes = 1 << 20, .batchItems = 4});
        for (int i = 0; i < kPushed; ++i) {
            api::LogRecord line;
            line.set_sequence(i);
            buffer.push(std::move(line));
        }
        IoPool io(1);
        std::int64_t gap = 0;
        std::vector<std::int64_t> seen;
        while (seen.size() < kKept) {
            auto batch = runBlocking(io.context(0).get_executor(), buffer.take());
            QVERIFY(batch.has_value());
            QVERIFY(batch->items.size() <= 4);
            gap += batch->gap;
            for (const auto& line : batch->items) {
                seen.push_back(line.sequence());
            }
        }
        QCOMPARE(gap, kPushed - kKept);
        QCOMPARE(seen.front(), kPushed - kKept);
        QCOMPARE(seen.back(), kPushed - 1);
        buffer.end({Code::Cancelled, "ClientClosedRequest", {}, {}});
        QVERIFY(!runBlocking(io.context(0).get_executor(), buffer.take()).has_value());
    }

    void aBufferIsBoundedByItsBytesToo() {
        gateway::NewsBuffer<api::LogRecord> buffer({.items = 1000, .bytes = 10'000, .batchItems = 1000});
        for (int i = 0; i < 100; ++i) {
            api::LogRecord line;
            line.set_message(std::string(1000, 'x'));
            buffer.push(std::move(line));
        }
        IoPool io(1);
        const auto batch = runBlocking(io.context(0).get_executor(), buffer.take());
        QVERIFY(batch.has_value());
        QVERIFY(batch->items.size() <= 10);
        QCOMPARE(batch->gap + static_cast<std::int64_t>(batch->items.size()), 100);
    }

    // A client that asks for a stream and never reads: nothing grows without end, and all is freed when it goes.
    void aReaderThatNeverReadsHoldsNobodyUp() {
        GrpcFixture house;
        record(house, "f", 1);
        api::TailLogsRequest request;
        request.set_backlog(1);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        const auto reader = house.logs->TailLogs(&context, request);
        api::LogBatch batch;
        QVERIFY(reader->Read(&batch));  // from here on it follows
        for (int i = 0; i < 40; ++i) {
            record(house, "f", 500, std::string(1000, 'x'));
            house.recorder->flush();
        }
        api::QueryLogsRequest query;
        query.set_limit(1);
        grpc::ClientContext queryContext;
        QVERIFY(house.logs->QueryLogs(&queryContext, query, &batch).ok());
        std::int64_t seen = 0;
        std::int64_t gap = 0;
        while (seen + gap < 20'000 && reader->Read(&batch)) {
            seen += batch.records_size();
            gap += batch.gap();
        }
        QCOMPARE(seen + gap, 20'000);
        QVERIFY(gap > 0);
        context.TryCancel();
        reader->Finish();
    }

    void manyStreamsThatAreCancelledAtOnceLeaveTheServerWell() {
        GrpcFixture house;
        std::vector<std::thread> clients;
        for (int i = 0; i < 4; ++i) {
            clients.emplace_back([&] {
                for (int round = 0; round < 100; ++round) {
                    grpc::ClientContext context;
                    const auto reader = house.logs->TailLogs(&context, api::TailLogsRequest());
                    if (round % 2 == 0) {
                        record(house, "f", 1);
                        api::LogBatch batch;
                        reader->Read(&batch);
                    }
                    context.TryCancel();
                    reader->Finish();
                }
            });
        }
        // Who reads needs a line that comes after its stream has begun.
        std::atomic<bool> stop{false};
        std::thread writer([&] {
            while (!stop) {
                record(house, "f", 1);
                house.recorder->flush();
            }
        });
        for (auto& client : clients) {
            client.join();
        }
        stop = true;
        writer.join();
        api::ListFunctionsOutput list;
        grpc::ClientContext context;
        QVERIFY(house.functions->ListFunctions(&context, api::ListRequest(), &list).ok());
    }
};

QTEST_GUILESS_MAIN(TestGrpcStreams)
#include "tst_grpc_streams.moc"
