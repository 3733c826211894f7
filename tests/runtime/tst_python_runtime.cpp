// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/runtime_bench.h"

#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <regex>

using namespace hanshu;
using hanshu::test::Output;
using hanshu::test::RuntimeBench;
using runtime::RunResult;
using Status = runtime::RunResult::Status;

namespace {

bool contains(const std::string& text, std::string_view part) {
    if (text.find(part) == std::string::npos) {
        qWarning("not found: '%s' in:\n%s", std::string(part).c_str(), text.c_str());
        return false;
    }
    return true;
}

// Text with quotes for backticks.
std::string quoted(std::string text) {
    std::ranges::replace(text, '`', '"');
    return text;
}

// One call of a fresh instance of `code`.
struct OneCall {
    RunResult result;
    Output output;
    bool alive = false;
};

OneCall callOnce(const std::string& code, const std::string& event = "e",
                 std::chrono::milliseconds timeout = std::chrono::seconds(5)) {
    RuntimeBench bench;
    bench.write("index.py", code);
    OneCall call;
    auto started = bench.start(bench.spec(), call.output);
    if (!started.instance) {
        call.result = std::move(started.failure);
        return call;
    }
    call.result = bench.run(*started.instance, RuntimeBench::request(event, timeout), call.output);
    call.alive = started.instance->alive();
    bench.destroy(std::move(started.instance));
    return call;
}

}  // namespace

class TestPythonRuntime : public QObject {
    Q_OBJECT

private slots:
    void bytesAndTextComeBackAsTheyAre() {
        QCOMPARE(callOnce("def handler(e, c): return e[::-1]", "abc").result.payload, std::string("cba"));
        QCOMPARE(callOnce("def handler(e, c): return '函数 ' + e.decode()", "ü").result.payload, std::string("函数 ü"));
        QCOMPARE(callOnce("def handler(e, c): return bytearray(e)", std::string("\0\xff\n", 3)).result.payload,
                 std::string("\0\xff\n", 3));
    }

    void everythingElseComesBackAsJson() {
        const auto json = callOnce("def handler(e, c): return {'a': [1, 2.5, None, True], 'ü': 'x\"\\n'}").result;
        QVERIFY(json.status == Status::Succeeded);
        QCOMPARE(json.payload, (quoted("{`a`: [1, 2.5, null, true], `\\u00fc`: `x\\`\\n`}")));
        QCOMPARE(callOnce("def handler(e, c): pass").result.payload, std::string("null"));
        const auto odd = callOnce("def handler(e, c): return {1, 2}").result;
        QVERIFY(odd.status == Status::FunctionError);
        QVERIFY(
            contains(odd.payload,
                     quoted("`errorMessage`:`Object of type set is not JSON serializable`,`errorType`:`TypeError`")));
        const auto circle = callOnce("def handler(e, c):\n a = []\n a.append(a)\n return a").result;
        QVERIFY(
            contains(circle.payload, quoted("`errorMessage`:`Circular reference detected`,`errorType`:`ValueError`")));
    }

    void thirtyTwoMegabytesPassInBothDirections() {
        std::string event(32 << 20, 'x');
        for (std::size_t i = 0; i < event.size(); i += 4093) {
            event[i] = static_cast<char>(i);
        }
        const auto call = callOnce("def handler(e, c): return e", event);
        QVERIFY(call.result.status == Status::Succeeded);
        QVERIFY(call.result.payload == event);
        const auto more = callOnce("def handler(e, c): return e + b'x'", event).result;
        QVERIFY(more.status == Status::FunctionError);
        QVERIFY(contains(more.payload, "response payload size exceeds maximum allowed size (33554432 bytes)"));
    }

    void anInstanceKeepsItsState() {
        RuntimeBench bench;
        bench.write("index.py", "n = 0\ndef handler(e, c):\n global n\n n += 1\n return n");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        for (int i = 1; i <= 300; ++i) {
            QCOMPARE(bench.run(*started.instance, RuntimeBench::request("")).payload, std::to_string(i));
        }
        bench.destroy(std::move(started.instance));
    }

