// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What hostile code tries inside a real sandbox, at each level of isolation, while a neighbour is served. The table of
// outcomes is printed at the end.

#include "attacks.h"
#include "host_targets.h"
#include "levels.h"

#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>
#include <QTest>
#include <map>

using namespace hanshu;
using namespace hanshu::sandbox;

namespace {

std::string replaced(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [key, value] : values) {
        for (auto at = text.find(key); at != std::string::npos; at = text.find(key)) {
            text.replace(at, key.size(), value);
        }
    }
    return text;
}

}  // namespace

class TestAttacks : public QObject {
    Q_OBJECT
private slots:
    void everyAttackFails_data();
    void everyAttackFails();
    void aForkBombIsBounded_data();
    void aForkBombIsBounded();
    void aMemoryBombHitsItsOwnSandboxOnly_data();
    void aMemoryBombHitsItsOwnSandboxOnly();
    void nothingOutlivesAKill_data();
    void nothingOutlivesAKill();
    void asAnOrdinaryUserTheSameHolds();
    void cleanupTestCase();
};

void TestAttacks::everyAttackFails_data() {
    addLevelRows();
}

void TestAttacks::aForkBombIsBounded_data() {
    addLevelRows();
}

void TestAttacks::aMemoryBombHitsItsOwnSandboxOnly_data() {
    addLevelRows();
}

void TestAttacks::nothingOutlivesAKill_data() {
    addLevelRows();
}

void TestAttacks::everyAttackFails() {
    HANSHU_LEVEL;
    const HostTargets host(level.state);
    const std::map<std::string, std::string> values{{"@PORT@", std::to_string(host.number)},
                                                    {"@ABSTRACT@", host.abstractName},
                                                    {"@SOCKET@", host.path},
                                                    {"@STATE@", level.state.native()},
                                                    {"@OTHER@", (level.state / "code/other/secret.py").native()},
                                                    {"@PID@", std::to_string(::getpid())}};
    Cell neighbour(io(), factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    auto cell = std::make_unique<Cell>(io(), factory);
    HANSHU_READY(*cell);
    HANSHU_ASSIGNED(*cell);
    std::string wrong;
    for (const auto& attack : kAttacks) {
        const auto outcome = cell->ask(replaced(attack.source, values));
        note(attack.name, level.name, outcome);
        if (outcome != attack.outcome) {
            wrong += fmt::format("{}: {} instead of {}\n", attack.name, outcome, attack.outcome);
        }
        if (outcome == "died") {
            cell = std::make_unique<Cell>(io(), factory);
            HANSHU_READY(*cell);
            HANSHU_ASSIGNED(*cell);
        }
        QCOMPARE(neighbour.ask("result = 1"), std::string("done 1"));
    }
    ::unlink(host.path.c_str());
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestAttacks::aForkBombIsBounded() {
    HANSHU_LEVEL;
    Cell neighbour(io(), factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    Cell bomb(io(), factory);
    HANSHU_READY(bomb);
    HANSHU_ASSIGNED(bomb);
    const auto outcome = bomb.ask(
        "import signal\nresult = 0\n"
        "while result < 1000:\n"
        "    try: child = os.fork()\n"
        "    except BlockingIOError: break\n"
        "    if child == 0:\n"
        "        while True: signal.pause()\n"
        "    result += 1");
    note("fork bomb", level.name, outcome + " processes, then EAGAIN");
    QVERIFY2(outcome.starts_with("done "), outcome.c_str());
    const int count = std::atoi(outcome.c_str() + 5);
    QVERIFY2(count > kProcesses / 2 && count <= kProcesses, outcome.c_str());
    QCOMPARE(neighbour.ask("result = os.getpid() > 0 and os.system('true')"), std::string("done 0"));
    bomb.sandbox().kill();
    QVERIFY(bomb.ended().signaled);
    QCOMPARE(bomb.drain(), std::string());  // no process holds the pipe any more
    QCOMPARE(neighbour.ask("result = 1"), std::string("done 1"));
}

void TestAttacks::aMemoryBombHitsItsOwnSandboxOnly() {
    HANSHU_LEVEL;
    Cell neighbour(io(), factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    Cell bomb(io(), factory);
    HANSHU_READY(bomb);
    HANSHU_ASSIGNED(bomb);
    QCOMPARE(bomb.sandbox().usage().oomKills, 0);
    QCOMPARE(bomb.ask("x = bytearray(64 << 20); result = 1"), std::string("done 1"));
    const auto peak = bomb.sandbox().usage().memoryPeakBytes;
    QVERIFY2(peak > (64LL << 20) && peak < kMemory, std::to_string(peak).c_str());
    if (factory.isolation() == Isolation::RootCgroup) {
        bomb.sandbox().resetPeak();
        QVERIFY(bomb.sandbox().usage().memoryPeakBytes < (64LL << 20));
    }
    const auto outcome = bomb.ask("held = []\nwhile True: held.append(bytearray(8 << 20))");
    const auto usage = bomb.sandbox().usage();
    note("memory bomb", level.name,
         usage.oomKnown ? fmt::format("{}, {} killed by the cgroup's limit", outcome, usage.oomKills) : outcome);
    if (usage.oomKnown) {
        QCOMPARE(outcome, std::string("died"));
        QVERIFY(usage.oomKills >= 1);
        QVERIFY(bomb.ended().signaled);
    } else {
        QCOMPARE(outcome, std::string("MemoryError"));
    }
    QCOMPARE(neighbour.ask("x = bytearray(32 << 20); result = 1"), std::string("done 1"));
    QCOMPARE(neighbour.sandbox().usage().oomKills, 0);
}

void TestAttacks::nothingOutlivesAKill() {
    HANSHU_LEVEL;
    for (const bool byDestructor : {false, true}) {
        Cell cell(io(), factory);
        HANSHU_READY(cell);
        HANSHU_ASSIGNED(cell);
        QCOMPARE(cell.ask("import signal, time\n"
                          "if os.fork() == 0:\n"
                          "    os.setsid()\n"
                          "    if os.fork() == 0:\n"
                          "        for s in range(1, 65):\n"
                          "            try: signal.signal(s, signal.SIG_IGN)\n"
                          "            except (OSError, ValueError): pass\n"
                          "        os.close(3)\n"
                          "        print('daemon', flush=True)\n"
                          "        while True: time.sleep(1000)\n"
                          "    os._exit(0)\n"
                          "os.wait(); result = 1"),
                 std::string("done 1"));
        QVERIFY(readableWithin(cell.output(), Cell::kDeadline));
        if (byDestructor) {
            cell.forget();
        } else {
            cell.sandbox().kill();
            cell.sandbox().kill();
            const auto exit = cell.ended();
            QVERIFY(exit.signaled);
            QCOMPARE(exit.value, SIGKILL);
        }
        QCOMPARE(cell.drain(), std::string("daemon\n"));
    }
    note("outlive its timeout as a daemon", level.name, "dies with the pid namespace");
}

void TestAttacks::asAnOrdinaryUserTheSameHolds() {
    if (::geteuid() != 0) {
        QSKIP("this is the ordinary user");
    }
    QVERIFY2(sameHoldsForAnOrdinaryUser(), ordinaryUsersWords());
}

void TestAttacks::cleanupTestCase() {
    printOutcomes();
}

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    return runAtLevels([&] {
        TestAttacks test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_attacks.moc"
