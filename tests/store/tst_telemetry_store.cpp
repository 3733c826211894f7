// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/connection.h"
#include "store/fixture.h"
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

TelemetryBatch::Line sampleLine(std::int64_t sequence, const std::string& message, const std::string& function = "f",
                                const std::string& request = "r") {
    TelemetryBatch::Line line;
    line.account = "1000";
    line.record.set_sequence(sequence);
    line.record.set_time(1'700'000'000'000.0 + static_cast<double>(sequence) + 0.125);
    line.record.set_function_name(function);
    line.record.set_request_id(request);
    line.record.set_qualifier("LATEST");
    line.record.set_instance_id("c-1");
    line.record.set_level("INFO");
    line.record.set_message(message);
    return line;
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
        for (const auto& invocation : test::run(m_store->invocations(std::move(filter))).value()) {
            sequences.push_back(invocation.sequence());
        }
        return sequences;
    }
    std::vector<std::int64_t> lines(LogFilter filter) {
        filter.account = "1000";
        std::vector<std::int64_t> sequences;
        for (const auto& record : test::run(m_store->logs(std::move(filter))).value()) {
            sequences.push_back(record.sequence());
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

    void recordsComeBackAsTheyWere() {
        const auto run = sampleRun(1);
        const auto line = sampleLine(1, std::string("a\0b", 3));
        VERIFY_OK(append({{run}, {line}}));
        const InvocationFilter all{.account = "1000"};
        const auto stored = test::run(m_store->invocations(all)).value();
        QCOMPARE(stored.size(), 1U);
        QCOMPARE(stored[0].SerializeAsString(), run.invocation.SerializeAsString());
        const LogFilter everything{.account = "1000"};
        const auto logs = test::run(m_store->logs(everything)).value();
        QCOMPARE(logs.size(), 1U);
        QCOMPARE(logs[0].SerializeAsString(), line.record.SerializeAsString());
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

    void linesAreTheNewestOldestFirst() {
        TelemetryBatch batch;
        for (int i = 1; i <= 6; ++i) {
            batch.lines.push_back(
                sampleLine(i, fmt::format("line {} %_", i), i % 2 == 0 ? "even" : "odd", i <= 3 ? "r1" : "r2"));
        }
        batch.lines.back().account = "2000";
        VERIFY_OK(append(batch));
        QCOMPARE(lines({}), (Sequences{1, 2, 3, 4, 5}));
        QCOMPARE(lines({.limit = 2}), (Sequences{4, 5}));
        QCOMPARE(lines({.afterSequence = 3}), (Sequences{4, 5}));
        QCOMPARE(lines({.limit = 2, .beforeSequence = 4}), (Sequences{2, 3}));
        QCOMPARE(lines({.functionName = "odd"}), (Sequences{1, 3, 5}));
        QCOMPARE(lines({.requestId = "r1"}), (Sequences{1, 2, 3}));
        QCOMPARE(lines({.functionName = "even", .requestId = "r1"}), (Sequences{2}));
        QCOMPARE(lines({.contains = "e 3"}), (Sequences{3}));
        QCOMPARE(lines({.contains = "%"}), (Sequences{1, 2, 3, 4, 5}));
        QCOMPARE(lines({.contains = "%line"}), Sequences{});
        const auto at = [](int i) { return SystemTime{std::chrono::microseconds{1'700'000'000'000'125 + i * 1000}}; };
        QCOMPARE(lines({.since = at(2), .until = at(4)}), (Sequences{2, 3, 4}));
        const LogFilter none{.account = "1000", .limit = 0};
        VERIFY_FAILS(test::run(m_store->logs(none)), Code::InvalidArgument, "InvalidArgument");
    }

    void sequencesGoOnAfterReopening() {
        QVERIFY((m_store->lastSequences().value() == std::pair<std::int64_t, std::int64_t>{0, 0}));
        VERIFY_OK(append({{sampleRun(41)}, {sampleLine(7, "x"), sampleLine(8, "y")}}));
        m_store.reset();
        m_database.reset();
        open();
        QVERIFY((m_store->lastSequences().value() == std::pair<std::int64_t, std::int64_t>{41, 8}));
    }

    void theOldestGoWhenThereAreTooMany() {
        VERIFY_OK(append({{sampleRun(1), sampleRun(2), sampleRun(3)}, {sampleLine(1, "a"), sampleLine(2, "b")}}));
        // Half a million runs later.
        VERIFY_OK(append({{sampleRun(500'002)}, {sampleLine(2'000'001, "c")}}));
        QCOMPARE(runs({}), (Sequences{500'002, 3}));
        QCOMPARE(lines({}), (Sequences{2, 2'000'001}));
    }

    void aBatchIsStoredWholeOrNotAtAll() {
        VERIFY_OK(append({{sampleRun(1)}, {}}));
        QVERIFY(!append({{sampleRun(2), sampleRun(1)}, {sampleLine(1, "x")}}).has_value());
        QCOMPARE(runs({}), (Sequences{1}));
        QCOMPARE(lines({}), Sequences{});
    }
};

QTEST_GUILESS_MAIN(TestTelemetryStore)
#include "tst_telemetry_store.moc"
