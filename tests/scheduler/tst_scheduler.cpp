// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/io_pool.h"
#include "scheduler/make_scheduler.h"

#include <QTest>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>

using namespace hanshu;
using runtime::RunRequest;
using runtime::RunResult;

namespace {

class FakeFactory;

// Runs end when the test says so.
class FakeInstance final : public runtime::Instance {
public:
    FakeInstance(FakeFactory& factory, std::shared_ptr<const catalog::FunctionSpec> spec);
    ~FakeInstance() override;

    [[nodiscard]] const InstanceId& id() const noexcept override { return m_id; }
    [[nodiscard]] const catalog::FunctionSpec& spec() const noexcept override { return *m_spec; }
    [[nodiscard]] bool alive() const noexcept override { return m_alive; }
    [[nodiscard]] Task<RunResult> run(RunRequest request, runtime::OutputSink output) override;
    [[nodiscard]] Task<void> stop() override;
    void kill() override;
    void onDeath(std::function<void()> listener) override { m_onDeath = std::move(listener); }
    void die() {
        m_alive = false;
        if (m_onDeath) {
            std::exchange(m_onDeath, nullptr)();
        }
    }

private:
    FakeFactory& m_factory;
    std::shared_ptr<const catalog::FunctionSpec> m_spec;
    InstanceId m_id = newInstanceId();
    int m_thread = IoPool::currentIndex();
    bool m_alive = true;
    std::function<void()> m_onDeath;
};

class FakeFactory final : public runtime::InstanceFactory {
public:
    [[nodiscard]] Task<Result<runtime::Started>> start(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                       const RunRequest& request, runtime::OutputSink output) override {
        const auto id = request.requestId.value;
        const int nth = ++starts;
        maxParallel = std::max(maxParallel.load(), ++parallel);
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, startTime.load());
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        while (held.load() >= nth) {
            timer.expires_after(std::chrono::milliseconds(1));
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        --parallel;
        output("starting for " + id);
        runtime::Started started;
        if (refuse) {
            co_return fail(Code::Unavailable, "ResourceThrottled");
        }
        if (failStart) {
            started.failure.status = RunResult::Status::FunctionError;
            started.failure.payload = "no such module";
        } else {
            started.instance = std::make_unique<FakeInstance>(*this, std::move(spec));
        }
        co_return started;
    }
    [[nodiscard]] int stock() const noexcept override { return 0; }

    std::atomic<int> starts{0};
    std::atomic<int> held{0};  // so many first starts do not end
    std::atomic<int> parallel{0};
    std::atomic<int> maxParallel{0};
    std::atomic<int> living{0};
    std::atomic<int> stopped{0};
    std::atomic<int> killed{0};
    std::atomic<int> foreign{0};  // touched on another thread than it was made on
    std::atomic<int> running{0};
    std::atomic<int> maxRunning{0};
    std::atomic<bool> refuse{false};
    std::atomic<bool> failStart{false};
    std::atomic<bool> deadAfterRun{false};
    std::atomic<std::chrono::milliseconds> startTime{std::chrono::milliseconds(1)};
    std::atomic<std::chrono::milliseconds> runTime{std::chrono::milliseconds(1)};
    std::atomic<FakeInstance*> last{nullptr};
};

void FakeInstance::kill() {
    m_alive = false;
    ++m_factory.killed;
}

FakeInstance::FakeInstance(FakeFactory& factory, std::shared_ptr<const catalog::FunctionSpec> spec)
    : m_factory(factory), m_spec(std::move(spec)) {
    ++m_factory.living;
    m_factory.last = this;
}

FakeInstance::~FakeInstance() {
    m_factory.foreign += IoPool::currentIndex() != m_thread ? 1 : 0;
    --m_factory.living;
}

Task<RunResult> FakeInstance::run(RunRequest request, runtime::OutputSink output) {
    m_factory.foreign += IoPool::currentIndex() != m_thread ? 1 : 0;
    m_factory.maxRunning = std::max(m_factory.maxRunning.load(), ++m_factory.running);
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, m_factory.runTime.load());
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    m_factory.foreign += IoPool::currentIndex() != m_thread ? 1 : 0;
    --m_factory.running;
    if (output) {
        output("ran");
    }
    if (m_factory.deadAfterRun) {
        m_alive = false;
    }
    RunResult result;
    result.payload = std::move(request.payload);
    co_return result;
}

Task<void> FakeInstance::stop() {
    ++m_factory.stopped;
    kill();
    co_return;
}

struct Served {
    std::string payload;
    std::string failure;
    std::string error;
    std::string instance;
    std::string output;
    bool cold = false;
    bool sameThread = false;
};