    void anExceptionBecomesTheDocumentedBody() {
        const auto call =
            callOnce("def inner():\n    raise KeyError('函\"')\n\ndef handler(e, c):\n    return inner()");
        QVERIFY(call.result.status == Status::FunctionError);
        QCOMPARE(call.result.payload,
                 (quoted("{`errorMessage`:`'\\u51fd\\`'`,`errorType`:`KeyError`,`stackTrace`:["
                         "[`File \\`/code/index.py\\``,`line 5`,`in handler`,`return inner()`],"
                         "[`File \\`/code/index.py\\``,`line 2`,`in inner`,`raise KeyError('\\u51fd\\`')`]]}")));
        QVERIFY(call.alive);
        QVERIFY(contains(*call.output.text, "[ERROR] KeyError: "));
        QVERIFY(std::regex_search(
            *call.output.text, std::regex("FC Invoke End RequestId: [-0-9a-f]+, Error: Unhandled function error\n$")));
    }

    void whatCantBeLoadedSaysWhy() {
        const auto load = [](const std::string& code, const std::string& handler = "index.handler") {
            RuntimeBench bench;
            bench.write("index.py", code);
            bench.write("dir/mod.py", "def f(e, c): return 'deep'");
            const auto spec = bench.spec();
            spec->function.set_handler(handler);
            auto started = bench.start(spec);
            if (!started.instance) {
                return started.failure.payload;
            }
            auto payload = bench.run(*started.instance, RuntimeBench::request("")).payload;
            bench.destroy(std::move(started.instance));
            return payload;
        };
        QVERIFY(contains(load("x = 1"), quoted("`errorMessage`:`Handler 'handler' is missing on module 'index'`")));
        QVERIFY(contains(load("handler = 1"), "is not callable"));
        QVERIFY(contains(load("", "other.handler"),
                         quoted("`errorMessage`:`No module named 'other'`,`errorType`:`ModuleNotFoundError`")));
        QVERIFY(contains(load("", "nodot"), "it must have the form module.function"));
        const auto syntax = load("def handler(e, c)\n  pass");
        QVERIFY(contains(syntax, quoted("`errorType`:`SyntaxError`")));
        QVERIFY(contains(syntax, quoted("[`File \\`/code/index.py\\``,`line 1`,`in <module>`,`def handler(e, c)`]")));
        QVERIFY(
            contains(load("1/0"),
                     quoted("`errorMessage`:`division by zero`,`errorType`:`ZeroDivisionError`,`stackTrace`:[[`File "
                            "\\`/code/index.py\\``,`line 1`,`in <module>`,`1/0`]]")));
        QVERIFY(contains(load("import os\nos._exit(3)"), "Process exited unexpectedly before completing request"));
        QCOMPARE(load("", "dir/mod.f"), std::string("deep"));
        QCOMPARE(load("", "dir.mod.f"), std::string("deep"));
    }

    void outputIsCompleteAndInOrderWhenTheRunEnds() {
        const auto call = callOnce(
            "import sys, subprocess, os\n"
            "def handler(e, c):\n"
            "    print('one')\n"
            "    sys.stderr.write('two\\n')\n"
            "    subprocess.run(['/bin/sh', '-c', 'echo three; echo four >&2'])\n"
            "    os.write(1, b'five\\n')\n"
            "    print('six 函', end='')\n"
            "    return c.request_id\n");
        const auto id = call.result.payload;
        QCOMPARE(*call.output.text, "FC Invoke Start RequestId: " + id +
                                        "\none\ntwo\nthree\nfour\nfive\nsix 函\nFC Invoke End RequestId: " + id + "\n");
    }

