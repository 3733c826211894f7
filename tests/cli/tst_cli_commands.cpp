// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whole command lines against the services over real rooms.

#include "cli/shell.h"

#include <QFile>
#include <boost/json.hpp>

using namespace hanshu;
using hanshu::tests::GrpcFixture;
using hanshu::tests::has;
using hanshu::tests::Shell;

class TestCliCommands : public QObject {
    Q_OBJECT

private slots:
    void aFunctionIsDeployedTwiceShownAndDeleted() {
        Shell hanshu;
        auto made = hanshu.deploy("echo");
        EXIT(made, 0);
        QVERIFY2(made.out.starts_with("Created echo"), made.out.c_str());
        auto again = hanshu({"function", "deploy", "echo", "--timeout", "30", "-o", "json"});
        EXIT(again, 0);
        const auto json = boost::json::parse(again.out).as_object();
        QCOMPARE(json.at("timeout").as_int64(), 30);
        QCOMPARE(json.at("role").as_string(), "acs:ram::123456789:role/worker");
        QCOMPARE(json.at("environmentVariables").at("B").as_string(), "x=y");
        EXIT(hanshu({"function", "deploy", "echo", "--new"}), 5);
        auto list = hanshu({"function", "list"});
        EXIT(list, 0);
        QVERIFY(has(list.out, "echo") && has(list.out, "python3.11") && has(list.out, "30 s"));
        QCOMPARE(boost::json::parse(hanshu({"-o", "json", "function", "list"}).out).as_array().size(), 1U);
        EXIT(hanshu({"function", "get", "echo"}), 0);
        EXIT(hanshu({"function", "delete", "echo"}), 0);
        auto gone = hanshu({"function", "get", "echo"});
        EXIT(gone, 3);
        QCOMPARE(gone.err, std::string("hanshu: function 'echo' does not exist. See the list: hanshu function list\n"));
    }

    void whatADeployNeedsIsSaidBeforeAnythingIsSent() {
        Shell hanshu;
        EXIT(hanshu({"function", "deploy"}), 2);
        EXIT(hanshu({"function", "deploy", "f"}), 2);
        EXIT(hanshu({"function", "deploy", "f", "--runtime", "python3.11"}), 2);
        EXIT(hanshu({"function", "deploy", "f", "/does/not/exist", "--runtime", "python3.11"}), 2);
        auto broken = hanshu.deploy("0 no name");
        EXIT(broken, 2);
        QVERIFY2(has(broken.err, "unctionName"), broken.err.c_str());
        hanshu.file("code/index.py", "x");
        EXIT(hanshu({"function", "deploy", "f", hanshu.folder.filePath("code").toStdString(), "--runtime", "python3.11",
                     "--handler", "index.handler", "--env", "novalue"}),
             2);
        EXIT(hanshu({"no-such-command"}), 2);
        EXIT(hanshu({}), 2);
        EXIT(hanshu({"--help"}), 0);
        EXIT(hanshu({"function", "deploy", "--help"}), 0);
    }

    void aCallPrintsTheResultAloneAndFailsWhenTheFunctionFailed() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        for (const auto& arguments : {std::vector<std::string>{"invoke", "echo", "--data", "payload"},
                                      {"invoke", "echo", "-"},
                                      {"invoke", "echo", "--file", hanshu.file("event", "payload")}}) {
            auto answer = hanshu(arguments, "payload");
            EXIT(answer, 0);
            QCOMPARE(answer.out, std::string("payload"));
            QVERIFY(answer.err.empty());
        }
        auto json = hanshu({"invoke", "echo", "-d", "payload", "-o", "json"});
        EXIT(json, 0);
        QCOMPARE(boost::json::parse(json.out).at("payload").as_string(), "payload");
        EXIT(hanshu({"invoke", "echo", "-d", "x", "--file", "y"}), 2);
        EXIT(hanshu({"invoke", "nowhere"}), 3);

