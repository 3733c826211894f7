// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// When the dispatcher claims, and when it lets callers go first.

#include "base/async_signal.h"
#include "catalog/catalog.h"
#include "events/dispatcher.h"
#include "invoke/limits.h"
#include "store/fixture.h"

using namespace hanshu;
using namespace hanshu::test;
using namespace std::chrono_literals;

namespace {

// A real queue that counts the looks at it, and whose callers press as hard as the test says.
class PressedQueue final : public store::EventQueue {
public:
    explicit PressedQueue(store::Database& database) : m_queue(store::makeSqliteEventQueue(database)) {}

    std::atomic<int> looks{0};
    std::atomic<int> burst{0};

    Task<Result<std::vector<store::Ready>>> ready(SystemTime now) override {
        ++looks;
        return m_queue->ready(now);
    }
    int takeBurst() noexcept override { return burst.exchange(0); }

    Task<Result<void>> append(store::Event event) override { return m_queue->append(std::move(event)); }
    Task<Result<std::optional<SystemTime>>> nextReady(SystemTime now) override { return m_queue->nextReady(now); }
    Task<Result<std::vector<store::Lease>>> claim(std::string account, std::string functionName, int limit,
                                                  SystemTime now, SystemTime until) override {
        return m_queue->claim(std::move(account), std::move(functionName), limit, now, until);
    }
    Task<Result<void>> settle(std::vector<store::Settlement> settlements) override {
        return m_queue->settle(std::move(settlements));
    }
    Task<Result<void>> renew(std::vector<std::pair<EventId, std::int64_t>> leases, SystemTime until) override {
        return m_queue->renew(std::move(leases), until);
    }
    Result<void> releaseAll() override { return m_queue->releaseAll(); }
    Task<Result<std::vector<store::EventView>>> list(store::EventFilter filter) override {
        return m_queue->list(std::move(filter));
    }
    Task<Result<store::QueueStats>> stats() override { return m_queue->stats(); }
    Task<Result<std::int64_t>> redrive(store::DeadLetters which, SystemTime now) override {
        return m_queue->redrive(std::move(which), now);
    }
    Task<Result<std::int64_t>> remove(store::DeadLetters which) override { return m_queue->remove(std::move(which)); }
    void onAppended(std::function<void()> listener) override { m_queue->onAppended(std::move(listener)); }
    Result<void> appendWithin(store::Connection& connection, std::span<const store::Event> events) override {
        return m_queue->appendWithin(connection, events);
    }
    void appended() override { m_queue->appended(); }

private:
    std::unique_ptr<store::EventQueue> m_queue;
};

class CountingPipeline final : public invoke::Pipeline {
public:
    std::atomic<int> runs{0};

    Task<Result<invoke::Outcome>> run(invoke::Call) override {
        ++runs;
        co_return invoke::Outcome{};
    }
    Result<void> mayInvoke(const invoke::Call&) override { return {}; }
    Task<void> drain(std::chrono::milliseconds) override { co_return; }
};

template <class T>
T must(Result<T> result) {
    if (!result) {
        qFatal("%s", result.error().describe().c_str());
    }
    return std::move(*result);
}

struct House {
    QTemporaryDir folder;
    SystemClock clock;
    asio::thread_pool disk{1};
    std::unique_ptr<store::Database> database = openState(folder.filePath("state.db").toStdString());
    std::unique_ptr<store::ResourceStore> resources = store::makeSqliteResourceStore(*database);
    PressedQueue queue{*database};
    CountingPipeline pipeline;
    invoke::Limits limits;
    std::unique_ptr<catalog::Catalog> catalog =
        must(catalog::makeCatalog({.stateDirectory = folder.path().toStdString(), .region = "local"}, *resources, disk,
                                  clock, {.hasTriggers = {}, .bucketFolder = {}, .readObject = {}}));
    AsyncSignal restIsOver{io().context(0).get_executor()};
    std::atomic<int> rests{0};
    std::atomic<std::chrono::milliseconds> asked{0ms};
    events::Dispatcher dispatcher{
        {.io = io(), .queue = queue, .pipeline = pipeline, .limits = limits, .catalog = *catalog, .clock = clock},
        [this](std::chrono::milliseconds time) { return rest(time); }};

    House() { dispatcher.start(); }
    ~House() {
        dispatcher.stop();
        restIsOver.notify();
        runBlocking(io().context(0).get_executor(), [](House& house) -> Task<int> {
            co_await house.dispatcher.settled(10s);
            co_return 0;
        }(*this));
        settle();
    }

    Task<void> rest(std::chrono::milliseconds time) {
        asked = time;
        ++rests;
        co_await restIsOver.wait();
    }
    // Durable, and the dispatcher was told.
    void append() {
        if (!test::run(queue.append(sampleEvent("gone", clock.now())))) {
            qFatal("an event could not be kept");
        }
    }
    // What was posted to the dispatcher's thread so far has happened, and what that posted.
    static void settle() {
        for (int i = 0; i < 3; ++i) {
            asio::post(io().context(0), asio::use_future).get();
        }
    }
};

}  // namespace

class TestDispatcher : public QObject {
    Q_OBJECT

private slots:
    void claimsRestDuringABurst() {
        House house;
        house.append();
        QTRY_COMPARE(house.pipeline.runs.load(), 1);
        house.queue.burst = 16;
        house.append();
        QTRY_COMPARE(house.rests.load(), 1);
        QVERIFY(house.asked.load() > 0ms);
        const int looks = house.queue.looks;
        const int runs = house.pipeline.runs;
        for (int i = 0; i < 20; ++i) {
            house.append();
        }
        House::settle();
        QCOMPARE(house.queue.looks.load(), looks);
        QCOMPARE(house.pipeline.runs.load(), runs);
        house.restIsOver.notify();
        QTRY_COMPARE(house.pipeline.runs.load(), 22);
        QCOMPARE(house.rests.load(), 1);
    }

    void aFewCallersAreNoBurst() {
        House house;
        house.queue.burst = 15;
        house.append();
        QTRY_COMPARE(house.pipeline.runs.load(), 1);
        QTRY_COMPARE(house.queue.burst.load(), 0);
        QCOMPARE(house.rests.load(), 0);
    }

    void nothingIsClaimedAfterAStopDuringARest() {
        House house;
        house.queue.burst = 16;
        house.append();
        QTRY_COMPARE(house.rests.load(), 1);
        const int looks = house.queue.looks;
        house.append();
        house.dispatcher.stop();
        house.restIsOver.notify();
        House::settle();
        QCOMPARE(house.queue.looks.load(), looks);
    }
};

QTEST_GUILESS_MAIN(TestDispatcher)
#include "tst_dispatcher.moc"
