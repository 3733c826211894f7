// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Real sandboxes on this host, at each level of isolation: what works inside, and how they come and go.

#include "levels.h"
#include "sandbox/doctor.h"
#include "start_bench.h"

#include <fmt/format.h>
#include <QTest>
#include <set>

using namespace hanshu;
using namespace hanshu::sandbox;
namespace fs = std::filesystem;

class TestSandbox : public QObject {
    Q_OBJECT
private slots:
    void theDoctorExaminesEverything();
    void aProgramSeesItsArgumentsAndItsExitIsTold_data();
    void aProgramSeesItsArgumentsAndItsExitIsTold();
    void aProgramThatIsNotThereEndsTheSandbox_data();
    void aProgramThatIsNotThereEndsTheSandbox();
    void toolsOfTheHostRunInside_data();
    void toolsOfTheHostRunInside();
    void foldersAppearReadOnly_data();
    void foldersAppearReadOnly();
    void mountsThatReachOutAreRefused_data();
    void mountsThatReachOutAreRefused();
    void eachInstanceHasItsOwnUid_data();
    void eachInstanceHasItsOwnUid();
    void manySandboxesComeAndGo_data();
    void manySandboxesComeAndGo();
    void aFullNodeSaysSo();
    void asAnOrdinaryUserTheSameHolds();
};

void TestSandbox::aProgramSeesItsArgumentsAndItsExitIsTold_data() {
    addLevelRows();
}

void TestSandbox::aProgramThatIsNotThereEndsTheSandbox_data() {
    addLevelRows();
}

void TestSandbox::toolsOfTheHostRunInside_data() {
    addLevelRows();
}

void TestSandbox::foldersAppearReadOnly_data() {
    addLevelRows();
}

void TestSandbox::mountsThatReachOutAreRefused_data() {
    addLevelRows();
}

void TestSandbox::eachInstanceHasItsOwnUid_data() {
    addLevelRows();
}

void TestSandbox::manySandboxesComeAndGo_data() {
    addLevelRows();
}

void TestSandbox::theDoctorExaminesEverything() {
    const auto findings = examineHost(levels().front().state);
    std::set<std::string> names;
    for (const auto& finding : findings) {
        names.insert(finding.name);
        qInfo("%s: %s %s", finding.name.c_str(), finding.detail.c_str(), finding.remedy.c_str());
        QVERIFY(!finding.detail.empty());
        QVERIFY(finding.level == Finding::Level::Ok || !finding.remedy.empty());
        // Sandboxes run here, so these are there.
        if (finding.name == "bubblewrap" || finding.name == "seccomp" || finding.name == "user namespaces") {
            QVERIFY(finding.level != Finding::Level::Missing);
        }
    }
    QCOMPARE(names, (std::set<std::string>{"user namespaces", "cgroups", "seccomp", "bubblewrap", "/tmp images", "disk",
                                           "file descriptors"}));
}

void TestSandbox::aProgramSeesItsArgumentsAndItsExitIsTold() {
    HANSHU_LEVEL;
    const auto before = factory.alive();
    Cell cell(io(), factory,
              {"/bin/sh", "-c", "echo \"$0 $1 $GREETING\"; echo err >&2; head -c1 <&3; exit 7", "a b", "c"});
    QVERIFY2(cell, cell.error().c_str());
    QCOMPARE(factory.alive(), before + 1);
    QCOMPARE(::write(cell.control(), "x", 1), 1);
    const auto exit = cell.ended();
    QVERIFY(!exit.signaled);
    QCOMPARE(exit.value, 7);
    QCOMPARE(cell.drain(), std::string("a b c hello\nerr\nx"));
    QCOMPARE(factory.alive(), before);
    QCOMPARE(cell.ended().value, 7);  // told again at once
    cell.sandbox().kill();            // and killing what is dead is nothing
    QVERIFY(!cell.assign(assignment(level.state)).empty());
}

void TestSandbox::aProgramThatIsNotThereEndsTheSandbox() {
    HANSHU_LEVEL;
    Q_UNUSED(level);
    Cell cell(io(), factory, {"/usr/bin/no-such-program"});
    if (cell) {
        QVERIFY(cell.ended().value > 0);
        QVERIFY(cell.drain().find("no-such-program") != std::string::npos);
    }
}

