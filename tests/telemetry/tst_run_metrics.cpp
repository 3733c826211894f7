// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What runs leave in the metrics, asked as a chart would.

#include "telemetry/metrics_keeper.h"
#include "telemetry/run_metrics.h"

#include "base/io_pool.h"

#include <QTemporaryDir>
#include <QTest>

using namespace hanshu;
using namespace hanshu::telemetry;
using namespace std::chrono_literals;

namespace {

api::Invocation runOf(const std::string& status, const std::string& function = "f") {
    api::Invocation run;
    run.set_function_name(function);
    run.set_qualifier("LATEST");
    run.set_status(status);
    run.set_instance_id("c-1");
    run.set_invocation_type("Sync");
    run.set_run_us(20'000);
    run.set_schedule_us(100);
    run.set_memory_size(512);
    run.set_memory_peak(128.0 * 1048576);
    run.set_billed_duration_ms(20);
    run.set_request_bytes(10);
    run.set_response_bytes(30);
    return run;
}

api::Invocation refused(const std::string& status, const std::string& reason) {
    auto run = runOf(status);
    run.clear_instance_id();
    run.set_error_type(reason);
    return run;
}

}  // namespace

class TestRunMetrics : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    SystemClock m_clock;
    IoPool m_io{1};
    std::unique_ptr<MetricsKeeper> m_keeper;
    SystemTime m_begun;

    // The value of a metric over the time of the test.
    double value(const std::string& name, const std::string& function = "*", const std::string& detail = "") {
        auto query = metrics::Query::byName(name, m_begun - 1h, m_begun + 1h).value();
        query.filter.function = function;
        if (!detail.empty()) {
            query.filter.detail = detail;
        }
        query.maxPoints = 1;
        query.groupBy = {};
        const auto answer = runBlocking(m_io.context(0).get_executor(), m_keeper->query(query));
        if (!answer) {
            qFatal("%s: %s", name.c_str(), answer.error().describe().c_str());
        }
        double sum = 0;
        for (const auto& line : answer->lines) {
            for (const auto& point : line.points) {
                sum += point.value;
            }
        }
        return sum;
    }

private slots:
    void init() {
        m_begun = m_clock.now();
        auto keeper = MetricsKeeper::open(m_folder.filePath(QTest::currentTestFunction()).toStdString(), m_clock);
        QVERIFY(keeper.has_value());
        m_keeper = std::move(*keeper);
    }
    void cleanup() { m_keeper.reset(); }

    void runsAreCountedByTheirEnds() {
        RunMetrics metrics(m_keeper->registry());
        m_keeper->start({});
        for (const auto* status :
             {"Succeeded", "Succeeded", "FunctionError", "Timeout", "OutOfMemory", "PlatformError"}) {
            metrics.count("1000", runOf(status));
        }
        metrics.count("1000", runOf("Succeeded", "g"));
        metrics.count("1000", refused("Throttled", "ResourceExhausted"));
        metrics.count("1000", refused("Throttled", "ResourceThrottled"));
        metrics.count("1000", refused("Denied", "AccessDenied"));
        m_keeper->stop();
        QCOMPARE(value("FunctionTotalInvocations"), 10.0);
        QCOMPARE(value("FunctionTotalInvocations", "g"), 1.0);
        QCOMPARE(value("FunctionBillableInvocations", "f"), 6.0);
        QCOMPARE(value("FunctionFunctionErrors"), 3.0);
        QCOMPARE(value("FunctionFunctionErrors", "f", "Timeout"), 1.0);
        QCOMPARE(value("FunctionServerErrors"), 1.0);
        QCOMPARE(value("FunctionConcurrencyThrottles"), 1.0);
        QCOMPARE(value("FunctionResourceThrottles"), 1.0);
        QCOMPARE(value("FunctionThrottles", "f", "concurrency"), 1.0);
        QCOMPARE(value("FunctionClientErrors"), 1.0);
        QCOMPARE(value("RegionTotalInvocations"), 10.0);
    }

    void whatRunsTookIsTold() {
        RunMetrics metrics(m_keeper->registry());
        m_keeper->start({});
        for (int i = 1; i <= 100; ++i) {
            auto run = runOf("Succeeded");
            run.set_run_us(i * 1000.0);
            metrics.count("1000", run);
        }
        m_keeper->stop();
        QCOMPARE(value("FunctionMaxDuration"), 100.0);
        QVERIFY(std::abs(value("FunctionP99Duration") - 99) < 1.5);
        QVERIFY(std::abs(value("FunctionAvgDuration") - 50.5) < 0.01);
        QCOMPARE(value("FunctionBilledDuration"), 2000.0);        // ms
        QCOMPARE(value("FunctionMemoryTime"), 100 * 0.5 * 0.02);  // GB·s
        QCOMPARE(value("FunctionMaxMemoryUsageMB"), 128.0);
        QVERIFY(std::abs(value("FunctionMaxMemoryUtilization") - 0.25) < 0.01);
        QCOMPARE(value("FunctionRXBytes"), 1000.0);
        QCOMPARE(value("FunctionTXBytes"), 3000.0);
    }

    void coldStartsHavePhases() {
        RunMetrics metrics(m_keeper->registry());
        m_keeper->start({});
        auto run = runOf("Succeeded");
        run.set_cold_start(true);
        run.set_start_us(4000);
        run.set_init_us(6000);
        metrics.count("1000", run);
        metrics.count("1000", runOf("Succeeded"));
        m_keeper->stop();
        QCOMPARE(value("FunctionColdStarts"), 1.0);
        QCOMPARE(value("FunctionColdStartDuration", "f", "all"), 10.0);
        QCOMPARE(value("FunctionColdStartDuration", "f", "init"), 6.0);
    }

    void gaugesAreSampledAndEndedSeriesAreForgotten() {
        RunMetrics metrics(m_keeper->registry());
        metrics.count("1000", runOf("Succeeded"));
        std::atomic<int> sampled{0};
        m_keeper->start([&](metrics::Registry& registry) {
            registry.gauge("StockLevel", {}).value().set(7);
            ++sampled;
        });
        QTRY_VERIFY(sampled > 0);
        m_keeper->stop();
        QCOMPARE(value("StockLevel"), 7.0);
        QVERIFY(
            m_keeper->exposition().find("hanshu_function_invocations_total{account=\"1000\",function=\"f\",qualifier="
                                        "\"LATEST\"} 1\n") != std::string::npos);
        m_keeper->start({});
        m_keeper->forget("1000", "f");
        QTRY_VERIFY_WITH_TIMEOUT(m_keeper->exposition().find("function=\"f\"") == std::string::npos, 30'000);
        // What was measured before is still there.
        QCOMPARE(value("FunctionTotalInvocations", "f"), 1.0);
    }
};

QTEST_GUILESS_MAIN(TestRunMetrics)
#include "tst_run_metrics.moc"