        hanshu.house.pipeline.play([](invoke::Call) -> Task<Result<invoke::Outcome>> {
            invoke::Outcome outcome;
            outcome.payload = R"({"errorMessage":"boom"})";
            outcome.errorType = "UnhandledInvocationError";
            outcome.logTail = "a line\nanother \x1b[31m";
            outcome.invocation.set_status("FunctionError");
            outcome.invocation.set_error_message("boom");
            co_return outcome;
        });
        auto failed = hanshu({"invoke", "echo", "--tail"});
        EXIT(failed, 1);
        QCOMPARE(failed.out, std::string(R"({"errorMessage":"boom"})"));
        QVERIFY2(has(failed.err, "a line\nanother \\x1b[31m\n"), failed.err.c_str());
        QVERIFY2(has(failed.err, "the function failed: FunctionError: boom"), failed.err.c_str());
        hanshu.house.pipeline.play([](invoke::Call) -> Task<Result<invoke::Outcome>> {
            co_return fail(Code::ResourceExhausted, "ResourceExhausted",
                           {{"limit", "account concurrency"}, {"value", "100"}});
        });
        EXIT(hanshu({"invoke", "echo"}), 6);
    }

    void runsLogsAndEventsAreListed() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        EXIT(hanshu({"invoke", "echo", "-d", "one"}), 0);
        EXIT(hanshu({"invoke", "echo", "-d", "two"}), 0);
        auto runs = hanshu({"invocations", "echo", "-o", "json"});
        EXIT(runs, 0);
        const auto list = boost::json::parse(runs.out).as_array();
        QCOMPARE(list.size(), 2U);
        EXIT(hanshu({"invocations"}), 0);
        const std::string id(list[1].at("requestId").as_string());
        auto lines = hanshu({"logs", "--request", id});
        EXIT(lines, 0);
        QVERIFY2(has(lines.out, "ran one") && !has(lines.out, "ran two"), lines.out.c_str());
        QVERIFY(has(hanshu({"logs", "echo", "--contains", "two", "--since", "1h"}).out, "ran two"));
        EXIT(hanshu({"logs", "--since", "yesterday"}), 2);
        EXIT(hanshu({"logs", "-n", "-1"}), 2);
        auto later = hanshu({"async", "echo", "-d", "{}", "--task-id", "once"});
        EXIT(later, 0);
        QVERIFY(later.out.starts_with("1-"));
        EXIT(hanshu({"async", "echo", "--task-id", "once"}), 5);
        auto events = hanshu({"events", "echo"});
        EXIT(events, 0);
        QVERIFY2(has(events.out, "Enqueued"), events.out.c_str());
        QVERIFY(hanshu({"events", "--dead"}).out.empty());
    }

    void aFunctionIsSwitchedOffAndOn() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        auto answer = hanshu({"function", "disable", "echo", "--reason", "it leaks", "--abort"});
        EXIT(answer, 0);
        QCOMPARE(answer.out, std::string("Disabled echo\n"));
        QCOMPARE(hanshu.house.scheduler.aborted, std::string("echo"));
        const auto restriction = [&hanshu] {
            const auto json = boost::json::parse(hanshu({"function", "get", "echo", "-o", "json"}).out);
            return json.at("invocationRestriction").as_object();
        };
        QVERIFY(restriction().at("disable").as_bool());
        QCOMPARE(restriction().at("reason").as_string(), boost::json::string("it leaks"));
        EXIT(hanshu({"function", "enable", "echo"}), 0);
        QVERIFY(!restriction().at("disable").as_bool());
        EXIT(hanshu({"function", "disable", "none"}), 3);
    }

    void deadLettersAreTriedAgainOrForgotten() {
        Shell hanshu;
        const auto io = hanshu.house.io.context(0).get_executor();
        std::vector<std::string> ids;
        std::vector<std::string> requests;
        for (int i = 0; i < 3; ++i) {
            store::Event event;
            event.id = newEventId();
            event.requestId = newRequestId();
            event.account = GrpcFixture::kAccount;
            event.functionName = "echo";
            event.source = "async";
            event.enqueued = hanshu.house.clock.now();
            ids.push_back(event.id.value);
            requests.push_back(event.requestId.value);
            QVERIFY(runBlocking(io, hanshu.house.queue->append(std::move(event))).has_value());
        }
        const auto now = hanshu.house.clock.now();
        const auto leases = GrpcFixture::must(runBlocking(
            io, hanshu.house.queue->claim(GrpcFixture::kAccount, "echo", 10, now, now + std::chrono::minutes{1})));
        std::vector<store::Settlement> settlements;
        for (const auto& lease : leases) {
            auto& settlement = settlements.emplace_back();
            settlement.id = lease.event.id;
            settlement.epoch = lease.epoch;
            settlement.outcome = store::Settlement::Outcome::DeadLetter;
            settlement.reason = "FunctionError";
            settlement.when = now;
        }
        QVERIFY(runBlocking(io, hanshu.house.queue->settle(std::move(settlements))).has_value());

        QVERIFY(has(hanshu({"events", "echo", "--dead"}).out, ids[0]));
        auto answer = hanshu({"events", "redrive", ids[0]});
        EXIT(answer, 0);
        QCOMPARE(answer.out, std::string("1 back in the queue\n"));
        QVERIFY(has(hanshu({"events", "--state", "Enqueued"}).out, ids[0]));
        EXIT(hanshu({"events", "rm", requests[1]}), 0);
        answer = hanshu({"events", "rm", ids[1]});
        EXIT(answer, 3);
        QVERIFY2(has(answer.err, "dead letter '" + ids[1] + "' does not exist"), answer.err.c_str());
        answer = hanshu({"events", "redrive", "--all-of", "echo", "-o", "json"});
        EXIT(answer, 0);
        QVERIFY2(has(answer.out, "\"count\""), answer.out.c_str());
        QVERIFY(hanshu({"events", "--dead"}).out.empty());
        EXIT(hanshu({"events", "redrive"}), 2);
        EXIT(hanshu({"events", "rm", ids[2], "--all-of", "echo"}), 2);
    }

    void objectsGoInAndOut() {
        Shell hanshu;
        EXIT(hanshu({"bucket", "create", "videos"}), 0);
        EXIT(hanshu({"bucket", "create", "videos"}), 5);
        EXIT(hanshu({"bucket", "create", "Not A Bucket"}), 2);
        std::string bytes;
        for (int i = 0; i < 1'200'000; ++i) {
            bytes += static_cast<char>(i * 13 + i / 501);
        }
        const auto source = hanshu.file("clip.mp4", bytes);
        EXIT(hanshu({"object", "put", source, "videos/in/"}), 0);
        EXIT(hanshu({"object", "put", "-", "videos/in/text", "--content-type", "text/plain"}, "from a pipe"), 0);
        EXIT(hanshu({"object", "put", hanshu.file("nothing", ""), "videos/empty"}), 0);
        EXIT(hanshu({"object", "put", source, "nowhere/x"}), 3);
        EXIT(hanshu({"object", "put", "/does/not/exist", "videos/x"}), 2);
        auto out = hanshu({"object", "get", "videos/in/text", "-"});
        EXIT(out, 0);
        QCOMPARE(out.out, std::string("from a pipe"));
        const auto target = hanshu.folder.filePath("back").toStdString();
        EXIT(hanshu({"object", "get", "videos/in/clip.mp4", target}), 0);
        QFile back(QString::fromStdString(target));
        QVERIFY(back.open(QIODevice::ReadOnly));
        QVERIFY(back.readAll().toStdString() == bytes);
        EXIT(hanshu({"object", "get", "videos/missing", target + "2"}), 3);
        QVERIFY(!std::filesystem::exists(target + "2"));
        EXIT(hanshu({"object", "get", "videos/empty", target + "3"}), 0);
        QCOMPARE(std::filesystem::file_size(target + "3"), 0U);
        auto folders = hanshu({"object", "ls", "videos"});
        QVERIFY2(has(folders.out, "in/\n") || has(folders.out, "in/ "), folders.out.c_str());
        QVERIFY(!has(folders.out, "clip.mp4"));
        auto all = hanshu({"object", "ls", "videos", "-r", "-o", "json"});
        QCOMPARE(boost::json::parse(all.out).as_array().size(), 3U);
        EXIT(hanshu({"bucket", "delete", "videos"}), 5);
        EXIT(hanshu({"object", "rm", "videos/empty"}), 0);
        EXIT(hanshu({"object", "rm", "-r", "videos/"}), 0);
        EXIT(hanshu({"bucket", "delete", "videos"}), 0);
    }

    void anUpdateChangesWhatIsGivenAndKeepsTheRest() {
        Shell hanshu;
        EXIT(hanshu.deploy("transcode"), 0);
        EXIT(hanshu({"bucket", "create", "videos"}), 0);
        EXIT(hanshu({"trigger", "create", "transcode", "on-upload", "--oss", "videos", "--prefix", "in/", "--suffix",
                     ".mp4", "--description", "before"}),
             0);
        EXIT(hanshu({"trigger", "create", "transcode", "tick", "--timer", "@every 5m", "--payload", "x"}), 0);
        EXIT(hanshu({"trigger", "create", "transcode", "web", "--http"}), 0);
        const auto configOf = [&](const std::string& name) {
            const auto shown = hanshu({"trigger", "get", "transcode", name, "-o", "json"});
            const auto trigger = boost::json::parse(shown.out).as_object();
            return boost::json::parse(trigger.at("triggerConfig").as_string()).as_object();
        };

        auto object = hanshu({"trigger", "update", "transcode", "on-upload", "--suffix", ".mov", "--events",
                              "oss:ObjectCreated:PutObject,oss:ObjectRemoved:DeleteObject"});
        EXIT(object, 0);
        QVERIFY2(has(object.err, "--principal bucket:videos"), object.err.c_str());
        QVERIFY2(has(object.out, "before"), object.out.c_str());
        const auto key = configOf("on-upload").at("filter").at("key").as_object();
        QCOMPARE(key.at("prefix").as_string(), "in/");
        QCOMPARE(key.at("suffix").as_string(), ".mov");
        QCOMPARE(configOf("on-upload").at("events").as_array().size(), 2U);
        EXIT(hanshu({"trigger", "update", "transcode", "on-upload", "--description", "after"}), 0);
        QVERIFY(has(hanshu({"trigger", "get", "transcode", "on-upload"}).out, "after"));
        QCOMPARE(configOf("on-upload").at("filter").at("key").at("suffix").as_string(), ".mov");

        EXIT(hanshu({"trigger", "update", "transcode", "tick", "--disable"}), 0);
        QCOMPARE(configOf("tick").at("enable").as_bool(), false);
        EXIT(hanshu({"trigger", "update", "transcode", "tick", "--enable", "--timer", "@every 1h"}), 0);
        QCOMPARE(configOf("tick").at("enable").as_bool(), true);
        QCOMPARE(configOf("tick").at("payload").as_string(), "x");
        QCOMPARE(configOf("tick").at("cronExpression").as_string(), "@every 1h");

        EXIT(hanshu({"trigger", "update", "transcode", "web", "--auth", "anonymous", "--methods", "PUT"}), 0);
        QCOMPARE(configOf("web").at("authType").as_string(), "anonymous");
        QCOMPARE(boost::json::serialize(configOf("web").at("methods")), R"(["PUT"])");

        EXIT(hanshu({"trigger", "update", "transcode", "web"}), 2);
        auto wrong = hanshu({"trigger", "update", "transcode", "web", "--prefix", "in/"});
        EXIT(wrong, 2);
        QVERIFY2(has(wrong.err, "type http"), wrong.err.c_str());
        EXIT(hanshu({"trigger", "update", "transcode", "tick", "--enable", "--disable"}), 2);
        EXIT(hanshu({"trigger", "update", "transcode", "tick", "--timer", "now and then"}), 2);
        EXIT(hanshu({"trigger", "update", "transcode", "none", "--description", "x"}), 3);
    }

    void triggersAndGrantsTakeTheShortForms() {
        Shell hanshu;
        EXIT(hanshu.deploy("transcode"), 0);
        EXIT(hanshu({"bucket", "create", "videos"}), 0);
        auto trigger = hanshu({"trigger", "create", "transcode", "on-upload", "--oss", "videos", "--prefix", "in/",
                               "--suffix", ".mp4", "--events", "oss:ObjectCreated:*"});
        EXIT(trigger, 0);
        QVERIFY2(has(trigger.err, "--principal bucket:videos"), trigger.err.c_str());
        EXIT(hanshu({"trigger", "create", "transcode", "on-timer", "--timer", "@every 5m", "--payload", "x"}), 0);
        EXIT(
            hanshu({"trigger", "create", "transcode", "web", "--http", "--auth", "anonymous", "--methods", "GET,POST"}),
            0);
        EXIT(hanshu({"trigger", "create", "transcode", "none"}), 2);
        EXIT(hanshu({"trigger", "create", "transcode", "two", "--http", "--oss", "videos"}), 2);
        auto triggers = hanshu({"trigger", "list", "transcode", "-o", "json"});
        QCOMPARE(boost::json::parse(triggers.out).as_array().size(), 3U);
        auto busy = hanshu({"function", "delete", "transcode"});
        EXIT(busy, 5);
        QVERIFY2(has(busy.err, "hanshu trigger list transcode"), busy.err.c_str());

        const std::vector<std::string> question{"grant",    "explain",           "--principal", "bucket:videos",
                                                "--action", "fc:InvokeFunction", "--resource",  "function:transcode"};
        auto no = hanshu(question);
        EXIT(no, 4);
        QVERIFY(no.out.starts_with("Denied"));
        auto grant = hanshu({"grant", "add", "upload", "--principal", "bucket:videos", "--action", "fc:InvokeFunction",
                             "--resource", "function:transcode"});
        EXIT(grant, 0);
        EXIT(hanshu(question), 0);
        EXIT(hanshu({"grant", "add", "upload", "--principal", "bucket:videos", "--action", "fc:*", "--resource", "*"}),
             5);
        EXIT(hanshu({"grant", "add", "upload", "--append", "--deny", "--principal", "bucket:videos", "--action",
                     "fc:InvokeFunction", "--resource", "function:transcode"}),
             0);
        auto denied = hanshu(question);
        EXIT(denied, 4);
        QVERIFY2(has(denied.out, "statement 2 of grant upload"), denied.out.c_str());
        auto mixed =
            hanshu({"grant", "add", "read", "--principal", "role:worker", "--action", "oss:GetObject,oss:ListObjects",
                    "--resource", "object:videos/in/*", "--resource", "bucket:videos", "--prefix", "in/"});
        EXIT(mixed, 2);
        QVERIFY2(has(mixed.err, "a statement of its own"), mixed.err.c_str());
        EXIT(hanshu({"grant", "add", "read", "--principal", "role:worker", "--action", "oss:GetObject", "--resource",
                     "object:videos/in/*"}),
             0);
        EXIT(hanshu({"grant", "add", "read", "--append", "--principal", "role:worker", "--action", "oss:ListObjects",
                     "--resource", "bucket:videos", "--prefix", "in/"}),
             0);
        EXIT(hanshu({"grant", "explain", "--principal", "role:worker", "--action", "nonsense", "--resource", "*"}), 2);
        auto list = hanshu({"grant", "list"});
        QVERIFY2(has(list.out, "role:worker") && has(list.out, "object:videos/in/*") &&
                     has(list.out, "oss:Prefix StringLike in/*"),
                 list.out.c_str());
        EXIT(hanshu({"grant", "delete", "upload"}), 0);
        EXIT(hanshu({"grant", "get", "upload"}), 3);
        EXIT(hanshu({"trigger", "delete", "transcode", "web"}), 0);
        EXIT(hanshu({"trigger", "get", "transcode", "web"}), 3);
    }

    void theDaemonAndTheAccountAreShown() {
        Shell hanshu;
        EXIT(hanshu({"status"}), 0);
        EXIT(hanshu({"doctor"}), 0);
        EXIT(hanshu({"account", "set-concurrency", "50"}), 0);
        QCOMPARE(boost::json::parse(hanshu({"account", "get", "-o", "json"}).out).at("concurrencyLimit").as_int64(),
                 50);
        EXIT(hanshu({"account", "set-concurrency", "0"}), 2);
        EXIT(hanshu.deploy("f"), 0);
        EXIT(hanshu({"function", "concurrency", "f", "--reserve", "3"}), 0);
        QVERIFY(has(hanshu({"function", "concurrency", "f"}).out, "3 at once"));
        EXIT(hanshu({"function", "concurrency", "f", "--none"}), 0);
        QVERIFY(has(hanshu({"function", "concurrency", "f"}).out, "no limit"));
        hanshu.house.server->drain(std::chrono::seconds{1});
        EXIT(hanshu({"status"}), 7);
    }

    void completionKnowsCommandsOptionsAndNames() {
        Shell hanshu;
        EXIT(hanshu.deploy("echo"), 0);
        EXIT(hanshu({"bucket", "create", "videos"}), 0);
        QVERIFY(has(hanshu({"__complete", "fun"}).out, "function\n"));
        QCOMPARE(hanshu({"__complete", "function", "de"}).out, std::string("delete\ndeploy\n"));
        QVERIFY(has(hanshu({"__complete", "function", "deploy", "--run"}).out, "--runtime\n"));
        QVERIFY(has(hanshu({"__complete", "function", "deploy", "--out"}).out, "--output\n"));
        QCOMPARE(hanshu({"__complete", "-o", ""}).out, std::string("json\ntable\n"));
        QCOMPARE(hanshu({"__complete", "invoke", ""}).out, std::string("echo\n"));
        QCOMPARE(hanshu({"__complete", "bucket", "delete", "v"}).out, std::string("videos\n"));
        QCOMPARE(hanshu({"__complete", "function", "deploy", "echo", ""}).out, std::string());
        for (const auto* shell : {"bash", "zsh", "fish"}) {
            QVERIFY(has(hanshu({"completion", shell}).out, "__complete"));
        }
        EXIT(hanshu({"completion", "tcsh"}), 2);
    }
};

QTEST_GUILESS_MAIN(TestCliCommands)
#include "tst_cli_commands.moc"