void TestSandbox::toolsOfTheHostRunInside() {
    HANSHU_LEVEL;
    Cell cell(io(), factory);
    HANSHU_READY(cell);
    auto limits = assignment(level.state);
    limits.memoryBytes = 1LL << 30;
    QCOMPARE(cell.assign(limits), std::string());
    const std::string prelude =
        "import subprocess\nrun = lambda *a: subprocess.run(a, capture_output=True, text=True)\n";
    QCOMPARE(cell.ask(prelude + "r = run('/bin/bash', '-c', 'echo $((6*7)) | cat')\nresult = r.stdout.strip()"),
             std::string("done 42"));
    if (fs::exists("/usr/bin/ffmpeg")) {
        QCOMPARE(cell.ask(prelude +
                          "r = run('/usr/bin/ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'testsrc=d=1:s=160x120', "
                          "'-c:v', 'libx264', '-y', '/tmp/x.mp4')\nresult = (r.returncode, r.stderr[:300], "
                          "os.path.getsize('/tmp/x.mp4') > 1000)"),
                 std::string("done (0, '', True)"));
    }
    if (fs::exists("/usr/bin/node")) {
        QCOMPARE(cell.ask(prelude + "r = run('/usr/bin/node', '-e', 'setTimeout(()=>console.log(1+1),5)')\n"
                                    "result = (r.stdout, r.stderr[:300])"),
                 std::string("done ('2\\n', '')"));
    }
    QCOMPARE(cell.ask("import threading\nt = [threading.Thread(target=lambda: None) for _ in range(20)]\n"
                      "[x.start() for x in t]; [x.join() for x in t]\nresult = len(t)"),
             std::string("done 20"));
    QCOMPARE(
        cell.ask("import multiprocessing\nq = multiprocessing.get_context('fork').Queue()\nq.put(5)\nresult = q.get()"),
        std::string("done 5"));
    QCOMPARE(cell.ask("l = socket.create_server(('127.0.0.1', 9000))\n"
                      "c = socket.create_connection(('localhost', 9000))\nresult = c.getpeername()"),
             std::string("done ('127.0.0.1', 9000)"));
    QCOMPARE(cell.ask("import pwd; result = pwd.getpwuid(os.getuid()).pw_name, os.uname().nodename"),
             std::string("done ('function', 'function')"));
    QCOMPARE(cell.ask("import ssl; result = len(ssl.create_default_context().get_ca_certs()) >= 0"),
             std::string("done True"));
}

void TestSandbox::foldersAppearReadOnly() {
    HANSHU_LEVEL;
    Cell cell(io(), factory);
    HANSHU_READY(cell);
    auto wanted = assignment(level.state);
    wanted.mounts.push_back({(level.state / "objects/bucket").native(), "/mnt/films/raw"});
    wanted.mounts.push_back({(level.state / "code/other").native(), "/opt"});
    wanted.mounts.push_back({(level.state / "objects").native(), "/home/app/data"});
    QCOMPARE(cell.assign(wanted), std::string());
    QCOMPARE(cell.ask("result = open('/code/handler.py').read(), open('/mnt/films/raw/film.mp4').read(), "
                      "os.listdir('/opt'), os.listdir('/home/app/data')"),
             std::string("done ('mine', 'film', ['secret.py'], ['bucket'])"));
    for (const char* path : {"/mnt/films/raw/x", "/mnt/x", "/mnt/films/x", "/opt/x", "/home/app/x", "/home/x"}) {
        QCOMPARE(cell.ask(fmt::format("open('{}', 'w')", path)), std::string("EROFS"));
    }
    QCOMPARE(cell.ask("result = os.statvfs('/tmp').f_blocks * os.statvfs('/tmp').f_frsize > 50 << 20"),
             std::string("done True"));
    // A file that is put there afterwards is seen: it is the folder, not a copy.
    writeFile(level.state / "code/mine/late.py", "late");
    QCOMPARE(cell.ask("result = open('/code/late.py').read()"), std::string("done late"));
    fs::remove(level.state / "code/mine/late.py");
    QVERIFY(!cell.assign(assignment(level.state)).empty());  // once only
}

