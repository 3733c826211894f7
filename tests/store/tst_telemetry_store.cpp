// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/lists.h"
#include "store/connection.h"
#include "store/fixture.h"
#include "store/run_record.h"
#include "store/telemetry_store.h"

#include <fmt/format.h>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;

namespace {

TelemetryBatch::Run sampleRun(std::int64_t sequence, const std::string& function = "f",
                              const std::string& status = "Succeeded") {
    TelemetryBatch::Run run;
    run.account = "1000";
    run.invocation.set_sequence(sequence);
    run.invocation.set_function_name(function);
    run.invocation.set_request_id(fmt::format("1-00000000-{:024}", sequence));
    run.invocation.set_status(status);
    run.invocation.set_run_us(1234.5);
    return run;
}

}  // namespace

class TestTelemetryStore : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    std::unique_ptr<Database> m_database;
    std::unique_ptr<TelemetryStore> m_store;

    void open() {
        auto database = Database::open({.path = m_folder.filePath("telemetry.db").toStdString(),
                                        .migrations = telemetryMigrations(),
                                        .fullSync = false});
        VERIFY_OK(database);
        m_database = std::move(*database);
        m_store = makeSqliteTelemetryStore(*m_database);
    }
    Result<void> append(TelemetryBatch batch) {
        std::promise<Result<void>> promise;
        m_store->append(std::move(batch), [&](Result<void> result) { promise.set_value(std::move(result)); });
        return promise.get_future().get();
    }
    std::vector<std::int64_t> runs(InvocationFilter filter) {
        filter.account = "1000";
        std::vector<std::int64_t> sequences;
        const auto found = test::run(m_store->invocations(std::move(filter))).value();
        for (const auto& invocation : found) {
            sequences.push_back(invocation.sequence());
        }
        return sequences;
    }
    using Sequences = std::vector<std::int64_t>;

