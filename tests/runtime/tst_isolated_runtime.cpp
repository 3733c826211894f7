// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The runtimes in real sandboxes: what only those can show. `--bench` prints what a warm call and a cold start cost.
#include "base/io_pool.h"
#include "runtime/instance_factory.h"
#include "sandbox/spawner_process.h"
#include "scheduler/make_scheduler.h"

#include <unistd.h>
#include <QCoreApplication>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <fstream>
#include <future>
#include <mutex>

using namespace hanshu;
using runtime::RunRequest;
using runtime::RunResult;
using Status = runtime::RunResult::Status;

namespace {

IoPool* gIo = nullptr;
sandbox::SandboxFactory* gSandboxes = nullptr;
std::filesystem::path gState;  // sandboxes mount nothing from elsewhere

struct Outcome {
    RunResult result;
    std::string output;
    bool cold = false;
    runtime::StartTimes times;
};

Task<Outcome> call(scheduler::Scheduler& scheduler, std::shared_ptr<const catalog::FunctionSpec> spec,
                   std::string payload) {
    RunRequest request;
    request.requestId = newRequestId();
    request.payload = std::move(payload);
    const auto text = std::make_shared<std::string>();
    const auto sink = [text](std::string_view bytes) { text->append(bytes); };
    Outcome outcome;
    auto acquired = co_await scheduler.acquire(spec, request, sink);
    if (!acquired) {
        outcome.output = acquired.error().describe();
        outcome.result.status = Status::Exited;
        co_return outcome;
    }
    outcome.times = acquired->times;
    if (acquired->failure) {
        outcome.result = std::move(*acquired->failure);
    } else {
        outcome.cold = acquired->lease.cold();
        request.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(spec->function.timeout());
        outcome.result = co_await acquired->lease.run(std::move(request), sink);
    }
    outcome.output = *text;
    co_return outcome;
}

Task<std::vector<double>> callOften(scheduler::Scheduler& scheduler, std::shared_ptr<const catalog::FunctionSpec> spec,
                                    int times) {
    std::vector<double> microseconds;
    for (int i = 0; i < times; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        auto outcome = co_await call(scheduler, spec, "hello");
        microseconds.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    co_return microseconds;
}

class House {
public:
    explicit House(int stock, runtime::SandboxConnection door = {}) {
        m_instances = runtime::makeInstanceFactory(
            {.io = *gIo, .sandboxes = *gSandboxes, .onSandboxConnection = std::move(door), .stock = stock});
        m_scheduler =
            scheduler::makeScheduler({.io = *gIo, .factory = *m_instances, .clock = m_clock, .idleTimeout = {}});
    }
    std::shared_ptr<catalog::FunctionSpec> function(const std::string& name, const std::string& file,
                                                    const std::string& code,
                                                    const std::string& runtime = "python3.11") {
        const auto folder = m_folder / name;
        std::filesystem::create_directories(folder);
        std::ofstream(folder / file, std::ios::binary) << code;
        std::filesystem::permissions(folder / file, std::filesystem::perms(0755));
        auto spec = std::make_shared<catalog::FunctionSpec>();
        spec->account = "1234";
        spec->region = "local";
        spec->versionId = "LATEST";
        spec->codeDirectory = folder;
        spec->revision = {1};
        auto& of = spec->function;
        of.set_function_name(name);
        of.set_runtime(runtime);
        of.set_handler("index.handler");
        of.set_memory_size(128);
        of.set_disk_size(512);
        of.set_timeout(5);
        of.set_instance_concurrency(1);
        of.set_cpu(1);
        of.set_idle_timeout(60);
        return spec;
    }
    template <class T>
    T wait(Task<T> task) {
        auto future = asio::co_spawn(gIo->context(0), std::move(task), asio::use_future);
        if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
            qFatal("a task did not end within a minute");
        }
        return future.get();
    }
    Outcome run(std::shared_ptr<const catalog::FunctionSpec> spec, const std::string& payload = "x") {
        return wait(call(*m_scheduler, std::move(spec), payload));
    }
    bool waitForStock(int count) const {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (m_instances->stock() < count && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        return m_instances->stock() >= count;
    }
    std::future<Outcome> begin(std::shared_ptr<const catalog::FunctionSpec> spec, const std::string& payload) {
        return asio::co_spawn(gIo->context(0), call(*m_scheduler, std::move(spec), payload), asio::use_future);
    }
    [[nodiscard]] scheduler::Scheduler& scheduler() { return *m_scheduler; }

private:
    std::filesystem::path m_folder = gState / "code" / newUuid();
    SystemClock m_clock;
    std::unique_ptr<runtime::InstanceFactory> m_instances;
    std::unique_ptr<scheduler::Scheduler> m_scheduler;
};

// Answers every connection at once, and keeps it.
struct Hall {
    struct Guest {
        UniqueFd connection;
        std::shared_ptr<void> place;
    };
    std::mutex mutex;
    std::vector<Guest> guests;

    [[nodiscard]] runtime::SandboxConnection door() {
        return [this](int fd, const std::string&, const std::string&, std::shared_ptr<void> place) {
            const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            (void)!::write(fd, answer.data(), answer.size());
            const std::lock_guard lock(mutex);
            guests.push_back({UniqueFd(fd), std::move(place)});
        };
    }
    [[nodiscard]] std::size_t size() {
        const std::lock_guard lock(mutex);
        return guests.size();
    }
    void clear() {
        const std::lock_guard lock(mutex);
        guests.clear();
    }
};

// Opens as many connections as the event says, keeps those that are served, and tells how many it has and what the
// last one that was not served was told.
constexpr auto kConnector = R"(import socket
held = []
def handler(event, context):
    refusal = b''
    for _ in range(int(event)):
        s = socket.create_connection(('127.0.0.1', 9001), 20)
        s.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        answer = s.recv(4096)
        if answer.startswith(b'HTTP/1.1 200'): held.append(s)
        else: refusal = answer
    return f'{len(held)} {refusal.decode()}'
)";

double percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * share)];
}

}  // namespace