void TestSandbox::mountsThatReachOutAreRefused() {
    HANSHU_LEVEL;
    fs::create_directories(level.state / "links");
    if (!fs::is_symlink(level.state / "links/out")) {
        fs::create_directory_symlink("/etc", level.state / "links/out");
    }
    const auto state = level.state.native();
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"/etc", "/code"},
                                                          {state, "/code"},
                                                          {state + "/../../etc", "/code"},
                                                          {state + "x/code", "/code"},
                                                          {state + "/links/out", "/code"},
                                                          {state + "/links/out/ssl", "/code"},
                                                          {state + "/code/nothing", "/code"},
                                                          {state + "/code/mine/handler.py", "/code"},
                                                          {"code/mine", "/code"},
                                                          {state + "/code/mine", "/"},
                                                          {state + "/code/mine", "/usr"},
                                                          {state + "/code/mine", "/tmp"},
                                                          {state + "/code/mine", "/codex"},
                                                          {state + "/code/mine", "/code/../usr"},
                                                          {state + "/code/mine", "code"}}) {
        Cell cell(io(), factory);
        HANSHU_READY(cell);
        auto wanted = assignment(level.state);
        wanted.mounts = {{from, to}};
        QVERIFY2(!cell.assign(wanted).empty(), (from + " to " + to).c_str());
    }
    Cell cell(io(), factory);
    HANSHU_READY(cell);
    auto wanted = assignment(level.state);
    wanted.memoryBytes = -1;
    QVERIFY(!cell.assign(wanted).empty());
}

void TestSandbox::eachInstanceHasItsOwnUid() {
    HANSHU_LEVEL;
    Cell one(io(), factory);
    Cell two(io(), factory);
    HANSHU_READY(one);
    HANSHU_READY(two);
    const auto first = hostUidOf(one);
    const auto second = hostUidOf(two);
    if (factory.isolation() == Isolation::User) {
        QCOMPARE(first, ::geteuid());
    } else {
        QVERIFY(first >= 1'900'000'000);
        QVERIFY(second >= 1'900'000'000);
        QVERIFY(first != second);
    }
    Q_UNUSED(level);
}

void TestSandbox::manySandboxesComeAndGo() {
    HANSHU_LEVEL;
    QVERIFY(eventually([&] { return factory.alive() == 0; }));
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<Cell>> cells;
        for (int i = 0; i < 24; ++i) {
            cells.push_back(std::make_unique<Cell>(io(), factory));
            QVERIFY2(*cells.back(), cells.back()->error().c_str());
        }
        QCOMPARE(factory.alive(), 24);
        for (auto& cell : cells) {
            QCOMPARE(cell->next(), std::string("ready"));
            HANSHU_ASSIGNED(*cell);
            QCOMPARE(cell->ask("result = open('/code/handler.py').read()"), std::string("done mine"));
        }
        cells.clear();
        QVERIFY(eventually([&] { return factory.alive() == 0; }));
    }
}

void TestSandbox::aFullNodeSaysSo() {
    SandboxFactory& factory = *tinyLevel().factory;
    std::vector<std::unique_ptr<Cell>> cells;
    for (int i = 0; i < kFewSlots; ++i) {
        cells.push_back(std::make_unique<Cell>(io(), factory));
        QVERIFY2(*cells.back(), cells.back()->error().c_str());
    }
    const Cell refused(io(), factory);
    QVERIFY(!refused);
    QVERIFY2(refused.error().starts_with("ResourceThrottled"), refused.error().c_str());
    cells.pop_back();
    QVERIFY(eventually([&] { return static_cast<bool>(Cell(io(), factory)); }));
}

void TestSandbox::asAnOrdinaryUserTheSameHolds() {
    if (::geteuid() != 0) {
        QSKIP("this is the ordinary user");
    }
    QVERIFY2(sameHoldsForAnOrdinaryUser(), ordinaryUsersWords());
}

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    return runAtLevels([&] {
        if (argc == 2 && std::string_view(argv[1]) == "--bench") {
            return runStartBench();
        }
        TestSandbox test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_sandbox.moc"