Task<Served> call(scheduler::Scheduler& scheduler, std::shared_ptr<const catalog::FunctionSpec> spec,
                  std::string payload) {
    Served served;
    const int thread = IoPool::currentIndex();
    const auto output = std::make_shared<std::string>();
    const auto sink = [output](std::string_view bytes) { output->append(bytes); };
    RunRequest request;
    request.requestId.value = payload;
    request.payload = payload;
    auto acquired = co_await scheduler.acquire(std::move(spec), request, sink);
    served.sameThread = IoPool::currentIndex() == thread;
    if (!acquired) {
        served.error = acquired.error().reason;
        co_return served;
    }
    if (acquired->failure) {
        served.failure = acquired->failure->payload;
        co_return served;
    }
    served.cold = acquired->lease.cold();
    served.instance = acquired->lease.instanceId().value;
    const auto result = co_await acquired->lease.run(std::move(request), sink);
    served.sameThread = served.sameThread && IoPool::currentIndex() == thread;
    served.payload = result.payload;
    served.output = *output;
    co_return served;
}

struct Bench {
    IoPool io{2};
    FakeFactory factory;
    ManualClock clock;
    std::unique_ptr<scheduler::Scheduler> scheduler;

    Bench() {
        scheduler::SchedulerOptions options{.io = io, .factory = factory, .clock = clock};
        options.idleTimeout = std::chrono::seconds(60);
        scheduler = scheduler::makeScheduler(options);
    }
    ~Bench() {
        scheduler.reset();
        io.stop();
    }
    static std::shared_ptr<catalog::FunctionSpec> spec(std::int64_t revision = 1, int concurrency = 1,
                                                       const std::string& name = "f") {
        auto spec = std::make_shared<catalog::FunctionSpec>();
        spec->account = "a";
        spec->function.set_function_name(name);
        spec->function.set_instance_concurrency(concurrency);
        spec->revision = {revision};
        return spec;
    }
    std::future<Served> begin(std::size_t thread, std::shared_ptr<const catalog::FunctionSpec> of,
                              const std::string& payload) {
        return asio::co_spawn(io.context(thread), call(*scheduler, std::move(of), payload), asio::use_future);
    }
    Served serve(std::size_t thread, std::shared_ptr<const catalog::FunctionSpec> of,
                 const std::string& payload = "x") {
        auto future = begin(thread, std::move(of), payload);
        if (future.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
            qFatal("a call did not end");
        }
        return future.get();
    }
    void settle() {  // what was posted so far has happened
        for (std::size_t i = 0; i < 2; ++i) {
            asio::post(io.context(i), asio::use_future).get();
        }
    }
    template <class Condition>
    static bool waitFor(Condition condition) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::yield();
        }
        return true;
    }
};

}  // namespace

class TestScheduler : public QObject {
    Q_OBJECT

private slots:
    void aWarmInstanceIsUsedAgain() {
        Bench bench;
        const auto spec = Bench::spec();
        const auto first = bench.serve(0, spec, "1");
        QVERIFY(first.cold);
        QCOMPARE(first.output, std::string("starting for 1ran"));
        for (int i = 0; i < 10; ++i) {
            const auto next = bench.serve(0, spec, "2");
            QVERIFY(!next.cold);
            QCOMPARE(next.instance, first.instance);
            QCOMPARE(next.payload, std::string("2"));
        }
        QCOMPARE(bench.factory.starts.load(), 1);
        QCOMPARE(bench.scheduler->running(), 1);
        QCOMPARE(bench.scheduler->instances().size(), std::size_t{1});
        QCOMPARE(bench.scheduler->instances()[0].state, std::string("idle"));
    }

    void anIdleInstanceOfAnotherThreadIsNearerThanANewOne() {
        Bench bench;
        const auto spec = Bench::spec();
        const auto first = bench.serve(0, spec);
        bench.settle();
        const auto second = bench.serve(1, spec);
        QCOMPARE(second.instance, first.instance);
        QVERIFY(second.sameThread);
        QVERIFY(!second.cold);
        QCOMPARE(bench.factory.starts.load(), 1);
        QCOMPARE(bench.factory.foreign.load(), 0);
    }

    void functionsAndRevisionsDoNotMix() {
        Bench bench;
        const auto a = bench.serve(0, Bench::spec(1));
        const auto b = bench.serve(0, Bench::spec(2));
        const auto c = bench.serve(0, Bench::spec(1, 1, "g"));
        const std::set<std::string> all{a.instance, b.instance, c.instance};
        QCOMPARE(all.size(), std::size_t{3});
        QCOMPARE(bench.serve(0, Bench::spec(1)).instance, a.instance);  // the same revision, compiled again
    }