private slots:
    void init() { open(); }
    void cleanup() {
        m_store.reset();
        m_database.reset();
        for (const auto& name : QDir(m_folder.path()).entryList(QDir::Files)) {
            QVERIFY(QFile::remove(m_folder.filePath(name)));
        }
    }

    void runsComeBackAsTheyWere() {
        const auto run = sampleRun(1);
        VERIFY_OK(append({{run}}));
        const InvocationFilter all{.account = "1000"};
        const auto stored = test::run(m_store->invocations(all)).value();
        QCOMPARE(stored.size(), 1U);
        QCOMPARE(stored[0].SerializeAsString(), run.invocation.SerializeAsString());
    }

    void runsAreNewestFirstFilteredAndPaged() {
        TelemetryBatch batch;
        for (int i = 1; i <= 6; ++i) {
            batch.runs.push_back(sampleRun(i, i % 2 == 0 ? "even" : "odd", i == 5 ? "Timeout" : "Succeeded"));
        }
        batch.runs.back().account = "2000";
        VERIFY_OK(append(batch));
        QCOMPARE(runs({}), (Sequences{5, 4, 3, 2, 1}));
        QCOMPARE(runs({.limit = 2}), (Sequences{5, 4}));
        QCOMPARE(runs({.beforeSequence = 4, .limit = 2}), (Sequences{3, 2}));
        QCOMPARE(runs({.functionName = "odd"}), (Sequences{5, 3, 1}));
        QCOMPARE(runs({.functionName = "odd", .beforeSequence = 3}), (Sequences{1}));
        QCOMPARE(runs({.status = "Timeout"}), (Sequences{5}));
        QCOMPARE(runs({.functionName = "odd", .status = "Succeeded"}), (Sequences{3, 1}));
        QCOMPARE(runs({.requestId = batch.runs[1].invocation.request_id()}), (Sequences{2}));
        QCOMPARE(runs({.functionName = "odd", .requestId = batch.runs[1].invocation.request_id()}), Sequences{});
        const InvocationFilter none{.account = "1000", .limit = 0};
        VERIFY_FAILS(test::run(m_store->invocations(none)), Code::InvalidArgument, "InvalidArgument");
    }

    // Runs of every kind that a filter can tell apart.
    static std::vector<TelemetryBatch::Run> variedRuns() {
        std::vector<TelemetryBatch::Run> runs;
        for (int i = 1; i <= 40; ++i) {
            auto run = sampleRun(i, fmt::format("img-{}", i % 3), i % 4 == 0 ? "Timeout" : "Succeeded");
            auto& invocation = run.invocation;
            invocation.set_started_time(1'700'000'000'000.0 + i * 60'000);
            invocation.set_source(i % 5 == 0 ? "timer" : "api");
            invocation.set_trigger_name(i % 5 == 0 ? "hourly" : "");
            invocation.set_invocation_type(i % 2 == 0 ? "Async" : "Sync");
            invocation.set_qualifier("LATEST");
            invocation.set_instance_id(i % 7 == 0 ? "" : fmt::format("c-{}", i % 3));
            invocation.set_cold_start(i % 6 == 0);
            invocation.set_run_us(i * 100'000.0);
            invocation.set_memory_peak(i * 1048576.0);
            invocation.set_attempt(i % 3);
            invocation.set_error_type(i % 4 == 0 ? "FunctionTimeout" : "");
            invocation.set_error_message(i % 4 == 0 ? fmt::format("timed out after {} seconds", i) : "");
            runs.push_back(std::move(run));
        }
        return runs;
    }

    void aFilterGivesWhatItMatches_data() {
        QTest::addColumn<QString>("filter");
        for (const auto* filter : {"",
                                   "status:timeout",
                                   "-status:ok",
                                   "failed:yes",
                                   "function:img-1",
                                   "function:img-*",
                                   "-trigger:*",
                                   "trigger:hourly",
                                   "source:timer",
                                   "type:async",
                                   "cold:yes",
                                   "cold:no",
                                   "-cold:*",
                                   "duration:>2s",
                                   "duration:1s..2s",
                                   "memory:>=10MiB",
                                   "attempt:2",
                                   "error:FunctionTimeout",
                                   "message:seconds",
                                   "\"after 8\"",
                                   "/after (8|12) /",
                                   "instance:c-1",
                                   "since:2023-11-14T22:30:00Z",
                                   "function:img-1 OR function:img-2",
                                   "(function:img-1 status:timeout) OR (function:img-1 cold:yes)",
                                   "request:1-00000000-000000000000000000000007",
                                   "-*"}) {
            QTest::newRow(filter) << filter;
        }
    }
    void aFilterGivesWhatItMatches() {
        QFETCH(const QString, filter);
        const auto all = variedRuns();
        VERIFY_OK(append({all}));
        const auto query =
            query::compile(filter.toStdString(), query::runSchema(), {.now = SystemTime{std::chrono::hours(480'000)}});
        VERIFY_OK(query);
        Sequences expected;
        for (auto run = all.rbegin(); run != all.rend(); ++run) {
            if (query->matches(RunRecord(run->invocation))) {
                expected.push_back(run->invocation.sequence());
            }
        }
        QVERIFY2(!expected.empty() || filter == "-*", "a filter that matches nothing shows nothing");
        QVERIFY2(
            expected.size() < all.size() || filter.isEmpty() || filter == "function:img-*" || filter == "-status:none",
            "a filter that matches everything shows nothing");
        QCOMPARE(runs({.limit = 100, .query = *query}), expected);
        // Pages give the same.
        Sequences paged;
        for (auto before = std::int64_t{0};;) {
            const auto page = runs({.beforeSequence = before, .limit = 3, .query = *query});
            paged.insert(paged.end(), page.begin(), page.end());
            if (page.size() < 3) {
                break;
            }
            before = page.back();
        }
        QCOMPARE(paged, expected);
    }

    void sequencesGoOnAfterReopening() {
        QCOMPARE(m_store->lastSequence().value(), 0);
        VERIFY_OK(append({{sampleRun(41)}}));
        m_store.reset();
        m_database.reset();
        open();
        QCOMPARE(m_store->lastSequence().value(), 41);
    }

    void theOldestGoWhenThereAreTooMany() {
        VERIFY_OK(append({{sampleRun(1), sampleRun(2), sampleRun(3)}}));
        // Half a million runs later.
        VERIFY_OK(append({{sampleRun(500'002)}}));
        QCOMPARE(runs({}), (Sequences{500'002, 3}));
    }

    void aBatchIsStoredWholeOrNotAtAll() {
        VERIFY_OK(append({{sampleRun(1)}}));
        QVERIFY(!append({{sampleRun(2), sampleRun(1)}}).has_value());
        QCOMPARE(runs({}), (Sequences{1}));
    }
};

QTEST_GUILESS_MAIN(TestTelemetryStore)
#include "tst_telemetry_store.moc"