class TestIsolatedRuntime : public QObject {
    Q_OBJECT

private slots:
    void aFunctionRunsColdThenWarm() {
        House house(2);
        QVERIFY(house.waitForStock(2));
        const auto spec = house.function("echo", "index.py", "def handler(e, c):\n    print('in')\n    return e");
        const auto cold = house.run(spec, "a");
        QVERIFY2(cold.result.status == Status::Succeeded, (cold.result.payload + cold.output).c_str());
        QVERIFY(cold.cold);
        QVERIFY(cold.times.fromStock);
        const auto warm = house.run(spec, "b");
        QVERIFY(!warm.cold);
        QCOMPARE(warm.result.payload, std::string("b"));
        if (gSandboxes->isolation() == sandbox::Isolation::RootCgroup) {
            QVERIFY(warm.result.memoryPeakBytes > 1 << 20);
            QVERIFY(warm.result.memoryPeakBytes < 128 << 20);
        }
    }

    void outOfMemoryIsCalledThat() {
        if (gSandboxes->isolation() != sandbox::Isolation::RootCgroup) {
            QSKIP("no memory cgroup here");
        }
        House house(0);
        const auto spec = house.function(
            "bomb", "index.py", "def handler(e, c):\n    x = []\n    while True: x.append(bytearray(1 << 20))");
        const auto outcome = house.run(spec);
        QVERIFY2(outcome.result.status == Status::OutOfMemory, outcome.result.payload.c_str());
        QVERIFY(outcome.result.payload.find("\"errorType\":\"FunctionOOMError\"") != std::string::npos);
        QVERIFY(outcome.result.memoryPeakBytes > 100 << 20);
        const auto load = house.function("load", "index.py", "x = []\nwhile True: x.append(bytearray(1 << 20))");
        QVERIFY(house.run(load).result.status == Status::OutOfMemory);
    }

    void aTimeoutDumpsStacksAndEndsTheTree() {
        House house(0);
        const auto spec = house.function("slow", "index.py",
                                         "import subprocess, time\ndef handler(e, c):\n"
                                         "    subprocess.Popen(['/bin/sleep', '100'])\n    time.sleep(100)");
        spec->function.set_timeout(1);
        const auto outcome = house.run(spec);
        QVERIFY2(outcome.result.status == Status::Timeout, outcome.result.payload.c_str());
        QVERIFY(outcome.output.find("Dumping stack trace after function timeout") != std::string::npos);
        QVERIFY2(outcome.output.find("line 4 in handler") != std::string::npos, outcome.output.c_str());
    }

    void aProcessThatEndsIsToldApart() {
        House house(0);
        const auto spec = house.function("exit", "index.py", "def handler(e, c): exit(1)");
        const auto outcome = house.run(spec);
        QVERIFY2(outcome.result.status == Status::Exited, outcome.result.payload.c_str());
        QVERIFY2(outcome.result.payload.find("Process exited unexpectedly") != std::string::npos,
                 outcome.result.payload.c_str());
    }

    void aCustomRuntimeServes() {
        House house(0);
        const auto spec = house.function(
            "custom", "bootstrap",
            "#!/usr/bin/python3\nimport http.server\n"
            "class H(http.server.BaseHTTPRequestHandler):\n"
            "    protocol_version = 'HTTP/1.1'\n"
            "    def do_POST(self):\n"
            "        body = self.rfile.read(int(self.headers['content-length']))\n"
            "        self.send_response(200)\n        self.send_header('Content-Length', str(len(body)))\n"
            "        self.end_headers()\n        self.wfile.write(body)\n"
            "http.server.HTTPServer(('0.0.0.0', 9000), H).serve_forever()\n",
            "custom");
        QCOMPARE(house.run(spec, "hello").result.payload, std::string("hello"));
        QCOMPARE(house.run(spec, "again").result.payload, std::string("again"));
    }