    void thePlatformsLinesStandOnTheirOwnThoughALineWasLeftOpen() {
        const auto late = callOnce(
            "import time\ndef handler(e, c):\n    print('open', end='', flush=True)\n"
            "    time.sleep(60)",
            "", std::chrono::milliseconds(300));
        QVERIFY(contains(*late.output.text, "\nopen\nDumping stack trace after function timeout\n"));
        QVERIFY(contains(*late.output.text, "\nFC Invoke End RequestId: "));
        const auto gone = callOnce("import os\ndef handler(e, c):\n    os.write(1, b'open')\n    os._exit(1)");
        QVERIFY(contains(*gone.output.text, "\nopen\nFC Invoke End RequestId: "));
        const auto loading = callOnce("print('open', end='')\ndef handler(e, c): pass");
        QVERIFY(contains(*loading.output.text, "open\nFC Invoke Start RequestId: "));
    }

    void endlessOutputNeitherBlocksNorGrows() {
        RuntimeBench bench;
        bench.write("index.py",
                    "def handler(e, c):\n line = 'x' * 1023\n for i in range(200000): print(line)\n return 'ok'");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        const auto count = std::make_shared<std::size_t>(0);
        auto result = bench.wait(started.instance->run(RuntimeBench::request("", std::chrono::seconds(50)),
                                                       [count](std::string_view bytes) { *count += bytes.size(); }));
        QCOMPARE(result.payload, std::string("ok"));
        QVERIFY(*count > 200000 * 1024);
        bench.destroy(std::move(started.instance));
    }

    void loggingHasTheDocumentedForm() {
        const auto call = callOnce(
            "import logging\n"
            "def handler(e, c):\n"
            "    c.logger.info('hello %d', 7)\n"
            "    logging.getLogger('x').warning('careful')\n"
            "    logging.getLogger().debug('unseen')\n"
            "    try:\n        1/0\n    except ZeroDivisionError:\n        c.logger.exception('bad')\n"
            "    return c.request_id\n");
        QVERIFY(call.result.status == Status::Succeeded);
        const std::string stamp = quoted("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ") + call.result.payload;
        const auto has = [&](const std::string& rest) {
            return std::regex_search(*call.output.text, std::regex(stamp + rest));
        };
        QVERIFY2(has(quoted(" \\[INFO\\] hello 7\\n")), call.output.text->c_str());
        QVERIFY(has(quoted(" \\[WARNING\\] careful\\n")));
        QVERIFY(has(quoted(" \\[ERROR\\] bad\\nTraceback")));
        QVERIFY(call.output.text->find("unseen") == std::string::npos);
    }

    void theContextHoldsWhatIsDocumented() {
        RuntimeBench bench;
        bench.write(
            "index.py",
            "def handler(e, c):\n"
            "    k = c.credentials\n"
            "    return [c.request_id, k.access_key_id, k.access_key_secret, k.security_token, c.function.name,\n"
            "            c.function.handler, c.function.memory, c.function.timeout, c.service.name, c.region,\n"
            "            c.account_id, c.retry_count, c.tracing.span_context]\n");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        auto request = RuntimeBench::request("");
        request.attempt = 2;
        request.credentials = {"STS.a", "secret", "token", {}};
        const auto id = request.requestId.value;
        QCOMPARE(
            bench.run(*started.instance, std::move(request)).payload,
            "[\"" + id +
                quoted("`, `STS.a`, `secret`, `token`, `f`, `index.handler`, 512, 5, ``, `local`, `1234`, 2, ``]"));
        bench.destroy(std::move(started.instance));
    }