    void aBurstStartsNoMoreThanItMay() {
        Bench bench;
        bench.factory.startTime = std::chrono::milliseconds(20);
        const auto spec = Bench::spec();
        std::vector<std::future<Served>> calls;
        for (int i = 0; i < 60; ++i) {
            calls.push_back(bench.begin(static_cast<std::size_t>(i % 2), spec, std::to_string(i)));
        }
        for (std::size_t i = 0; i < calls.size(); ++i) {
            const auto served = calls[i].get();
            QCOMPARE(served.payload, std::to_string(i));
            QVERIFY(served.sameThread);
        }
        QVERIFY(bench.factory.maxParallel <= 8);
        QVERIFY(bench.factory.starts >= 8);
        QVERIFY(bench.factory.starts < 40);
        QCOMPARE(bench.factory.foreign.load(), 0);
    }

    void anInstanceTakesAsManyAtOnceAsItsFunctionAllows() {
        Bench bench;
        bench.factory.startTime = std::chrono::milliseconds(10);
        bench.factory.runTime = std::chrono::milliseconds(100);
        const auto spec = Bench::spec(1, 4);
        std::vector<std::future<Served>> calls;
        std::set<std::string> instances;
        for (int i = 0; i < 8; ++i) {
            calls.push_back(bench.begin(0, spec, std::to_string(i)));
        }
        for (auto& one : calls) {
            instances.insert(one.get().instance);
        }
        QVERIFY(bench.factory.starts <= 3);
        QCOMPARE(instances.size(), std::size_t{2});
        QVERIFY(bench.factory.maxRunning >= 4);
    }

    void whoWaitsForAStartThatFailsGetsItsFailure() {
        Bench bench;
        bench.factory.failStart = true;
        std::vector<std::future<Served>> calls;
        for (int i = 0; i < 20; ++i) {
            calls.push_back(bench.begin(0, Bench::spec(), std::to_string(i)));
        }
        for (auto& one : calls) {
            QCOMPARE(one.get().failure, std::string("no such module"));
        }
        bench.factory.failStart = false;
        bench.factory.refuse = true;
        QCOMPARE(bench.serve(0, Bench::spec()).error, std::string("ResourceThrottled"));
        bench.factory.refuse = false;
        QCOMPARE(bench.serve(0, Bench::spec(), "ok").payload, std::string("ok"));
    }

    void aDeadInstanceIsNeverHandedOut() {
        Bench bench;
        const auto spec = Bench::spec();
        bench.factory.deadAfterRun = true;
        const auto first = bench.serve(0, spec);
        QVERIFY(bench.serve(0, spec).instance != first.instance);
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QCOMPARE(bench.scheduler->running(), 0);
        bench.factory.deadAfterRun = false;
        const auto idle = bench.serve(0, spec);
        bench.settle();
        asio::post(bench.io.context(0), asio::use_future([&] { bench.factory.last.load()->die(); })).get();
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QVERIFY(bench.serve(0, spec).instance != idle.instance);
    }

