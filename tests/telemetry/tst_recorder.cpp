// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/schema.h"
#include "store/telemetry_store.h"
#include "telemetry/intake.h"
#include "telemetry/log_book.h"
#include "telemetry/recorder.h"

#include <QTemporaryDir>
#include <QTest>
#include <latch>
#include <set>
#include <thread>

using namespace hanshu;
using namespace hanshu::telemetry;
using namespace std::chrono_literals;

namespace {

// Keeps batches in memory; can be made to hang or to refuse.
class MemoryStore final : public store::TelemetryStore {
public:
    void append(store::TelemetryBatch batch, std::function<void(Result<void>)> done) override {
        std::unique_lock lock(m_mutex);
        m_asked = true;
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return !m_stuck; });
        if (m_refuses) {
            lock.unlock();
            done(fail(Code::ResourceExhausted, "StorageFull"));
            return;
        }
        ++m_batches;
        for (auto& run : batch.runs) {
            m_runs.push_back(std::move(run));
        }
        lock.unlock();
        done({});
    }
    [[nodiscard]] Task<Result<std::vector<api::Invocation>>> invocations(store::InvocationFilter) override {
        co_return internalError("not asked for");
    }
    [[nodiscard]] Result<std::int64_t> lastSequence() override { return 100; }

    LogBook& book() { return *m_book; }

    void setRefuses(bool refuses) {
        const std::lock_guard lock(m_mutex);
        m_refuses = refuses;
    }
    void setStuck(bool stuck) {
        const std::lock_guard lock(m_mutex);
        m_stuck = stuck;
        m_changed.notify_all();
    }
    void waitUntilAsked() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_asked; });
    }
    std::vector<store::TelemetryBatch::Run> runs() {
        const std::lock_guard lock(m_mutex);
        return m_runs;
    }
    std::vector<logs::Line> lines(const std::string& account = "1000") {
        return m_book->viewOf(account)->lines({}, {.limit = 10'000, .order = logs::Order::OldestFirst}).lines;
    }
    int batches() {
        const std::lock_guard lock(m_mutex);
        return m_batches;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_refuses = false;
    bool m_stuck = false;
    bool m_asked = false;
    int m_batches = 0;
    std::vector<store::TelemetryBatch::Run> m_runs;
    const QTemporaryDir m_folder;
    const ManualClock m_clock{SystemTime{1s}};  // by the real one, its lines are too old to be kept
    std::unique_ptr<LogBook> m_book =
        LogBook::open(m_folder.filePath("logs").toStdString(), LogKeeping(), m_clock).value();
};

RunRecord sampleRun(const std::string& request, const std::string& status = "Succeeded", std::size_t lines = 0) {
    RunRecord record;
    record.account = "1000";
    record.invocation.set_function_name("f");
    record.invocation.set_qualifier("LATEST");
    record.invocation.set_instance_id("c-1");
    record.invocation.set_request_id(request);
    record.invocation.set_status(status);
    record.invocation.set_run_us(2'000'000);
    record.invocation.set_gb_seconds(0.5);
    for (std::size_t i = 0; i < lines; ++i) {
        record.lines.push_back({SystemTime{1s}, logs::Level::Info, logs::Stream::Logger, "line " + std::to_string(i)});
    }
    return record;
}

}  // namespace

class TestRecorder : public QObject {
    Q_OBJECT

private slots:
    void billsAreWholeMillisecondsRoundedUp() {
        const auto bill = [](std::chrono::microseconds run, int memory) { return billFor(run, memory); };
        QCOMPARE(bill(3870us, 1024).billedMs, 4.0);  // the reference's own example, section 7
        QCOMPARE(bill(4000us, 1024).billedMs, 4.0);
        QCOMPARE(bill(4001us, 1024).billedMs, 5.0);
        QCOMPARE(bill(1us, 1024).billedMs, 1.0);
        QCOMPARE(bill(0us, 1024).billedMs, 0.0);
        QCOMPARE(bill(-5us, 1024).billedMs, 0.0);
        QCOMPARE(bill(200ms, 512).gbSeconds, 0.1);
        QCOMPARE(bill(1s, 128).gbSeconds, 0.125);
        QCOMPARE(bill(24h, 3072).gbSeconds, 259'200.0);
    }

    void recordsAreStoredInOrderWithSequencesThatGoOn() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        recorder->record(sampleRun("a", "Succeeded", 2));
        recorder->record(sampleRun("b"));
        recorder->flush();
        const auto runs = store.runs();
        QCOMPARE(runs.size(), 2U);
        QCOMPARE(runs[0].account, std::string("1000"));
        QCOMPARE(runs[0].invocation.request_id(), std::string("a"));
        QCOMPARE(runs[0].invocation.sequence(), 101);
        QCOMPARE(runs[1].invocation.sequence(), 102);
        const auto lines = store.lines();
        QCOMPARE(lines.size(), 2U);
        QCOMPARE(lines[1].sequence, 2U);
        QCOMPARE(lines[1].message, std::string("line 1"));
        QCOMPARE(lines[1].requestId, std::string("a"));
        QCOMPARE(lines[1].function, std::string("f"));
        QCOMPARE(lines[1].instance, std::string("c-1"));
        QCOMPARE(lines[1].qualifier, std::string("LATEST"));
        QVERIFY(lines[1].level == logs::Level::Info && lines[1].stream == logs::Stream::Logger);
        QVERIFY(lines[1].time == SystemTime{1s});
    }

    void linesOfARunThatStillGoesComeFirstAndOnce() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        auto run = sampleRun("a");
        recorder->recordLines("1000", run.invocation, {{.time = SystemTime{1s}, .message = "early"}});
        recorder->recordLines("1000", run.invocation, {});
        recorder->flush();
        QVERIFY(store.runs().empty());
        QCOMPARE(store.lines().size(), 1U);
        run.lines.push_back({.time = SystemTime{2s}, .message = "late"});
        recorder->record(std::move(run));
        recorder->flush();
        QCOMPARE(store.runs().size(), 1U);
        QCOMPARE(store.lines().size(), 2U);
        QCOMPARE(store.lines()[1].message, std::string("late"));
    }

    void nothingIsLostWhenTheRecorderEnds() {
        MemoryStore store;
        auto recorder = makeRecorder(store, store.book());
        for (int i = 0; i < 1000; ++i) {
            recorder->record(sampleRun(std::to_string(i)));
        }
        recorder.reset();
        QCOMPARE(store.runs().size(), 1000U);
    }

    void recordsArriveByThemselvesInBatches() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        recorder->record(sampleRun("first"));
        QTRY_COMPARE(store.runs().size(), 1U);
        for (int i = 0; i < 5000; ++i) {
            recorder->record(sampleRun("x"));
        }
        QTRY_COMPARE(store.runs().size(), 5001U);
        QVERIFY2(store.batches() < 500, std::to_string(store.batches()).c_str());
    }

    void bytesThatAreNoTextBecomeReplacementCharacters() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        auto run = sampleRun("a");
        run.lines.push_back({.time = SystemTime{1s}, .message = "ok \xff\xfe \xe5\x87\xbd \xe5\x87"});
        run.invocation.set_error_message("bad \x80");
        recorder->record(std::move(run));
        recorder->flush();
        QCOMPARE(store.lines()[0].message,
                 std::string("ok \xef\xbf\xbd\xef\xbf\xbd \xe5\x87\xbd \xef\xbf\xbd\xef\xbf\xbd"));
        QCOMPARE(store.runs()[0].invocation.error_message(), std::string("bad \xef\xbf\xbd"));
    }

    void totalsCountByStatus() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        for (const auto* status : {"Succeeded", "FunctionError", "Timeout", "OutOfMemory", "Exited", "Throttled",
                                   "Denied", "Disabled", "PlatformError", "Canceled"}) {
            recorder->record(sampleRun("x", status));
        }
        auto cold = sampleRun("x");
        cold.invocation.set_cold_start(true);
        recorder->record(std::move(cold));
        const auto totals = recorder->totals();
        QCOMPARE(totals.invocations, 11U);
        QCOMPARE(totals.functionErrors, 4U);
        QCOMPARE(totals.throttles, 1U);
        QCOMPARE(totals.denied, 1U);
        QCOMPARE(totals.disabled, 1U);
        QCOMPARE(totals.platformErrors, 1U);
        QCOMPARE(totals.coldStarts, 1U);
        QCOMPARE(totals.gbSeconds, 5.5);
        QCOMPARE(totals.runSeconds, 22.0);
        QCOMPARE(totals.dropped, 0U);
    }

    void watchersGetWhatIsStoredByAccount() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        std::mutex mutex;
        std::map<std::string, std::vector<std::int64_t>> seen;
        std::size_t lines = 0;
        bool storedFirst = true;
        auto subscription =
            recorder->watch({.invocations =
                                 [&](const std::string& account, const std::vector<api::Invocation>& invocations) {
                                     const std::lock_guard lock(mutex);
                                     for (const auto& invocation : invocations) {
                                         seen[account].push_back(invocation.sequence());
                                     }
                                     storedFirst = storedFirst && store.runs().size() >= seen[account].size();
                                 },
                             .lines =
                                 [&](const std::string&, const std::vector<api::LogRecord>& records) {
                                     const std::lock_guard lock(mutex);
                                     lines += records.size();
                                 }});
        auto other = sampleRun("b");
        other.account = "2000";
        recorder->record(sampleRun("a", "Succeeded", 3));
        recorder->record(std::move(other));
        recorder->record(sampleRun("c"));
        recorder->flush();
        {
            const std::lock_guard lock(mutex);
            QCOMPARE(seen["1000"], (std::vector<std::int64_t>{101, 103}));
            QCOMPARE(seen["2000"], (std::vector<std::int64_t>{102}));
            QCOMPARE(lines, 3U);
            QVERIFY(storedFirst);
        }
        subscription.reset();
        recorder->record(sampleRun("d"));
        recorder->flush();
        const std::lock_guard lock(mutex);
        QCOMPARE(seen["1000"].size(), 2U);
    }

    void aWatcherMayEndItselfAndOutliveTheRecorder() {
        MemoryStore store;
        auto recorder = makeRecorder(store, store.book());
        int calls = 0;
        std::unique_ptr<Subscription> own;
        own = recorder->watch({.invocations =
                                   [&](const std::string&, const std::vector<api::Invocation>&) {
                                       ++calls;
                                       own.reset();
                                   },
                               .lines = {}});
        auto outliving = recorder->watch({});
        recorder->record(sampleRun("a"));
        recorder->flush();
        recorder->record(sampleRun("b"));
        recorder->flush();
        QCOMPARE(calls, 1);
        recorder.reset();
        outliving.reset();
    }

    void endingASubscriptionWaitsForTheCallThatIsUnderWay() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        std::latch inside(1);
        std::latch leave(1);
        std::atomic<bool> left{false};
        auto subscription = recorder->watch({.invocations =
                                                 [&](const std::string&, const std::vector<api::Invocation>&) {
                                                     inside.count_down();
                                                     leave.wait();
                                                     left = true;
                                                 },
                                             .lines = {}});
        recorder->record(sampleRun("a"));
        inside.wait();
        std::atomic<bool> leftWhenEnded{false};
        std::thread ending([&] {
            subscription.reset();
            leftWhenEnded = left.load();
        });
        leave.count_down();
        ending.join();
        QVERIFY(leftWhenEnded.load());
    }

    void aStoreThatRefusesCostsRecordsAndNothingElse() {
        MemoryStore store;
        const auto recorder = makeRecorder(store, store.book());
        store.setRefuses(true);
        int watched = 0;
        const auto subscription = recorder->watch(
            {.invocations = [&](const std::string&,
                                const std::vector<api::Invocation>& runs) { watched += static_cast<int>(runs.size()); },
             .lines = {}});
        recorder->record(sampleRun("a", "Succeeded", 4));
        recorder->flush();
        QCOMPARE(recorder->totals().dropped, 1U);  // lines go to files of their own
        QCOMPARE(recorder->totals().invocations, 1U);
        QCOMPARE(watched, 1);
        store.setRefuses(false);
        recorder->record(sampleRun("b"));
        recorder->flush();
        QCOMPARE(store.runs().size(), 1U);
        QCOMPARE(store.runs()[0].invocation.request_id(), std::string("b"));
    }

    void recordingNeverBlocksAndItsMemoryIsBounded() {
        MemoryStore store;
        auto recorder = makeRecorder(store, store.book());
        store.setStuck(true);
        recorder->record(sampleRun("first"));
        store.waitUntilAsked();
        // The store hangs; a hundred runs of a megabyte of log each are more than may wait.
        for (int i = 0; i < 100; ++i) {
            auto run = sampleRun(std::to_string(i));
            run.lines.push_back({.time = SystemTime{1s}, .message = std::string(1 << 20, 'x')});
            recorder->record(std::move(run));
        }
        const auto dropped = recorder->totals().dropped;
        QVERIFY2(dropped >= 36 && dropped < 60, std::to_string(dropped).c_str());
        store.setStuck(false);
        recorder->flush();
        // Lines went first: every run is there.
        QCOMPARE(store.runs().size(), 101U);
        QCOMPARE(store.lines().size(), 100U - dropped);
    }

    void theIntakeKeepsItsBoundAndItsOrder() {
        Intake intake(10'000);
        std::uint64_t dropped = 0;
        for (int i = 0; i < 1000; ++i) {
            dropped += intake.push({sampleRun(std::to_string(i)), false}).dropped;
        }
        auto items = intake.takeAll();
        QVERIFY(dropped > 0);
        QCOMPARE(items.size() + dropped, 1000U);
        for (std::size_t i = 0; i < items.size(); ++i) {
            QCOMPARE(items[i].record.invocation.request_id(), std::to_string(i));
        }
        QVERIFY(intake.push({sampleRun("x"), false}).wasEmpty);
        QVERIFY(!intake.push({sampleRun("y"), false}).wasEmpty);
        QCOMPARE(intake.takeAll().size(), 2U);
        QVERIFY(intake.takeAll().empty());
    }

    void manyThreadsRecordIntoTheRealStoreAndNothingIsLost() {
        const QTemporaryDir folder;
        auto database = store::Database::open({.path = folder.filePath("t.db").toStdString(),
                                               .migrations = store::telemetryMigrations(),
                                               .fullSync = false});
        QVERIFY(database.has_value());
        const auto store = store::makeSqliteTelemetryStore(**database);
        const ManualClock clock{SystemTime{1s}};
        const auto book = LogBook::open(folder.filePath("logs").toStdString(), LogKeeping(), clock).value();
        auto recorder = makeRecorder(*store, *book);
        std::atomic<std::size_t> watched{0};
        const auto subscription =
            recorder->watch({.invocations = [&](const std::string&,
                                                const std::vector<api::Invocation>& runs) { watched += runs.size(); },
                             .lines = {}});
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&recorder, t] {
                for (int i = 0; i < 500; ++i) {
                    recorder->record(sampleRun(std::to_string(t) + "-" + std::to_string(i), "Succeeded", 2));
                }
                recorder->flush();
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        QCOMPARE(watched.load(), 2000U);
        QCOMPARE(store->lastSequence().value(), 2000);
        QCOMPARE(book->viewOf("1000")->lines({}, {.limit = 1}).lines.at(0).sequence, 4000U);
        recorder.reset();
    }
};

QTEST_GUILESS_MAIN(TestRecorder)
#include "tst_recorder.moc"
