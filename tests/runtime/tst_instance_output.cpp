// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where output goes that no run wrote.

#include "runtime/runtime_bench.h"

#include <map>

using namespace hanshu;
using hanshu::test::Output;
using hanshu::test::RuntimeBench;

namespace {

// Of every instance, by id; written on io threads.
struct Notebook {
    struct State {
        std::mutex mutex;
        std::map<std::string, std::string> texts;
    };
    std::shared_ptr<State> state = std::make_shared<State>();

    [[nodiscard]] runtime::InstanceOutput door() const {
        return [state = state](const catalog::FunctionSpec&, const InstanceId& id) -> runtime::OutputSink {
            return [state, id = id.value](std::string_view bytes) {
                const std::lock_guard lock(state->mutex);
                state->texts[id] += bytes;
            };
        };
    }
    [[nodiscard]] std::string of(const std::string& id) const {
        const std::lock_guard lock(state->mutex);
        return state->texts[id];
    }
    [[nodiscard]] bool becomes(const std::string& id, const std::string& text) const {
        const bool did = RuntimeBench::waitFor([&] { return of(id) == text; });
        if (!did) {
            qWarning("it is: %s", of(id).c_str());
        }
        return did;
    }
};

constexpr std::chrono::seconds kStart{20};

bool stop(RuntimeBench& bench, runtime::Instance& instance) {
    return bench.wait([](runtime::Instance& stopping) -> Task<bool> {
        co_await stopping.stop();
        co_return !stopping.alive();
    }(instance));
}

// A server whose thread speaks after every answer.
constexpr auto kTalker = R"(#!/usr/bin/python3
import http.server, threading
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
    def do_POST(self):
        event = self.rfile.read(int(self.headers.get('content-length', 0))).decode()
        print('during', self.path, event, flush=True)
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()
        if self.path == '/invoke': threading.Timer(0.1, print, ['after', event], {'flush': True}).start()
http.server.ThreadingHTTPServer(('0.0.0.0', 9000), H).serve_forever()
)";

}  // namespace

class TestInstanceOutput : public QObject {
    Q_OBJECT
private slots:
    void whatAThreadSaysBetweenRunsIsTheInstances() {
        const Notebook notebook;
        RuntimeBench bench(0, {}, kStart, notebook.door());
        bench.write("index.py",
                    "import threading\nprint('loading')\ndef handler(e, c):\n    print('during')\n"
                    "    threading.Timer(0.1, print, ['after']).start()\n");
        const Output load;
        auto started = bench.start(bench.spec(), load);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        const auto id = started.instance->id().value;
        QCOMPARE(*load.text, std::string("loading\n"));
        const Output run;
        bench.run(*started.instance, RuntimeBench::request(""), run);
        QVERIFY(notebook.becomes(id, "after\n"));
        QVERIFY(run.text->find("\nduring\n") != std::string::npos);
        QVERIFY(run.text->find("after") == std::string::npos);
        bench.destroy(std::move(started.instance));
    }

    void aRunThatFallsSilentSaysSo() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import time\ndef handler(e, c):\n    print('before')\n    time.sleep(0.5)\n    print('after')\n");
        auto started = bench.start(bench.spec());
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        std::string seen;
        const auto result = bench.wait(started.instance->run(RuntimeBench::request(""), [&](std::string_view bytes) {
            seen += bytes.empty() ? "<silence>" : std::string(bytes);
        }));
        QVERIFY(result.status == runtime::RunResult::Status::Succeeded);
        QVERIFY2(seen.find("before\n<silence>after\n") != std::string::npos, seen.c_str());
        bench.destroy(std::move(started.instance));
    }

    void preStopSpeaksForTheInstance() {
        const Notebook notebook;
        RuntimeBench bench(0, {}, kStart, notebook.door());
        bench.write("index.py", "def handler(e, c): pass\ndef stop(c): print('bye', c.request_id != '')\n");
        const auto spec = bench.spec();
        spec->function.mutable_instance_lifecycle_config()->mutable_pre_stop()->set_handler("index.stop");
        auto started = bench.start(spec);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(stop(bench, *started.instance));
        const auto said = notebook.of(started.instance->id().value);
        QVERIFY2(said.starts_with("FC PreStop Start RequestId: "), said.c_str());
        QVERIFY2(said.find("\nbye True\nFC PreStop End RequestId: ") != std::string::npos, said.c_str());
        bench.destroy(std::move(started.instance));
    }

    void lastWordsOfAnIdleInstanceAreKept() {
        const Notebook notebook;
        RuntimeBench bench(0, {}, kStart, notebook.door());
        bench.write("index.py",
                    "import os, threading\ndef leave():\n    print('leaving')\n    os._exit(3)\n"
                    "def handler(e, c): threading.Timer(0.1, leave).start()\n");
        auto started = bench.start(bench.spec());
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        bench.run(*started.instance, RuntimeBench::request(""));
        QVERIFY(RuntimeBench::waitFor([&] { return !started.instance->alive(); }));
        QVERIFY(notebook.becomes(started.instance->id().value, "leaving\n"));
        bench.destroy(std::move(started.instance));
    }

    void aCustomRuntimeSpeaksForItselfToo() {
        const Notebook notebook;
        RuntimeBench bench(0, {}, kStart, notebook.door());
        bench.write("bootstrap", kTalker, true);
        const auto spec = bench.spec("custom");
        spec->function.mutable_instance_lifecycle_config()->mutable_pre_stop()->set_handler("x");
        auto started = bench.start(spec);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        const auto id = started.instance->id().value;
        const Output run;
        bench.run(*started.instance, RuntimeBench::request("one"), run);
        QVERIFY(notebook.becomes(id, "after one\n"));
        QCOMPARE(*run.text, std::string("during /invoke one\n"));
        QVERIFY(stop(bench, *started.instance));
        QVERIFY(notebook.becomes(id, "after one\nduring /pre-stop \n"));
        bench.destroy(std::move(started.instance));
    }
};

QTEST_GUILESS_MAIN(TestInstanceOutput)
#include "tst_instance_output.moc"