    void credentialsReachTheEnvironmentAndFollowTheirRenewal() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import os\nseen = os.environ.get('AWS_ACCESS_KEY_ID')\n"
                    "def handler(e, c): return [seen] + [os.environ.get(k, '-') for k in ('AWS_ACCESS_KEY_ID', "
                    "'AWS_SESSION_TOKEN', 'ALIBABA_CLOUD_ACCESS_KEY_SECRET', 'AWS_SECRET_ACCESS_KEY')] + "
                    "[c.credentials.access_key_id]\n");
        const auto spec = bench.spec();
        (*spec->function.mutable_environment_variables())["AWS_SECRET_ACCESS_KEY"] = "own";
        auto cause = RuntimeBench::request("");
        cause.credentials = {"k1", "s1", "t1", {}};
        const auto second = [] {
            auto request = RuntimeBench::request("");
            request.credentials = {"k2", "s2", "t2", {}};
            return request;
        };
        auto started = bench.start(spec, {}, cause);
        QVERIFY(started.instance);
        QCOMPARE(bench.run(*started.instance, cause).payload, (quoted("[`k1`, `k1`, `t1`, `s1`, `own`, `k1`]")));
        QCOMPARE(bench.run(*started.instance, second()).payload, (quoted("[`k1`, `k2`, `t2`, `s2`, `own`, `k2`]")));
        bench.destroy(std::move(started.instance));
        spec->function.set_disable_inject_credentials("Env");
        started = bench.start(spec, {}, cause);
        QCOMPARE(bench.run(*started.instance, second()).payload, (quoted("[null, `-`, `-`, `-`, `own`, `k2`]")));
        bench.destroy(std::move(started.instance));
        spec->function.set_disable_inject_credentials("All");
        started = bench.start(spec, {}, cause);
        QCOMPARE(bench.run(*started.instance, second()).payload, (quoted("[null, `-`, `-`, `-`, `own`, ``]")));
        bench.destroy(std::move(started.instance));
    }

    void theEnvironmentIsTheDocumentedOne() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import os, sys, json\ndef handler(e, c):\n return json.dumps([{k: os.environ.get(k) for k in "
                    "json.loads(e)}, sorted(k for k in os.environ if k.startswith('FC_')), os.getcwd(), "
                    "sys.path[:3]])");
        const auto spec = bench.spec();
        (*spec->function.mutable_environment_variables())["MINE"] = "函";
        (*spec->function.mutable_environment_variables())["FC_REGION"] = "forged";
        auto started = bench.start(spec);
        QVERIFY(started.instance);
        const auto result = bench.run(*started.instance,
                                      RuntimeBench::request(quoted("[`MINE`, `HOME`, `LANG`, `FC_REGION`, `AWS_REGION`,"
                                                                   "`AWS_ENDPOINT_URL_S3`, `FC_FUNCTION_NAME`]")));
        QCOMPARE(result.payload,
                 (quoted("[{`MINE`: `\\u51fd`, `HOME`: `/tmp`, `LANG`: `C.UTF-8`, `FC_REGION`: `local`, "
                         "`AWS_REGION`: `local`, `AWS_ENDPOINT_URL_S3`: `http://127.0.0.1:9001`, "
                         "`FC_FUNCTION_NAME`: `f`}, [`FC_ACCOUNT_ID`, `FC_FUNCTION_HANDLER`, "
                         "`FC_FUNCTION_MEMORY_SIZE`, `FC_FUNCTION_NAME`, `FC_FUNC_CODE_PATH`, `FC_INSTANCE_ID`, "
                         "`FC_QUALIFIER`, `FC_REGION`, `FC_RUNTIME_VERSION`, `FC_SERVICE_NAME`, `FC_VER_ID`], "
                         "`/code`, [`/code`, `/opt/python`, `/opt/python/lib/python3.11/site-packages`]]")));
        bench.destroy(std::move(started.instance));
    }

    void anInitializerRunsOnceAndItsFailureIsTheRuns() {
        RuntimeBench bench;
        bench.write("index.py",
                    "n = 0\ndef init(c):\n global n\n n += 1\n print('init ' + c.request_id)\n"
                    "def bad(c): raise ValueError('no')\n"
                    "def slow(c):\n while True: pass\n"
                    "def handler(e, c): return n\n");
        const auto spec = bench.spec();
        auto& hook = *spec->function.mutable_instance_lifecycle_config()->mutable_initializer();
        hook.set_handler("index.init");
        Output output;
        auto cause = RuntimeBench::request("");
        auto started = bench.start(spec, output, cause);
        QVERIFY(started.instance);
        const auto id = cause.requestId.value;
        QCOMPARE(*output.text, "FC Initialize Start RequestId: " + id + "\ninit " + id +
                                   "\nFC Initialize End RequestId: " + id + "\n");
        bench.run(*started.instance, RuntimeBench::request(""));
        QCOMPARE(bench.run(*started.instance, RuntimeBench::request("")).payload, std::string("1"));
        bench.destroy(std::move(started.instance));
        hook.set_handler("index.bad");
        started = bench.start(spec);
        QVERIFY(!started.instance);
        QVERIFY(started.failure.status == Status::FunctionError);
        QVERIFY(contains(started.failure.payload, quoted("`errorMessage`:`no`,`errorType`:`ValueError`")));
        hook.set_handler("index.slow");
        hook.set_timeout(1);
        started = bench.start(spec);
        QVERIFY(started.failure.status == Status::Timeout);
        QVERIFY(contains(started.failure.payload, "Function initializer timed out after 1 seconds"));
    }

    void preStopRunsBeforeTheEnd() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import socket\ndef handler(e, c): pass\n"
                    "def stop(c):\n s = socket.create_connection(('127.0.0.1', 9001))\n s.close()\n");
        const auto visits = std::make_shared<std::atomic<int>>(0);
        RuntimeBench doors(0, [visits](int fd, const std::string&, const std::string&, const std::shared_ptr<void>&) {
            ++*visits;
            ::close(fd);
        });
        const auto spec = bench.spec();
        spec->function.mutable_instance_lifecycle_config()->mutable_pre_stop()->set_handler("index.stop");
        auto started = doors.start(spec);
        QVERIFY(started.instance);
        QVERIFY(doors.wait([](runtime::Instance& instance) -> Task<bool> {
            co_await instance.stop();
            co_return !instance.alive();
        }(*started.instance)));
        QVERIFY(RuntimeBench::waitFor([&] { return *visits == 1; }));
        doors.destroy(std::move(started.instance));
    }

    void aTimeoutTellsWhereTheCodeWas() {
        const auto call =
            callOnce("def spin():\n    while True: pass\ndef handler(e, c):\n    print('begun')\n    spin()\n", "",
                     std::chrono::milliseconds(300));
        QVERIFY(call.result.status == Status::Timeout);
        QVERIFY(!call.alive);
        QCOMPARE(call.result.payload,
                 (quoted("{`errorMessage`:`Function timed out after 5 seconds (maxMemoryUsage: 0.00MB)`}")));
        QVERIFY(contains(*call.output.text, "begun\nDumping stack trace after function timeout\n"));
        QVERIFY(contains(*call.output.text, "File \"/code/index.py\", line 2 in spin"));
        QVERIFY(contains(*call.output.text, ", Error: Function timed out after 5 seconds"));
        QVERIFY(call.result.run >= std::chrono::milliseconds(300));
        QVERIFY(call.result.run < std::chrono::seconds(3));
    }

    void anEndOfTheProcessEndsTheRunAtOnce() {
        for (const std::string how : {"exit()", "exit(3)", "import sys; sys.exit('bye')", "import os; os._exit(1)",
                                      "import os; os.kill(os.getpid(), 9)", "import os; os.kill(os.getpid(), 11)"}) {
            const auto call = callOnce("def handler(e, c):\n    print('before')\n    " + how);
            QVERIFY2(call.result.status == Status::Exited, how.c_str());
            QVERIFY(!call.alive);
            QVERIFY(
                std::regex_match(call.result.payload,
                                 std::regex(quoted("\\{`errorMessage`:`Process exited unexpectedly before completing "
                                                   "request \\(duration: \\d+ms, maxMemoryUsage: 0\\.00MB\\)`\\}"))));
            QVERIFY(contains(*call.output.text, "before\n"));
        }
    }

    void aForkedChildThatReturnsDoesNotAnswer() {
        const auto call = callOnce(
            "import os\ndef handler(e, c):\n    pid = os.fork()\n    if pid == 0: return 'child'\n"
            "    os.waitpid(pid, 0)\n    return 'parent'");
        QCOMPARE(call.result.payload, std::string("parent"));
    }

    void aDeadIdleInstanceIsNoticed() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import threading, time, os\ndef later():\n    time.sleep(0.1)\n    os._exit(0)\n"
                    "def handler(e, c):\n    threading.Thread(target=later).start()\n    return 'soon'");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        std::atomic<bool> died = false;
        started.instance->onDeath([&died] { died = true; });
        QCOMPARE(bench.run(*started.instance, RuntimeBench::request("")).payload, std::string("soon"));
        QVERIFY(RuntimeBench::waitFor([&] { return died.load(); }));
        QVERIFY(bench.run(*started.instance, RuntimeBench::request("")).status == Status::Exited);
        bench.destroy(std::move(started.instance));
    }

    void forgedFramesEndTheInstance_data() {
        QTest::addColumn<QString>("frame");
        QTest::newRow("unknown kind") << "b'\\0\\0\\0\\0\\x63'";
        QTest::newRow("oversized") << "b'\\xff\\xff\\xff\\xff\\x04'";
        QTest::newRow("ready again") << "b'\\0\\0\\0\\0\\x01'";
        QTest::newRow("loaded again") << "b'\\0\\0\\0\\0\\x02'";
        QTest::newRow("load failed late") << "b'\\2\\0\\0\\0\\x03{}'";
        QTest::newRow("result of no run") << "b'\\5\\0\\0\\0\\x04' + b'\\x77\\0\\0\\0' + b'\\0'";
        QTest::newRow("result too short") << "b'\\4\\0\\0\\0\\x04' + b'\\2\\0\\0\\0'";
        QTest::newRow("status unknown") << "b'\\5\\0\\0\\0\\x04' + b'\\2\\0\\0\\0' + b'\\x09'";
        QTest::newRow("garbage") << "b'GET / HTTP/1.1\\r\\n\\r\\n'";
        QTest::newRow("sockets") << "b'\\4\\0\\0\\0\\x05\\1\\0\\0\\0'";
    }
    void forgedFramesEndTheInstance() {
        QFETCH(QString, frame);
        const auto call = callOnce("import os, time\ndef handler(e, c):\n    os.write(3, " + frame.toStdString() +
                                   ")\n    time.sleep(20)");
        QVERIFY(call.result.status == Status::Exited);
        QVERIFY(contains(call.result.payload, "code inside broke the protocol of the runtime"));
        QVERIFY(!call.alive);
    }

    void aForgedResultIsTheFunctionsOwnAndTheSecondEndsIt() {
        RuntimeBench bench;
        bench.write(
            "index.py",
            "import os\ndef handler(e, c):\n    os.write(3, b'\\6\\0\\0\\0\\x04\\2\\0\\0\\0\\0F')\n    return 'real'");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        std::atomic<bool> died = false;
        started.instance->onDeath([&died] { died = true; });
        QCOMPARE(bench.run(*started.instance, RuntimeBench::request("")).payload, std::string("F"));
        QVERIFY(RuntimeBench::waitFor([&] { return died.load(); }));
        bench.destroy(std::move(started.instance));
    }

    void descriptorsFromInsideAreNeverTaken() {
        const auto before = openDescriptors();
        RuntimeBench bench;
        bench.write("index.py",
                    "import socket, array, os\ndef handler(e, c):\n    s = socket.socket(fileno=os.dup(3))\n"
                    "    s.sendmsg([b'\\5\\0\\0\\0\\x04\\2\\0\\0\\0\\0'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, "
                    "array.array('i', [0] * 200))])\n    import time\n    time.sleep(20)");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        QVERIFY(bench.run(*started.instance, RuntimeBench::request("")).status == Status::Succeeded);
        QVERIFY(openDescriptors() < before + 50);
        bench.destroy(std::move(started.instance));
    }

    void theObjectEndpointOpensInsideAndNamesItsFunction() {
        const auto seen = std::make_shared<std::string>();
        RuntimeBench bench(
            0, [seen](int fd, const std::string& account, const std::string& function, const std::shared_ptr<void>&) {
                *seen = account + "/" + function;
                [[maybe_unused]] const auto sent = ::send(fd, "hello", 5, MSG_NOSIGNAL);
                ::close(fd);
            });
        bench.write("index.py",
                    "import socket, os\nfrom urllib.parse import urlparse\ndef handler(e, c):\n"
                    "    u = urlparse(os.environ['AWS_ENDPOINT_URL'])\n"
                    "    return socket.create_connection((u.hostname, u.port)).recv(100)");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        QCOMPARE(bench.run(*started.instance, RuntimeBench::request("")).payload, std::string("hello"));
        QCOMPARE(*seen, std::string("1234/f"));
        bench.destroy(std::move(started.instance));
    }

    void severalRunsAtOnceShareAnInstance() {
        RuntimeBench bench;
        bench.write("index.py",
                    "import threading\nbarrier = threading.Barrier(4)\n"
                    "def handler(e, c):\n    barrier.wait(10)\n    return e + b' ' + c.request_id.encode()");
        const auto spec = bench.spec();
        spec->function.set_instance_concurrency(4);
        auto started = bench.start(spec);
        QVERIFY(started.instance);
        std::vector<std::future<RunResult>> futures;
        std::vector<std::string> expected;
        for (int i = 0; i < 4; ++i) {
            auto request = RuntimeBench::request(std::to_string(i));
            expected.push_back(request.payload + " " + request.requestId.value);
            futures.push_back(
                asio::co_spawn(bench.io().context(0), started.instance->run(std::move(request), {}), asio::use_future));
        }
        for (std::size_t i = 0; i < 4; ++i) {
            QCOMPARE(futures[i].get().payload, expected[i]);
        }
        bench.destroy(std::move(started.instance));
    }

    void theStockIsFilledAndUsed() {
        RuntimeBench bench(4);
        bench.write("index.py", "def handler(e, c): return 'ok'");
        QVERIFY(RuntimeBench::waitFor([&] { return bench.factory().stock() == 4; }));
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        QVERIFY(started.times.fromStock);
        QVERIFY(RuntimeBench::waitFor([&] { return bench.factory().stock() == 4; }));
        QCOMPARE(bench.sandboxes().launched(), 5);
        bench.destroy(std::move(started.instance));
    }

    void killEndsWhatRuns() {
        RuntimeBench bench;
        bench.write("index.py", "import time\ndef handler(e, c):\n    print('in')\n    time.sleep(60)");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        std::atomic<bool> inside = false;
        auto future = asio::co_spawn(
            bench.io().context(0),
            started.instance->run(RuntimeBench::request("", std::chrono::seconds(60)),
                                  [&](std::string_view bytes) { inside = inside || bytes.find("in\n") == 0; }),
            asio::use_future);
        QVERIFY(RuntimeBench::waitFor([&] { return inside.load(); }));
        bench.wait([](runtime::Instance& instance) -> Task<bool> {
            instance.kill();
            co_return true;
        }(*started.instance));
        QVERIFY(future.get().status == Status::Exited);
        bench.destroy(std::move(started.instance));
    }

    void anAbortedRunSaysWhy() {
        RuntimeBench bench;
        bench.write("index.py", "import time\ndef handler(e, c):\n    print('in')\n    time.sleep(60)");
        auto started = bench.start(bench.spec());
        QVERIFY(started.instance);
        std::atomic<bool> inside = false;
        auto future = asio::co_spawn(
            bench.io().context(0),
            started.instance->run(RuntimeBench::request("", std::chrono::seconds(60)),
                                  [&](std::string_view bytes) { inside = inside || bytes.find("in\n") == 0; }),
            asio::use_future);
        QVERIFY(RuntimeBench::waitFor([&] { return inside.load(); }));
        bench.wait([](runtime::Instance& instance) -> Task<bool> {
            instance.abort("its owner wanted it so");
            co_return true;
        }(*started.instance));
        const auto result = future.get();
        QVERIFY(result.status == Status::Exited);
        QVERIFY(contains(result.payload, "The run was aborted: its owner wanted it so (duration: "));
        QVERIFY(result.payload.find("unexpectedly") == std::string::npos);
        bench.destroy(std::move(started.instance));
    }

private:
    static std::ptrdiff_t openDescriptors() {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    }
};

QTEST_GUILESS_MAIN(TestPythonRuntime)
#include "tst_python_runtime.moc"
