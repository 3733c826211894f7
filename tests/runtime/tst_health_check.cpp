// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Health checks of custom runtimes, against a real server in a sandbox.

#include "runtime/runtime_bench.h"

#include <unistd.h>

using namespace hanshu;
using hanshu::test::RuntimeBench;
using Status = runtime::RunResult::Status;

namespace {

// One request at a time. HEALTH says how it answers looks: a list of statuses, of which the last one stays; 0 never
// answers. An event "looks" tells how often it was looked at, "sleep" takes a while, and anything else becomes HEALTH.
// Each look knocks at the object endpoint, where the test can count it.
constexpr auto kServer = R"(#!/usr/bin/python3
import http.server, os, socket, time
health = os.environ.get('HEALTH', '200').split()
looks = 0
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def answer(self, status, body=b''):
        self.send_response(status)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
    def do_GET(self):
        global looks
        looks += 1
        socket.create_connection(('127.0.0.1', 9001)).close()
        status = int(health.pop(0) if len(health) > 1 else health[0])
        if self.path != '/healthz?x=1': status = 404
        if status: return self.answer(status)
        time.sleep(1.5)
        self.close_connection = True
    def do_POST(self):
        global health
        event = self.rfile.read(int(self.headers.get('content-length', 0))).decode()
        if event == 'looks': return self.answer(200, str(looks).encode())
        if event == 'sleep': time.sleep(2.5)
        else: health = event.split()
        self.answer(200)
http.server.HTTPServer(('0.0.0.0', 9000), H).serve_forever()
)";

struct Patient {
    std::shared_ptr<std::atomic<int>> looks = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<std::atomic<bool>> died = std::make_shared<std::atomic<bool>>(false);
    RuntimeBench bench;

    explicit Patient(std::chrono::milliseconds startTimeout = std::chrono::seconds(20))
        : bench(
              0,
              [looks = looks](int fd, const std::string&, const std::string&, const std::shared_ptr<void>&) {
                  ++*looks;
                  ::close(fd);
              },
              startTimeout) {
        bench.write("bootstrap", kServer, true);
    }
    runtime::Started start(const std::string& health, int failures, int successes = 1, int initialDelay = 0) {
        const auto spec = bench.spec("custom");
        (*spec->function.mutable_environment_variables())["HEALTH"] = health;
        auto& check = *spec->function.mutable_custom_runtime_config()->mutable_health_check_config();
        check.set_http_get_url("/healthz?x=1");
        check.set_period_seconds(1);
        check.set_timeout_seconds(1);
        check.set_failure_threshold(failures);
        check.set_success_threshold(successes);
        check.set_initial_delay_seconds(initialDelay);
        auto started = bench.start(spec);
        if (started.instance) {
            started.instance->onDeath([died = died] { *died = true; });
        }
        return started;
    }
    runtime::RunResult run(runtime::Instance& instance, const std::string& event) {
        return bench.run(instance, RuntimeBench::request(event));
    }
    [[nodiscard]] bool diesWithin(std::chrono::seconds limit) const {
        return RuntimeBench::waitFor([this] { return died->load(); }, limit);
    }
    [[nodiscard]] bool isLookedAt(int times) const {
        return RuntimeBench::waitFor([this, until = *looks + times] { return *looks >= until; });
    }
};

}  // namespace

class TestHealthCheck : public QObject {
    Q_OBJECT
private slots:
    void itServesOnceEnoughLooksSucceededInARow() {
        Patient patient;
        auto started = patient.start("200 503 200", 1, 2, 1);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QCOMPARE(patient.run(*started.instance, "looks").payload, std::string("4"));
        QVERIFY(started.times.init >= std::chrono::seconds(4));  // the delay, and a period between each two
        patient.bench.destroy(std::move(started.instance));
    }

    void whatIsNeverHealthyIsGivenUp() {
        Patient patient(std::chrono::milliseconds(1500));
        auto started = patient.start("503", 1);
        QVERIFY(!started.instance);
        QVERIFY2(started.failure.payload.find("GET /healthz?x=1: status 503") != std::string::npos,
                 started.failure.payload.c_str());
        QVERIFY(started.failure.payload.find("\"errorType\":\"FunctionNotStarted\"") != std::string::npos);
        started = patient.start("0", 1);
        QVERIFY(!started.instance);
        QVERIFY2(started.failure.payload.find("GET /healthz?x=1: no answer within 1 s") != std::string::npos,
                 started.failure.payload.c_str());
    }

    void anIdleInstanceThatFailsOftenEnoughIsRetired() {
        Patient patient;
        auto started = patient.start("200", 2);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(patient.isLookedAt(1));
        QVERIFY(patient.run(*started.instance, "503").status == Status::Succeeded);
        const int before = *patient.looks;
        QVERIFY(patient.diesWithin(std::chrono::seconds(10)));
        QCOMPARE(*patient.looks, before + 2);
        QVERIFY(!started.instance->alive());
        patient.bench.destroy(std::move(started.instance));
    }

    void oneThatHangsIsRetiredToo() {
        Patient patient;
        auto started = patient.start("200", 2);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(patient.run(*started.instance, "0").status == Status::Succeeded);
        QVERIFY(patient.diesWithin(std::chrono::seconds(15)));
        patient.bench.destroy(std::move(started.instance));
    }

    void failuresWithASuccessBetweenThemDoNoHarm() {
        Patient patient;
        auto started = patient.start("200 503 200 503 204 503 200", 2);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(patient.isLookedAt(6));
        QVERIFY(!*patient.died);
        QVERIFY(patient.run(*started.instance, "looks").status == Status::Succeeded);
        patient.bench.destroy(std::move(started.instance));
    }

    void aRunThatKeepsItBusyIsNoFailure() {
        Patient patient;
        auto started = patient.start("200", 1);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(patient.run(*started.instance, "sleep").status == Status::Succeeded);
        QVERIFY(patient.isLookedAt(1));
        QVERIFY(!*patient.died);
        patient.bench.destroy(std::move(started.instance));
    }
};

QTEST_GUILESS_MAIN(TestHealthCheck)
#include "tst_health_check.moc"
