// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/runtime_bench.h"

#include <unistd.h>

using namespace hanshu;
using hanshu::test::Output;
using hanshu::test::RuntimeBench;
using runtime::RunResult;
using Status = runtime::RunResult::Status;

namespace {

// A server that tells what it was asked; the path says how it should misbehave.
constexpr auto kServer =
    "#!/usr/bin/python3\n"
    "import http.server, json, os, sys, time\n"
    "class H(http.server.BaseHTTPRequestHandler):\n"
    "    protocol_version = 'HTTP/1.1'\n"
    "    def log_message(self, *a): pass\n"
    "    def do(self):\n"
    "        body = self.rfile.read(int(self.headers.get('content-length', 0)))\n"
    "        how = body.decode('latin1') if self.path == '/invoke' else self.path\n"
    "        status, extra, reply = 200, [], body\n"
    "        if how == 'headers':\n"
    "            reply = json.dumps({k.lower(): v for k, v in self.headers.items()}).encode()\n"
    "        elif how == 'env': reply = json.dumps(dict(os.environ)).encode()\n"
    "        elif how == 'exit': print('leaving', flush=True); os._exit(3)\n"
    "        elif how == 'sleep': time.sleep(30)\n"
    "        elif how == 'reset': self.connection.shutdown(2); self.close_connection = True; return\n"
    "        elif how == 'fail': extra = [('x-fc-status', '404')]\n"
    "        elif how == '404': status = 404\n"
    "        elif how == 'close': extra = [('Connection', 'close')]; self.close_connection = True\n"
    "        elif how == 'pid': reply = str(self.client_address[1]).encode()\n"
    "        elif how.startswith('/'):\n"
    "            status = 201\n"
    "            reply = (self.command + ' ' + self.path + ' ' + str(self.headers.get('x-own')) + ' ' +\n"
    "                     str(self.headers.get('x-fc-own'))).encode() + body\n"
    "            extra = [('X-Answer', 'yes'), ('x-fc-secret', 'no'), ('Server', 'mine')]\n"
    "        if self.path == '/initialize':\n"
    "            print('initializing', flush=True)\n"
    "            status = 200 if os.environ.get('INIT') != 'bad' else 500\n"
    "        self.send_response(status)\n"
    "        for k, v in extra: self.send_header(k, v)\n"
    "        self.send_header('Content-Length', str(len(reply)))\n"
    "        self.end_headers()\n"
    "        if self.command != 'HEAD': self.wfile.write(reply)\n"
    "    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do\n"
    "print('begun', flush=True)\n"
    "time.sleep(float(os.environ.get('DELAY', 0)))\n"
    "http.server.ThreadingHTTPServer.request_queue_size = 200\n"
    "s = http.server.ThreadingHTTPServer(('0.0.0.0', int(os.environ['FC_CUSTOM_LISTEN_PORT'])), H)\n"
    "s.serve_forever()\n";

bool contains(const std::string& text, std::string_view part) {
    if (text.find(part) == std::string::npos) {
        qWarning("not found: '%s' in:\n%s", std::string(part).c_str(), text.c_str());
        return false;
    }
    return true;
}

std::string body(RuntimeBench& bench, runtime::Instance& instance, const std::string& event) {
    return bench.run(instance, RuntimeBench::request(event)).payload;
}

}  // namespace

