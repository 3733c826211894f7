// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/async.h"
#include "invoke/instance_log.h"

#include <QTest>

using namespace hanshu;
using namespace hanshu::invoke;

namespace {

class Notebook final : public telemetry::Recorder {
public:
    void record(telemetry::RunRecord) override { qFatal("lines belong to no run"); }
    void recordLines(const std::string& account, const api::Invocation& of,
                     std::vector<telemetry::LogLine> lines) override {
        accounts.push_back(account);
        identity = of;
        for (auto& line : lines) {
            messages.push_back(std::move(line.message));
        }
    }
    [[nodiscard]] std::unique_ptr<telemetry::Subscription> watch(telemetry::Watcher) override { return nullptr; }
    [[nodiscard]] telemetry::Totals totals() const override { return {}; }
    void flush() override {}

    std::vector<std::string> accounts;
    api::Invocation identity;
    std::vector<std::string> messages;
};

catalog::FunctionSpec spec() {
    catalog::FunctionSpec made;
    made.account = "1234";
    made.versionId = "7";
    made.qualifier = "live";
    made.function.set_function_name("f");
    return made;
}

}  // namespace

class TestInstanceLog : public QObject {
    Q_OBJECT
private slots:
    void linesAreTheInstancesAndOfNoRequest() {
        Notebook notebook;
        const ManualClock clock;
        auto sink = instanceSink(notebook, clock, spec(), InstanceId{"i-1"});
        sink("one\ntw");
        QCOMPARE(notebook.messages, std::vector<std::string>{"one"});
        sink("o\n");
        QCOMPARE(notebook.messages, (std::vector<std::string>{"one", "two"}));
        QCOMPARE(notebook.accounts.front(), std::string("1234"));
        QCOMPARE(notebook.identity.request_id(), std::string());
        QCOMPARE(notebook.identity.instance_id(), std::string("i-1"));
        QCOMPARE(notebook.identity.function_name(), std::string("f"));
        QCOMPARE(notebook.identity.version_id(), std::string("7"));
        QCOMPARE(notebook.identity.qualifier(), std::string("live"));
    }

    void anOpenLineIsRecordedAtTheEnd() {
        Notebook notebook;
        const ManualClock clock;
        auto sink = instanceSink(notebook, clock, spec(), InstanceId{"i-1"});
        sink("bye");
        QVERIFY(notebook.messages.empty());
        sink = nullptr;
        QCOMPARE(notebook.messages, std::vector<std::string>{"bye"});
    }

    void itIsBoundedByTheHour() {
        Notebook notebook;
        ManualClock clock;
        auto sink = instanceSink(notebook, clock, spec(), InstanceId{"i-1"});
        const std::string line = std::string(999, 'x') + "\n";
        for (std::size_t written = 0; written < 2 * kMaxRunLogBytes; written += line.size()) {
            sink(line);
        }
        QVERIFY(notebook.messages.size() * line.size() < kMaxRunLogBytes + (64 << 10));
        clock.set(clock.now() + std::chrono::hours(1));
        sink("heard again\n");
        QCOMPARE(notebook.messages.back(), std::string("heard again"));
        QVERIFY(notebook.messages[notebook.messages.size() - 2].find("dropped") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestInstanceLog)
#include "tst_instance_log.moc"
