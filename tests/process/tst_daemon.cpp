// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The daemon as a program: how it starts, says where it serves, drains, ends, and what it leaves.
#include "../catalog/zip_maker.h"
#include "client.h"
#include "daemon.h"
#include "traces.h"

#include <QJsonArray>
#include <QtTest>
#include <future>

using namespace hanshu;
using namespace hanshu::tests;

namespace {

constexpr uid_t kNobody = 65534;
// An init that is killed ends in milliseconds; cgroups and loop devices follow when the kernel has let go.
constexpr int kCleanMilliseconds = 20'000;

std::string packageOf(const std::string& python) {
    return test::makeZip({{"index.py", python}});
}

// Answers with its event after so many seconds; "kill" ends its own process, "door" asks the object endpoint then.
constexpr const char* kWorker = R"(
import os, signal, time, urllib.request, urllib.error

def handler(event, context):
    what, _, seconds = event.decode().partition(" ")
    print("began", flush=True)
    time.sleep(float(seconds or 0))
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "door":
        try:
            urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/bucket/key", timeout=5)
        except urllib.error.HTTPError as error:
            return str(error.code)
    return event
)";

}  // namespace

class TestDaemon : public QObject {
    Q_OBJECT

private slots:
    void oneLineOfJsonSaysWhereItServes() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        QCOMPARE(daemon.said().keys(), QStringList({"grpc", "http", "objects", "pid"}));
        QCOMPARE(daemon.said()["pid"].toInt(), static_cast<int>(daemon.pid()));
        QCOMPARE(get(daemon.http(), "/healthz").status, 200U);
        QCOMPARE(get(daemon.http(), "/readyz").status, 200U);
        QCOMPARE(get(daemon.objects(), "/").status, 403U);
        const auto listed = run(program("hanshu"), {"--server", daemon.grpc(), "function", "list", "-o", "json"});
        QVERIFY2(listed.exitCode == 0, listed.err.constData());
        daemon.terminate();
        QVERIFY(daemon.waitForEnd());
        QCOMPARE(daemon.exitCode(), 0);
        QCOMPARE(daemon.moreOutput(), QByteArray());
    }

    void theFirstStartMakesAnAccountAndOnlyThatOneTellsIt() {
        const StateFolder folder;
        {
            Daemon first(folder);
            QVERIFY2(first.start(), first.errors().constData());
            const auto owner = folder.owner();
            QVERIFY(!owner.id.empty() && !owner.secret.empty() && !owner.account.empty());
            QTRY_VERIFY(first.errors().contains(owner.secret.c_str()));
            QCOMPARE(send(first.http(), apiRequest(owner, "GET", "functions")).status, 200U);
        }
        struct stat info{};
        QCOMPARE(::stat((folder.state() + "/credentials.toml").toUtf8().constData(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
        QCOMPARE(::stat(folder.state().toUtf8().constData(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0700U);
        const auto owner = folder.owner();
        QVERIFY(QFile::remove(folder.file("stderr")));
        Daemon second(folder);
        QVERIFY2(second.start(), second.errors().constData());
        QCOMPARE(send(second.http(), apiRequest(owner, "GET", "functions")).status, 200U);
        QVERIFY(!second.errors().contains(owner.secret.c_str()));
        QCOMPARE(folder.owner().secret, owner.secret);
    }

    void aSecondDaemonOnTheSameStateIsRefused() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        const auto second = run(program("hanshud"), {"--state", folder.state()});
        QCOMPARE(second.exitCode, 1);
        QCOMPARE(second.out, QByteArray());
        QVERIFY2(second.err.contains("pid " + QByteArray::number(daemon.pid())) &&
                     second.err.contains(folder.state().toUtf8()),
                 second.err.constData());
        QCOMPARE(get(daemon.http(), "/readyz").status, 200U);
    }

    void badOptionsEndWithTwo_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("unknown") << QStringList{"--no-such-option"};
        QTest::newRow("no value") << QStringList{"--state"};
        QTest::newRow("not a number") << QStringList{"--io-threads", "many"};
        QTest::newRow("out of range") << QStringList{"--drain-timeout", "-1"};
        QTest::newRow("no such file") << QStringList{"--config", "/nonexistent/hanshu.toml"};
        QTest::newRow("left over") << QStringList{"serve"};
    }
    void badOptionsEndWithTwo() {
        QFETCH(QStringList, arguments);
        const StateFolder folder;
        const auto ended = run(program("hanshud"), QStringList{"--state", folder.state()} + arguments);
        QCOMPARE(ended.exitCode, 2);
        QVERIFY(!ended.err.isEmpty());
        QCOMPARE(ended.out, QByteArray());
        QVERIFY(!QFileInfo::exists(folder.state()));
    }

    void aStateWithoutANameIsRefused() {
        const auto ended = run(program("hanshud"), {"--state", ""});
        QCOMPARE(ended.exitCode, 2);
        QVERIFY2(ended.err.contains("--state names no directory"), ended.err.constData());
    }

    void badAddressesEndWithOne_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("no address") << QStringList{"--http", "nonsense"};
        QTest::newRow("no port") << QStringList{"--objects", "127.0.0.1:99999"};
        QTest::newRow("not mine") << QStringList{"--http", "192.0.2.1:80"};
        QTest::newRow("no gRPC address") << QStringList{"--grpc", "nonsense"};
        QTest::newRow("no gRPC port") << QStringList{"--grpc", "127.0.0.1:99999"};
        QTest::newRow("not mine for gRPC") << QStringList{"--grpc", "192.0.2.1:80"};
        QTest::newRow("no folder") << QStringList{"--grpc", "unix:/nonexistent/hanshu.sock"};
        QTest::newRow("not absolute") << QStringList{"--grpc", "unix:hanshu.sock"};
        QTest::newRow("no such user") << QStringList{"--user", "nobody-has-this-name"};
    }
    void badAddressesEndWithOne() {
        QFETCH(QStringList, arguments);
        if (arguments.contains("--user") && ::geteuid() != 0) {
            QSKIP("--user is for root");
        }
        const StateFolder folder;
        const auto ended = run(program("hanshud"), QStringList{"--state", folder.state()} + arguments);
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("hanshud: ") && ended.err.contains(arguments[1].toUtf8()), ended.err.constData());
        QCOMPARE(ended.out, QByteArray());
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, {}), QStringList(), kCleanMilliseconds);
    }

    void aSocketWhereTheDaemonMayNotWriteIsRefusedWithReasonAndRemedy() {
        const StateFolder folder;
        const auto closed = folder.file("closed");
        QVERIFY(QDir().mkdir(closed));
        QCOMPARE(::chmod(closed.toUtf8().constData(), 0555), 0);
        const auto ended =
            run(program("hanshud"), {"--state", folder.state(), "--grpc", "unix:" + closed + "/hanshu.sock"});
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("make a socket in " + closed.toUtf8() + ": Permission denied") &&
                     ended.err.contains("give another address with") && !ended.err.contains("InternalServerError"),
                 ended.err.constData());
    }

    void settingsComeFromAFileAndTheCommandLineWins() {
        const StateFolder folder;
        QFile config(folder.file("hanshu.toml"));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write("region = \"attic\"\nio-threads = 1\ndrain-timeout = 3.5\nstock = 1\nhttp = \"127.0.0.1:1\"\n");
        config.close();
        Daemon daemon(folder, {{"--config", config.fileName(), "--http", "127.0.0.1:0"}, {}});
        QVERIFY2(daemon.start(), daemon.errors().constData());
        const auto owner = folder.owner();
        const auto made =
            jsonOf(send(daemon.http(), apiRequest(owner, "POST", "functions", functionJson("f", packageOf(kWorker)))));
        QVERIFY2(made["functionArn"].toString().startsWith("acs:fc:attic:"),
                 qPrintable(made["functionArn"].toString()));
    }

    void aConfigFileThatIsNoTomlIsRefusedWithItsPlace_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("place");
        QTest::newRow("no TOML") << QByteArray("stock = 1\nfoo\n") << QByteArray("not valid TOML at line 2");
        QTest::newRow("a table") << QByteArray("stock = 1\n\n[http]\naddress = 1\n") << QByteArray("line 3: 'http'");
    }
    void aConfigFileThatIsNoTomlIsRefusedWithItsPlace() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, place);
        const StateFolder folder;
        QFile config(folder.file("hanshu.toml"));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write(text);
        config.close();
        const auto ended = run(program("hanshud"), {"--state", folder.state(), "--config", config.fileName()});
        QCOMPARE(ended.exitCode, 2);
        QVERIFY2(ended.err.contains(config.fileName().toUtf8()) && ended.err.contains(place), ended.err.constData());
        QVERIFY(!ended.err.contains("INI"));
    }

    void aStateThatCantBeReachedIsRefusedBeforeAnythingIsMade() {
        const StateFolder folder;
        const auto closed = folder.file("closed");
        QVERIFY(QDir().mkdir(closed));
        QCOMPARE(::chmod(closed.toUtf8().constData(), ::geteuid() == 0 ? 0700 : 0500), 0);
        const auto state = closed + "/deeper/state";
        const auto ended = run(program("hanshud"), {"--state", state});
        QCOMPARE(ended.exitCode, 1);
        QVERIFY2(ended.err.contains("StateUnreachable") && ended.err.contains(state.toUtf8()), ended.err.constData());
        QVERIFY(QDir(closed).isEmpty());
        QFile file(folder.file("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        const auto below = run(program("hanshud"), {"--state", file.fileName() + "/state"});
        QCOMPARE(below.exitCode, 1);
        QVERIFY2(below.err.contains(file.fileName().toUtf8() + "/state: Not a directory"), below.err.constData());
    }

    void aTriggerNeedsABucketThatIsThereAndATimeThatComes() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        const auto hanshu = [&daemon](QStringList arguments) {
            return run(program("hanshu"), QStringList{"--server", daemon.grpc()} + arguments);
        };
        const auto missing = hanshu({"trigger", "create", "f", "up", "--oss", "videos"});
        QVERIFY2(missing.exitCode != 0 && missing.err.contains("bucket 'videos' does not exist"),
                 missing.err.constData());
        QCOMPARE(hanshu({"bucket", "create", "videos"}).exitCode, 0);
        const auto made = hanshu({"trigger", "create", "f", "up", "--oss", "videos"});
        QVERIFY2(made.exitCode == 0, made.err.constData());
        const auto never = hanshu({"trigger", "create", "f", "never", "--timer", "0 0 0 31 2 *"});
        QVERIFY2(never.exitCode != 0 && never.err.contains("it never fires"), never.err.constData());
    }

    void aConfigFileWithAnUnknownSettingIsRefused() {
        const StateFolder folder;
        QFile config(folder.file("hanshu.toml"));
        QVERIFY(config.open(QIODevice::WriteOnly));
        config.write("reigon = \"attic\"\n");
        config.close();
        const auto ended = run(program("hanshud"), {"--state", folder.state(), "--config", config.fileName()});
        QCOMPARE(ended.exitCode, 2);
        QVERIFY2(ended.err.contains("reigon"), ended.err.constData());
    }

    void sigtermLetsARunningFunctionFinish() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        auto slow = invokeLater(daemon, "door 3");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        daemon.terminate();
        // A load balancer sees it for as long as something runs.
        QTRY_COMPARE(get(daemon.http(), "/readyz").status, 503U);
        const auto refused = send(daemon.http(), apiRequest(folder.owner(), "POST", "functions/f/invocations", "new"));
        QCOMPARE(refused.status, 503U);
        QVERIFY2(!jsonOf(refused)["Code"].toString().isEmpty(), refused.body.c_str());
        const auto listed = send(daemon.http(), apiRequest(folder.owner(), "GET", "functions"));
        QCOMPARE(listed.status, 503U);
        const auto answer = slow.get();
        QCOMPARE(answer.status, 200U);
        // The function still found the object endpoint, which told it that it may not.
        QCOMPARE(answer.body, std::string("403"));
        QVERIFY(daemon.waitForEnd(10'000));
        QCOMPARE(daemon.exitCode(), 0);
    }

    void sigtermLetsAnUploadFinish() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        const auto owner = folder.owner();
        QCOMPARE(send(daemon.objects(), s3Request(owner, "PUT", "/files")).status, 200U);
        const auto bytes = s3Request(owner, "PUT", "/files/large", {}, std::string(400'000, 'u'));
        const auto head = bytes.find("\r\n\r\n") + 2;
        RawClient client(daemon.objects());
        // It says 100 when it begins to read.
        const auto begun = client.exchange(bytes.substr(0, head) + "Expect: 100-continue\r\n\r\n");
        QCOMPARE(begun ? begun->status : 0, 100U);
        daemon.terminate();
        QTRY_VERIFY(!RawClient(daemon.objects()).connected());
        QVERIFY(client.send(bytes.substr(head + 2)));
        const auto answer = client.receive();
        QVERIFY(answer.has_value());
        QCOMPARE(answer->status, 200U);
        QVERIFY(daemon.waitForEnd(10'000));
        QCOMPARE(daemon.exitCode(), 0);
    }

    void whatOutlivesTheDrainTimeoutIsCut() {
        const StateFolder folder;
        Daemon daemon(folder, {{"--drain-timeout", "1"}, {}});
        QVERIFY2(deploy(daemon, folder), "deploy");
        auto slow = invokeLater(daemon, "echo 50");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        const auto family = familyOf(daemon.pid());
        daemon.terminate();
        QVERIFY(daemon.waitForEnd(15'000));
        QCOMPARE(daemon.exitCode(), 0);
        QVERIFY(slow.get().status != 200U);
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, family), QStringList(), kCleanMilliseconds);
    }

    void anAcceptedEventOutlivesARestart() {
        const StateFolder folder;
        std::string id;
        {
            Daemon daemon(folder, {{"--drain-timeout", "0"}, {}});
            QVERIFY2(deploy(daemon, folder), "deploy");
            const auto accepted = send(daemon.http(), apiRequest(folder.owner(), "POST", "functions/f/invocations",
                                                                 "echo 2", {{"X-Fc-Invocation-Type", "Async"}}));
            QCOMPARE(accepted.status, 202U);
            id = accepted.headers.get("X-Fc-Request-Id");
            QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        }
        Daemon again(folder);
        QVERIFY2(again.start(), again.errors().constData());
        const auto outcome = [&] {
            const auto tasks = jsonOf(send(again.http(), apiRequest(folder.owner(), "GET", "functions/f/async-tasks")));
            const auto task = tasks["tasks"].toArray().first().toObject();
            return task["requestId"].toString() + " " + task["status"].toString();
        };
        QTRY_COMPARE_WITH_TIMEOUT(outcome(), QString::fromStdString(id + " Succeeded"), 20'000);
    }

    // More often than an event has tries.
    void stopsThatCutAnEventTakeNoneOfItsTries() {
        const StateFolder folder;
        constexpr int kStops = 5;
        const auto task = [&folder](const Daemon& daemon) {
            const auto tasks =
                jsonOf(send(daemon.http(), apiRequest(folder.owner(), "GET", "functions/f/async-tasks")));
            return tasks["tasks"].toArray().first().toObject();
        };
        for (int stop = 0; stop < kStops; ++stop) {
            Daemon daemon(folder, {{"--drain-timeout", stop % 2 == 0 ? "0" : "0.3"}, {}});
            if (stop == 0) {
                QVERIFY2(deploy(daemon, folder), "deploy");
                const auto accepted = send(daemon.http(), apiRequest(folder.owner(), "POST", "functions/f/invocations",
                                                                     "echo 8", {{"X-Fc-Invocation-Type", "Async"}}));
                QCOMPARE(accepted.status, 202U);
            } else {
                QVERIFY2(daemon.start(), daemon.errors().constData());
            }
            QTRY_VERIFY_WITH_TIMEOUT(
                metric(daemon.http(), "hanshu_running") == 1 && metric(daemon.http(), "hanshu_instances") == 1, 7'000);
            daemon.terminate();
            QVERIFY(daemon.waitForEnd());
            QCOMPARE(daemon.exitCode(), 0);
        }
        Daemon last(folder);
        QVERIFY2(last.start(), last.errors().constData());
        QTRY_COMPARE_WITH_TIMEOUT(task(last)["status"].toString(), QString("Succeeded"), 20'000);
        QCOMPARE(metric(last.http(), "hanshu_events_dead_letters"), 0.0);
    }

    void nothingNewIsTakenWhileItDrains() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        auto slow = invokeLater(daemon, "echo 4");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        daemon.terminate();
        QTRY_COMPARE(get(daemon.http(), "/readyz").status, 503U);
        for (const auto* how : {"async", "invoke"}) {
            const auto refused = run(program("hanshu"), {"--server", daemon.grpc(), how, "f", "-d", "new"});
            QVERIFY(refused.exitCode != 0);
            QVERIFY2(refused.err.contains("shutting down") && refused.err.contains("when it is back"),
                     refused.err.constData());
        }
        const auto accepted = send(daemon.http(), apiRequest(m_owner, "POST", "functions/f/invocations", "new",
                                                             {{"X-Fc-Invocation-Type", "Async"}}));
        QCOMPARE(accepted.status, 503U);
        QCOMPARE(slow.get().status, 200U);
        QVERIFY(daemon.waitForEnd(10'000));
    }

    void nothingIsLeftBehind_data() {
        QTest::addColumn<bool>("killed");
        QTest::newRow("after SIGTERM") << false;
        QTest::newRow("after kill -9") << true;
    }
    void nothingIsLeftBehind() {
        QFETCH(bool, killed);
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        QCOMPARE(invoke(daemon, "warm").body, std::string("warm"));
        auto running = invokeLater(daemon, "echo 1");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        const auto family = familyOf(daemon.pid());
        QVERIFY2(family.size() > 3, "the test sees no sandboxes");
        QVERIFY2(!mountsOf(folder).empty(), "the test sees no mounts");
        if (killed) {
            daemon.kill();
        } else {
            daemon.terminate();
            QVERIFY(daemon.waitForEnd());
        }
        running.wait();
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, family), QStringList(), kCleanMilliseconds);
        Daemon again(folder);
        QVERIFY2(again.start(), again.errors().constData());
        QCOMPARE(invoke(again, "again").body, std::string("again"));
    }

    // The spawner ends its sandboxes; without it, the next start must do that.
    void aNewStartClearsWhatAKilledSpawnerLeft() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        QCOMPARE(invoke(daemon, "warm").body, std::string("warm"));
        const auto family = familyOf(daemon.pid());
        for (const auto& [pid, look] : family) {
            if (look.parent == daemon.pid() && look.name == "hanshu-spawner") {
                QCOMPARE(::kill(pid, SIGKILL), 0);
            }
        }
        daemon.kill();
        Daemon again(folder);
        QVERIFY2(again.start(), again.errors().constData());
        QTRY_COMPARE_WITH_TIMEOUT(aliveOf(family), QStringList(), kCleanMilliseconds);
        QCOMPARE(invoke(again, "again").body, std::string("again"));
        const auto second = familyOf(again.pid());
        again.terminate();
        QVERIFY(again.waitForEnd());
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, second), QStringList(), kCleanMilliseconds);
    }

    void aKilledInstanceFailsItsRunAlone() {
        const StateFolder folder;
        Daemon daemon(folder);
        QVERIFY2(deploy(daemon, folder), "deploy");
        auto neighbour = invokeLater(daemon, "neighbour 2");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_running"), 1.0);
        const auto failed = invoke(daemon, "kill");
        QCOMPARE(failed.status, 200U);
        QCOMPARE(std::string(failed.headers.get("X-Fc-Error-Type")), std::string("UnhandledInvocationError"));
        const auto error = jsonOf(failed);
        QVERIFY2(
            error["errorMessage"].toString().contains("exited") || error["errorMessage"].toString().contains("signal"),
            failed.body.c_str());
        QCOMPARE(invoke(daemon, "next").body, std::string("next"));
        QCOMPARE(neighbour.get().body, std::string("neighbour 2"));
    }

    // The same from outside: what the host's administrator or its memory killer might do.
    void aSandboxKilledFromOutsideFailsItsRunAlone() {
        const StateFolder folder;
        Daemon daemon(folder, {{"--stock", "0"}, {}});
        QVERIFY2(deploy(daemon, folder), "deploy");
        auto slow = invokeLater(daemon, "echo 60");
        QTRY_COMPARE(metric(daemon.http(), "hanshu_instances"), 1.0);
        QVERIFY(killPython(daemon));
        const auto failed = slow.get();
        QVERIFY2(failed.status == 200 && failed.headers.has("X-Fc-Error-Type"), failed.body.c_str());
        QVERIFY2(!jsonOf(failed)["errorMessage"].toString().isEmpty(), failed.body.c_str());
        QCOMPARE(invoke(daemon, "next").body, std::string("next"));
    }

    void anOrdinaryUserCanRunIt() {
        if (::geteuid() != 0) {
            QSKIP("every other test ran as an ordinary user");
        }
        const auto namespaces = run("setpriv", {"--reuid", "65534", "--regid", "65534", "--clear-groups", "unshare",
                                                "--user", "--map-root-user", "--mount", "true"});
        if (namespaces.exitCode != 0) {
            QSKIP("an ordinary user can't make user namespaces here");
        }
        const StateFolder folder;
        QVERIFY(QDir().mkdir(folder.state()));
        QCOMPARE(::chown(folder.state().toUtf8().constData(), kNobody, kNobody), 0);
        Daemon daemon(folder, {{}, kNobody});
        QVERIFY2(deploy(daemon, folder), daemon.errors().constData());
        QCOMPARE(invoke(daemon, "echo").body, std::string("echo"));
        QVERIFY(invoke(daemon, "kill").headers.has("X-Fc-Error-Type"));
        QCOMPARE(invoke(daemon, "door").body, std::string("403"));
        const auto owner = folder.owner();
        QCOMPARE(send(daemon.objects(), s3Request(owner, "PUT", "/files")).status, 200U);
        QCOMPARE(send(daemon.objects(), s3Request(owner, "PUT", "/files/a", {}, "bytes")).status, 200U);
        QCOMPARE(send(daemon.objects(), s3Request(owner, "GET", "/files/a")).body, std::string("bytes"));
        const auto family = familyOf(daemon.pid());
        daemon.terminate();
        QVERIFY(daemon.waitForEnd());
        QCOMPARE(daemon.exitCode(), 0);
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, family), QStringList(), kCleanMilliseconds);
        QVERIFY2(daemon.start(), daemon.errors().constData());
        QCOMPARE(invoke(daemon, "again").body, std::string("again"));
        const auto second = familyOf(daemon.pid());
        daemon.kill();
        QTRY_COMPARE_WITH_TIMEOUT(tracesOf(folder, second), QStringList(), kCleanMilliseconds);
    }

private:
    // Starts it, with the function `f`.
    bool deploy(Daemon& daemon, const StateFolder& folder) {
        if (!daemon.start()) {
            return false;
        }
        m_owner = folder.owner();
        const auto made = send(daemon.http(), apiRequest(m_owner, "POST", "functions",
                                                         functionJson("f", packageOf(kWorker), R"(,"timeout":60)")));
        return made.status == 200;
    }
    RawAnswer invoke(const Daemon& daemon, const std::string& event) {
        return send(daemon.http(), apiRequest(m_owner, "POST", "functions/f/invocations", event));
    }
    std::future<RawAnswer> invokeLater(const Daemon& daemon, const std::string& event) {
        return std::async(std::launch::async, [address = daemon.http(),
                                               bytes = apiRequest(m_owner, "POST", "functions/f/invocations", event)] {
            return send(address, bytes, std::chrono::seconds{90});
        });
    }
    static bool killPython(const Daemon& daemon) {
        bool any = false;
        for (const auto& [pid, look] : familyOf(daemon.pid())) {
            any = (look.name.startsWith("python") && ::kill(pid, SIGKILL) == 0) || any;
        }
        return any;
    }

    access::AccessKey m_owner;
};

QTEST_GUILESS_MAIN(TestDaemon)
#include "tst_daemon.moc"