class TestCustomRuntime : public QObject {
    Q_OBJECT

private slots:
    void eventsArePostedAndTheAnswerComesBack() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        Output output;
        auto started = bench.start(bench.spec("custom"), output);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QCOMPARE(*output.text, std::string("begun\n"));
        QCOMPARE(body(bench, *started.instance, "函数"), std::string("函数"));
        std::string large(32 << 20, 'y');
        QVERIFY(body(bench, *started.instance, large) == large);
        // One connection serves them all, until the server closes it.
        const auto port = body(bench, *started.instance, "pid");
        QCOMPARE(body(bench, *started.instance, "pid"), port);
        QCOMPARE(body(bench, *started.instance, "close"), std::string("close"));
        QVERIFY(body(bench, *started.instance, "pid") != port);
        bench.destroy(std::move(started.instance));
    }

    void theDocumentedHeadersAndVariablesAreThere() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        const auto spec = bench.spec("custom.debian12");
        spec->function.mutable_custom_runtime_config()->set_port(8123);
        (*spec->function.mutable_environment_variables())["MINE"] = "1";
        auto cause = RuntimeBench::request("");
        cause.credentials = {"key", "secret", "token", {}};
        auto started = bench.start(spec, {}, cause);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        auto request = RuntimeBench::request("headers");
        request.credentials = cause.credentials;
        const auto id = request.requestId.value;
        const auto headers = bench.run(*started.instance, std::move(request)).payload;
        for (const auto& part :
             {"\"x-fc-request-id\": \"" + id + "\"", std::string("\"x-fc-control-path\": \"/invoke\""),
              std::string("\"x-fc-access-key-id\": \"key\""), std::string("\"x-fc-security-token\": \"token\""),
              std::string("\"x-fc-function-name\": \"f\""), std::string("\"x-fc-function-memory\": \"512\""),
              std::string("\"x-fc-account-id\": \"1234\""),
              std::string("\"content-type\": \"application/octet-stream\"")}) {
            QVERIFY(contains(headers, part));
        }
        const auto environment = body(bench, *started.instance, "env");
        for (const auto* part :
             {"\"FC_CUSTOM_LISTEN_PORT\": \"8123\"", "\"MINE\": \"1\"", "\"AWS_ACCESS_KEY_ID\": \"key\"",
              "\"ALIBABA_CLOUD_SECURITY_TOKEN\": \"token\"", "\"accessKeySecret\": \"secret\"",
              "\"FC_FUNCTION_NAME\": \"f\"", "\"FC_FUNC_CODE_PATH\": \"/code\"", "\"HOME\": \"/tmp\""}) {
            QVERIFY(contains(environment, part));
        }
        bench.destroy(std::move(started.instance));
    }

    void httpRequestsPassThroughWithoutTheForbiddenHeaders() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        auto started = bench.start(bench.spec("custom"));
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        for (const std::string method : {"GET", "PUT", "DELETE", "HEAD"}) {
            auto request = RuntimeBench::request(method == "PUT" ? "data" : "");
            request.http = runtime::HttpHead{
                method, "/a/b?c=d%20e", {{"X-Own", "kept"}, {"x-fc-own", "forged"}, {"Connection", "close"}}};
            const auto result = bench.run(*started.instance, std::move(request));
            QVERIFY(result.status == Status::Succeeded);
            QVERIFY(result.http.has_value());
            QCOMPARE(result.http->status, 201U);
            QCOMPARE(result.payload, method == "HEAD"
                                         ? std::string()
                                         : method + " /a/b?c=d%20e kept None" + (method == "PUT" ? "data" : ""));
            QCOMPARE(result.http->headers.size(), std::size_t{1});
            QCOMPARE(result.http->headers[0].first, std::string("X-Answer"));
        }
        bench.destroy(std::move(started.instance));
    }

    void theServerSaysWhetherItFailed() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        auto started = bench.start(bench.spec("custom"));
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        for (const std::string how : {"fail", "404"}) {
            const auto result = bench.run(*started.instance, RuntimeBench::request(how));
            QVERIFY(result.status == Status::FunctionError);
            QCOMPARE(result.payload, how);
        }
        const auto reset = bench.run(*started.instance, RuntimeBench::request("reset"));
        QVERIFY(reset.status == Status::FunctionError);
        QVERIFY(contains(reset.payload, "the HTTP server of the function did not answer"));
        QCOMPARE(body(bench, *started.instance, "still there"), std::string("still there"));
        bench.destroy(std::move(started.instance));
    }

    void anExitEndsTheRun() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        Output output;
        auto started = bench.start(bench.spec("custom"));
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        const auto result = bench.run(*started.instance, RuntimeBench::request("exit"), output);
        QVERIFY(result.status == Status::Exited);
        QVERIFY(contains(result.payload, "Process exited unexpectedly before completing request (duration: "));
        QCOMPARE(*output.text, std::string("leaving\n"));
        QVERIFY(!started.instance->alive());
        bench.destroy(std::move(started.instance));
    }

    void aTimeoutEndsTheInstance() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        auto started = bench.start(bench.spec("custom"));
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        const auto result =
            bench.run(*started.instance, RuntimeBench::request("sleep", std::chrono::milliseconds(200)));
        QVERIFY(result.status == Status::Timeout);
        QVERIFY(contains(result.payload, "Function timed out after 5 seconds"));
        QVERIFY(!started.instance->alive());
        bench.destroy(std::move(started.instance));
    }

    void severalRunsAtOnceHaveTheirOwnConnections() {
        RuntimeBench bench;
        bench.write("bootstrap",
                    "#!/usr/bin/python3\nimport threading\nBARRIER = threading.Barrier(100)\n" +
                        std::string(kServer).replace(std::string(kServer).find("elif how == 'sleep'"), 0,
                                                     "elif how == 'meet': BARRIER.wait(20)\n        "),
                    true);
        const auto spec = bench.spec("custom");
        spec->function.set_instance_concurrency(100);
        spec->function.set_timeout(30);
        auto started = bench.start(spec);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        std::vector<std::future<RunResult>> futures;
        for (int i = 0; i < 100; ++i) {
            futures.push_back(asio::co_spawn(
                bench.io().context(0),
                started.instance->run(RuntimeBench::request("meet", std::chrono::seconds(30)), {}), asio::use_future));
        }
        for (auto& future : futures) {
            QCOMPARE(future.get().payload, std::string("meet"));
        }
        bench.destroy(std::move(started.instance));
    }

    void theInitializerIsPosted() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        const auto spec = bench.spec("custom");
        spec->function.mutable_instance_lifecycle_config()->mutable_initializer()->set_handler("x");
        Output output;
        auto started = bench.start(spec, output);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(contains(*output.text, "initializing\n"));
        bench.destroy(std::move(started.instance));
        (*spec->function.mutable_environment_variables())["INIT"] = "bad";
        started = bench.start(spec);
        QVERIFY(!started.instance);
        QVERIFY(started.failure.status == Status::FunctionError);
    }

    void whatDoesNotStartSaysWhy() {
        RuntimeBench bench;
        const auto spec = bench.spec("custom");
        auto started = bench.start(spec);
        QVERIFY(!started.instance);
        QVERIFY(contains(started.failure.payload, "The CA process either cannot be started or exited"));
        QVERIFY(contains(started.failure.payload, "/code/bootstrap: No such file or directory"));
        QVERIFY(contains(started.failure.payload, "\"errorType\":\"CAExited\""));

        bench.write("bootstrap", "#!/bin/bash\necho hello from bash\nexit 4\n", true);
        Output output;
        started = bench.start(spec, output);
        QVERIFY(!started.instance);
        QVERIFY(contains(started.failure.payload, "CAExited"));
        QCOMPARE(*output.text, std::string("hello from bash\n"));
    }

    // The agent says why and ends at once: whichever of the two is seen first, its last word counts.
    void theLastWordOfAnAgentIsHeard() {
        RuntimeBench bench;
        const auto spec = bench.spec("custom");
        for (int i = 0; i < 100; ++i) {
            const auto started = bench.start(spec);
            QVERIFY(!started.instance);
            QVERIFY2(contains(started.failure.payload, "/code/bootstrap: No such file or directory"),
                     started.failure.payload.c_str());
        }
    }

    void whatNeverListensIsGivenUp() {
        RuntimeBench bench(0, {}, std::chrono::milliseconds(400));
        bench.write("bootstrap", "#!/bin/bash\nexec sleep 60\n", true);
        auto started = bench.start(bench.spec("custom"));
        QVERIFY(!started.instance);
        QVERIFY(contains(started.failure.payload, "The CA's http server cannot be started"));
        QVERIFY(contains(started.failure.payload, "dial tcp 127.0.0.1:9000: Connection refused"));
        QVERIFY(contains(started.failure.payload, "\"errorType\":\"FunctionNotStarted\""));
    }

    void aSlowStartIsWaitedFor() {
        RuntimeBench bench;
        bench.write("bootstrap", kServer, true);
        const auto spec = bench.spec("custom");
        (*spec->function.mutable_environment_variables())["DELAY"] = "0.5";
        spec->function.mutable_custom_runtime_config()->add_command("/usr/bin/python3");
        spec->function.mutable_custom_runtime_config()->add_args("/code/bootstrap");
        auto started = bench.start(spec);
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QVERIFY(started.times.init >= std::chrono::milliseconds(500));
        QCOMPARE(body(bench, *started.instance, "hi"), std::string("hi"));
        bench.destroy(std::move(started.instance));
    }

    void theObjectEndpointOpensInside() {
        const auto seen = std::make_shared<std::atomic<int>>(0);
        RuntimeBench bench(0, [seen](int fd, const std::string&, const std::string&, const std::shared_ptr<void>&) {
            ++*seen;
            ::close(fd);
        });
        bench.write(
            "bootstrap",
            std::string("#!/usr/bin/python3\nimport socket\nsocket.create_connection(('127.0.0.1', 9001))\n") + kServer,
            true);
        auto started = bench.start(bench.spec("custom"));
        QVERIFY2(started.instance != nullptr, started.failure.payload.c_str());
        QCOMPARE(seen->load(), 1);
        bench.destroy(std::move(started.instance));
    }
};

QTEST_GUILESS_MAIN(TestCustomRuntime)
#include "tst_custom_runtime.moc"
