// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the Python agent starts from.

#include "runtime/runtime_bench.h"

#include <algorithm>

using namespace hanshu;
using hanshu::test::RuntimeBench;
using Status = runtime::RunResult::Status;

namespace {

std::string& file(sandbox::LaunchSpec& spec, std::string_view path) {
    for (auto& given : spec.files) {
        if (given.path == path) {
            return given.bytes;
        }
    }
    qFatal("the agent comes without %s", std::string(path).c_str());
}

// The body that an error in the handler makes, which shows the agent's own frames if it takes them for the function's.
std::string outcome(RuntimeBench& bench) {
    bench.write("index.py", "def handler(e, c):\n    raise ValueError(__import__('__main__').__file__)\n");
    auto started = bench.start(bench.spec());
    if (!started.instance) {
        return started.failure.payload;
    }
    auto result = bench.run(*started.instance, RuntimeBench::request(""));
    bench.destroy(std::move(started.instance));
    return result.payload;
}

std::string expected() {
    std::string body =
        "{`errorMessage`:`/var/fc/agent.py`,`errorType`:`ValueError`,`stackTrace`:[[`File \\`/code/index.py\\``,"
        "`line 2`,`in handler`,`raise ValueError(__import__('__main__').__file__)`]]}";
    std::ranges::replace(body, '`', '"');
    return body;
}

}  // namespace

class TestAgentStart : public QObject {
    Q_OBJECT
private slots:
    void itsBytecodeIsEnough() {
        RuntimeBench bench;
        bench.sandboxes().tamper([](sandbox::LaunchSpec& spec) { file(spec, "/var/fc/agent.py") = "not Python"; });
        QCOMPARE(outcome(bench), expected());
    }

    void anotherInterpreterStartsFromTheSource() {
        RuntimeBench bench;
        bench.sandboxes().tamper([](sandbox::LaunchSpec& spec) {
            auto& bytecode = file(spec, "/var/fc/agent.pyc");
            bytecode[0] = static_cast<char>(bytecode[0] + 1);
            bytecode.resize(40);
        });
        QCOMPARE(outcome(bench), expected());
    }

    void anAgentThatEndsBeforeItsFunctionComesIsReplaced() {
        RuntimeBench bench;
        bench.sandboxes().tamper([left = 2](sandbox::LaunchSpec& spec) mutable {
            if (left-- > 0) {
                spec.argv = {"/usr/bin/false"};
            }
        });
        QCOMPARE(outcome(bench), expected());
        QCOMPARE(bench.sandboxes().launched(), 3);
    }

    void agentsThatAllEndAreAnErrorThatShowsWhatTheySaid() {
        RuntimeBench bench;
        bench.sandboxes().tamper(
            [](sandbox::LaunchSpec& spec) { spec.argv = {"/usr/bin/sh", "-c", "echo no interpreter >&2; exit 1"}; });
        const auto started = bench.tryStart(bench.spec());
        QVERIFY(!started);
        QVERIFY(started.error().code == Code::Internal);
        QVERIFY2(started.error().detail.find("no interpreter") != std::string::npos, started.error().detail.c_str());
    }

    void aHostWithoutRoomIsNotAskedAgain() {
        RuntimeBench bench;
        bench.sandboxes().refuse(true);
        const auto started = bench.tryStart(bench.spec());
        QVERIFY(!started);
        QCOMPARE(started.error().reason, std::string("ResourceThrottled"));
        QCOMPARE(bench.sandboxes().refused(), 1);
    }
};

QTEST_GUILESS_MAIN(TestAgentStart)
#include "tst_agent_start.moc"