    void connectionsToTheObjectEndpointAreBounded() {
        Hall hall;
        House house(0, hall.door());
        const auto greedy = house.function("greedy", "index.py", kConnector);
        greedy->function.set_timeout(30);
        const auto neighbour = house.function("echo", "index.py", "def handler(e, c): return e");
        const auto most = static_cast<std::size_t>(runtime::kMaxObjectConnections);
        auto storm = house.begin(greedy, "1000");
        int served = 0;
        while (storm.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
            QCOMPARE(house.run(neighbour, "hello").result.payload, std::string("hello"));
            ++served;
            QVERIFY(hall.size() <= most);
        }
        QVERIFY(served > 1);
        const auto outcome = storm.get();
        const QByteArray told(outcome.result.payload.c_str());
        QVERIFY2(told.startsWith(QByteArray::number(runtime::kMaxObjectConnections) + " HTTP/1.1 503 Slow Down\r\n"),
                 told.constData());
        QVERIFY2(told.contains("<Code>SlowDown</Code>"), told.constData());
        QCOMPARE(hall.size(), most);
        // A neighbour has its own places, and those that end are free again.
        const auto modest = house.function("modest", "index.py", kConnector);
        QCOMPARE(house.run(modest, "1").result.payload, std::string("1 "));
        hall.clear();
        QCOMPARE(house.run(greedy, "3").result.payload, std::to_string(most + 3) + " ");
    }

    void debiansPackagesCanBeImported() {
        House house(0);
        const auto spec = house.function("paths", "index.py",
                                         "import sys, json, os\ndef handler(e, c):\n"
                                         "    return json.dumps([sys.path[0], '/usr/lib/python3/dist-packages' in "
                                         "sys.path, os.getcwd(), os.getuid() != 0])");
        QCOMPARE(house.run(spec).result.payload, std::string("[\"/code\", true, \"/code\", true]"));
    }
};

static int runBench() {
    House house(4);
    house.waitForStock(4);
    const auto echo = house.function("echo", "index.py", "def handler(e, c): return e");
    house.run(echo);
    house.wait(callOften(house.scheduler(), echo, 2000));
    const auto warm = house.wait(callOften(house.scheduler(), echo, 20000));
    std::printf("warm call: p50 %.1f us, p99 %.1f us\n", percentile(warm, 0.5), percentile(warm, 0.99));
    std::vector<double> stocked;
    std::vector<double> starts;
    std::vector<double> fresh;
    for (int i = 0; i < 40; ++i) {
        house.waitForStock(4);
        const auto spec = house.function("cold" + std::to_string(i), "index.py", "def handler(e, c): return e");
        const auto begin = std::chrono::steady_clock::now();
        const auto outcome = house.run(spec);
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
        (outcome.times.fromStock ? stocked : fresh).push_back(time.count());
        starts.push_back(static_cast<double>(outcome.times.start.count()) / 1000);
    }
    std::printf("cold from stock (%zu): p50 %.2f ms, p90 %.2f ms; of it sandbox and mounts %.2f ms\n", stocked.size(),
                percentile(stocked, 0.5), percentile(stocked, 0.9), percentile(starts, 0.5));
    House bare(0);
    fresh.clear();
    for (int i = 0; i < 20; ++i) {
        const auto spec = bare.function("bare" + std::to_string(i), "index.py", "def handler(e, c): return e");
        const auto begin = std::chrono::steady_clock::now();
        bare.run(spec);
        const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
        fresh.push_back(time.count());
    }
    std::printf("cold without stock: p50 %.2f ms\n", percentile(fresh, 0.5));
    const auto memory = bare.function("memory", "index.py",
                                      "def handler(e, c):\n    return [l for l in open('/proc/self/smaps_rollup') if "
                                      "l.startswith(('Pss:', 'Rss:', 'Private_Dirty'))]");
    std::printf("agent: %s\n", bare.run(memory).result.payload.c_str());
    return 0;
}

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    QTemporaryDir state;
    sandbox::SpawnerOptions options;
    gState = state.path().toStdString();
    options.stateDirectory = gState;
    auto spawner = sandbox::SpawnerHandle::fork(options);
    if (!spawner) {
        qWarning("%s", spawner.error().describe().c_str());
        return 1;
    }
    int code = 0;
    {
        IoPool io(2);
        auto sandboxes = (*spawner)->connect(io);
        if (!sandboxes) {
            qWarning("%s", sandboxes.error().describe().c_str());
            return 1;
        }
        gIo = &io;
        gSandboxes = sandboxes->get();
        TestIsolatedRuntime test;
        const bool bench = argc == 2 && std::string_view(argv[1]) == "--bench";
        code = bench ? runBench() : QTest::qExec(&test, argc, argv);
        sandboxes->reset();
        io.stop();
    }
    spawner->reset();
    return code;
}

#include "tst_isolated_runtime.moc"