    void idleInstancesAreReclaimedAfterTheirTime() {
        Bench bench;
        const auto spec = Bench::spec();
        const auto quick = Bench::spec(1, 1, "quick");
        quick->function.set_idle_timeout(5);
        const auto longer = Bench::spec(1, 1, "longer");
        longer->function.set_idle_timeout(50);
        const auto longest = Bench::spec(1, 1, "longest");
        longest->function.set_idle_timeout(57);
        for (const auto& each : {spec, quick, longer, longest}) {
            bench.serve(0, each);
        }
        bench.settle();
        QCOMPARE(bench.factory.living.load(), 4);
        bench.clock.advance(std::chrono::seconds(6));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 3; }));
        bench.clock.advance(std::chrono::seconds(46));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 2; }));
        // The round that takes this one comes after the whole round that took the one before, and spared the last.
        bench.clock.advance(std::chrono::seconds(6));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 1; }));
        bench.clock.advance(std::chrono::seconds(3));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QCOMPARE(bench.scheduler->running(), 0);
        QVERIFY(bench.serve(0, spec).cold);
    }

    void olderRevisionsRetireWhenTheyAreIdle() {
        Bench bench;
        bench.factory.runTime = std::chrono::milliseconds(50);
        bench.serve(0, Bench::spec(1));
        const auto kept = bench.serve(0, Bench::spec(2));
        auto busy = bench.begin(1, Bench::spec(1), "busy");
        QVERIFY(Bench::waitFor([&] { return bench.factory.running == 1; }));
        bench.scheduler->retire("a", "f", {2});
        QCOMPARE(busy.get().payload, std::string("busy"));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 1; }));
        QCOMPARE(bench.serve(0, Bench::spec(2)).instance, kept.instance);
        bench.scheduler->retire("a", "f", {0});  // the function is gone
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
    }

    void nothingHoldsTheCodeOfAFunctionThatIsGone() {
        Bench bench;
        auto spec = Bench::spec(1);
        bench.serve(0, spec);
        bench.serve(1, spec);  // the instance of the other thread, or one of its own
        bench.scheduler->retire("a", "f", {0});
        const std::weak_ptr<catalog::FunctionSpec> watched = spec;
        spec.reset();
        QVERIFY(Bench::waitFor([&] { return watched.expired(); }));
    }

    void anAbortKillsWhatAFunctionHasAndNothingElse() {
        Bench bench;
        bench.serve(0, Bench::spec(1, 1, "g"));
        bench.serve(0, Bench::spec());
        bench.factory.runTime = std::chrono::milliseconds(200);
        auto busy = bench.begin(0, Bench::spec(), "1");
        auto alsoBusy = bench.begin(1, Bench::spec(), "2");
        QVERIFY(Bench::waitFor([&] { return bench.factory.running == 2; }));
        bench.scheduler->abort("a", "f");
        QVERIFY(Bench::waitFor([&] { return bench.factory.killed == 2; }));
        busy.get();
        alsoBusy.get();
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 1; }));
        QCOMPARE(bench.factory.killed.load(), 2);
        bench.scheduler->abort("a", "g");
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QCOMPARE(bench.scheduler->running(), 0);
    }

    void anAbortEndsRunsThatWaitForAnInstance() {
        Bench bench;
        bench.serve(1, Bench::spec(1, 1, "g"));
        bench.factory.held = 100;
        auto starting = bench.begin(0, Bench::spec(), "1");
        auto queued = bench.begin(1, Bench::spec(), "2");
        bench.settle();
        QVERIFY(Bench::waitFor([&] { return bench.factory.parallel >= 1; }));
        bench.settle();
        bench.scheduler->abort("a", "f");
        for (auto* run : {&starting, &queued}) {
            QVERIFY(run->wait_for(std::chrono::seconds(20)) == std::future_status::ready);
            const auto served = run->get();
            QVERIFY2(served.failure.find("its function was switched off") != std::string::npos, served.failure.c_str());
            QVERIFY(served.sameThread);
        }
        // The starts go on, and nobody waits for them: not even who calls when the function is on again.
        const int begun = bench.factory.starts;
        const int useless = begun - 1;
        QCOMPARE(bench.factory.parallel.load(), useless);
        bench.factory.held = begun;
        QCOMPARE(bench.serve(0, Bench::spec(), "4").payload, std::string("4"));
        QCOMPARE(bench.factory.killed.load(), 0);
        bench.factory.held = 0;
        QVERIFY(Bench::waitFor([&] { return bench.factory.killed == useless && bench.factory.living == 2; }));
        QCOMPARE(bench.factory.starts.load(), begun + 1);
        QCOMPARE(bench.factory.foreign.load(), 0);
        QVERIFY(!bench.serve(0, Bench::spec(), "5").cold);
    }

    void preStopRunsWhenAnInstanceIsReclaimed() {
        Bench bench;
        const auto spec = Bench::spec();
        spec->function.mutable_instance_lifecycle_config()->mutable_pre_stop()->set_handler("index.stop");
        bench.serve(0, spec);
        bench.settle();
        bench.clock.advance(std::chrono::seconds(61));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QCOMPARE(bench.factory.stopped.load(), 1);
        QCOMPARE(bench.scheduler->running(), 0);
    }

    void aShutdownEndsTheIdleAndLetsTheBusyFinish() {
        Bench bench;
        bench.factory.runTime = std::chrono::milliseconds(50);
        bench.serve(0, Bench::spec(1, 1, "idle"));
        auto busy = bench.begin(0, Bench::spec(), "busy");
        QVERIFY(Bench::waitFor([&] { return bench.factory.running == 1; }));
        bench.scheduler->shutdown();
        QCOMPARE(bench.serve(0, Bench::spec()).error, std::string("ShuttingDown"));
        QCOMPARE(busy.get().payload, std::string("busy"));
        QVERIFY(Bench::waitFor([&] { return bench.factory.living == 0; }));
        QCOMPARE(bench.scheduler->running(), 0);
    }

    void manyCallsFromBothThreadsAllEnd() {
        Bench bench;
        bench.factory.runTime = std::chrono::milliseconds(0);
        const auto spec = Bench::spec();
        for (int round = 0; round < 40; ++round) {
            std::vector<std::future<Served>> calls;
            for (int i = 0; i < 50; ++i) {
                calls.push_back(bench.begin(static_cast<std::size_t>(i % 2), spec, std::to_string(i)));
            }
            for (std::size_t i = 0; i < calls.size(); ++i) {
                if (calls[i].wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
                    qFatal("a call did not end");
                }
                QCOMPARE(calls[i].get().payload, std::to_string(i));
            }
        }
        QCOMPARE(bench.factory.foreign.load(), 0);
    }
};

QTEST_GUILESS_MAIN(TestScheduler)
#include "tst_scheduler.moc"
