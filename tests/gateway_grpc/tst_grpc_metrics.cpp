// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What may be asked of metrics over gRPC.

#include "gateway_grpc/grpc_fixture.h"

using namespace hanshu;
using hanshu::tests::GrpcFixture;

namespace {

class Asked {
public:
    explicit Asked(GrpcFixture& house) : m_stub(api::MetricService::NewStub(house.channel)) {}

    grpc::Status operator()(const api::MetricQuery& query, api::MetricAnswer& answer) {
        grpc::ClientContext context;
        return m_stub->QueryMetrics(&context, query, &answer);
    }
    [[nodiscard]] api::MetricService::Stub& stub() { return *m_stub; }

private:
    std::unique_ptr<api::MetricService::Stub> m_stub;
};

void fill(GrpcFixture& house) {
    house.metrics->start({});
    for (int i = 0; i < 30; ++i) {
        telemetry::RunRecord run;
        run.account = i < 20 ? std::string(GrpcFixture::kAccount) : "9999999999999999";
        run.invocation.set_function_name(i % 2 == 0 ? "even" : "odd");
        run.invocation.set_qualifier("LATEST");
        run.invocation.set_instance_id("c-1");
        run.invocation.set_status("Succeeded");
        run.invocation.set_run_us(1000.0 * (i + 1));
        house.recorder->record(std::move(run));
    }
    house.recorder->flush();
    house.metrics->stop();
}

double total(const api::MetricAnswer& answer) {
    double sum = 0;
    for (const auto& line : answer.lines()) {
        for (const auto& point : line.points()) {
            sum += point.value();
        }
    }
    return sum;
}

}  // namespace

class TestGrpcMetrics : public QObject {
    Q_OBJECT

private slots:
    void aMetricIsALineOrALineEach() {
        GrpcFixture house;
        fill(house);
        Asked ask(house);
        api::MetricQuery query;
        query.set_metric("FunctionTotalInvocations");
        query.set_until(unixMilliseconds(house.clock.now() + std::chrono::minutes(1)));
        api::MetricAnswer answer;
        QVERIFY(ask(query, answer).ok());
        QCOMPARE(answer.lines_size(), 1);
        QCOMPARE(answer.lines(0).series(), 2);
        QCOMPARE(total(answer), 20.0);  // those of the other account are not seen
        query.add_group_by("function");
        QVERIFY(ask(query, answer).ok());
        QCOMPARE(answer.lines_size(), 2);
        QCOMPARE(answer.lines(0).function_name(), std::string("even"));
        query.set_function_name("o*");
        QVERIFY(ask(query, answer).ok());
        QCOMPARE(answer.lines_size(), 1);
        QCOMPARE(total(answer), 10.0);
    }

    void percentilesAreOfValues() {
        GrpcFixture house;
        fill(house);
        Asked ask(house);
        api::MetricQuery query;
        query.set_metric("FunctionDuration");
        query.set_aggregation("p50");
        query.set_max_points(1);
        query.set_until(unixMilliseconds(house.clock.now() + std::chrono::minutes(1)));
        api::MetricAnswer answer;
        QVERIFY(ask(query, answer).ok());
        QCOMPARE(answer.unit(), std::string("ms"));
        QVERIFY(std::abs(total(answer) - 10) < 1);
        query.set_aggregation("max");
        QVERIFY(ask(query, answer).ok());
        QCOMPARE(total(answer), 20.0);
    }

    void wrongQuestionsAreRefused_data() {
        QTest::addColumn<QString>("metric");
        QTest::addColumn<QString>("aggregation");
        QTest::addColumn<QString>("group");
        QTest::addColumn<double>("since");
        QTest::addColumn<int>("points");
        QTest::newRow("no such metric") << "Nothing" << "" << "function" << 0.0 << 0;
        QTest::newRow("no such aggregation") << "FunctionDuration" << "median" << "function" << 0.0 << 0;
        QTest::newRow("a percentile of nothing") << "FunctionDuration" << "p" << "function" << 0.0 << 0;
        QTest::newRow("a percentile of a counter") << "FunctionTotalInvocations" << "p99" << "function" << 0.0 << 0;
        QTest::newRow("no such dimension") << "FunctionDuration" << "" << "account" << 0.0 << 0;
        QTest::newRow("no time") << "FunctionDuration" << "" << "function" << -1.0 << 0;
        QTest::newRow("a time far away") << "FunctionDuration" << "" << "function" << 1e300 << 0;
        QTest::newRow("too many points") << "FunctionDuration" << "" << "function" << 0.0 << 100'000;
    }
    void wrongQuestionsAreRefused() {
        QFETCH(const QString, metric);
        QFETCH(const QString, aggregation);
        QFETCH(const QString, group);
        QFETCH(const double, since);
        QFETCH(const int, points);
        GrpcFixture house;
        Asked ask(house);
        api::MetricQuery query;
        query.set_metric(metric.toStdString());
        query.set_aggregation(aggregation.toStdString());
        query.add_group_by(group.toStdString());
        query.set_since(since);
        query.set_max_points(points);
        api::MetricAnswer answer;
        const auto status = ask(query, answer);
        QVERIFY2(status.error_code() ==
                     (metric == "Nothing" ? grpc::StatusCode::NOT_FOUND : grpc::StatusCode::INVALID_ARGUMENT),
                 status.error_message().c_str());
    }

    void everyMetricIsListed() {
        GrpcFixture house;
        Asked ask(house);
        api::ListMetricsOutput output;
        grpc::ClientContext context;
        QVERIFY(ask.stub().ListMetrics(&context, api::Empty(), &output).ok());
        QCOMPARE(static_cast<std::size_t>(output.metrics_size()), metrics::metricTable().size());
        for (const auto& metric : output.metrics()) {
            QVERIFY(!metric.help().empty() && !metric.kind().empty());
        }
    }
};

QTEST_GUILESS_MAIN(TestGrpcMetrics)
#include "tst_grpc_metrics.moc"
