// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The privileged process beside the daemon: what it is when root starts it, and what it leaves behind when it or the
// daemon is killed.

#include "base/digest.h"
#include "levels.h"
#include "sandbox/cgroup_tree.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <fmt/format.h>
#include <QProcess>
#include <QTest>
#include <fstream>
#include <map>

using namespace hanshu;
using namespace hanshu::sandbox;
namespace fs = std::filesystem;

namespace {

std::vector<int> processesOfUids(uid_t first, uid_t last) {
    std::vector<int> found;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        struct stat status{};
        const int pid = std::atoi(entry.path().filename().c_str());
        if (pid > 0 && ::stat(entry.path().c_str(), &status) == 0 && status.st_uid >= first && status.st_uid <= last) {
            found.push_back(pid);
        }
    }
    return found;
}

// As the spawner names the cgroup of all its sandboxes.
std::string cgroupName(const fs::path& state) {
    return "hanshu-" + sha256Hex(state.native()).substr(0, 12);
}

std::vector<std::string> cgroupsNamed(const std::string& name) {
    std::vector<std::string> found;
    for (const auto& hierarchy : mountedHierarchies()) {
        std::error_code gone;  // other daemons' groups come and go meanwhile
        for (fs::recursive_directory_iterator at(hierarchy.mountPoint, gone); at != fs::recursive_directory_iterator();
             at.increment(gone)) {
            if (at->path().filename() == name) {
                found.push_back(at->path());
            }
        }
    }
    return found;
}

// Starts this program as a daemon with one sandbox; returns its pid, the spawner's, and the sandbox's uid.
QProcess* startVictim(const fs::path& state, std::vector<int>& numbers) {
    auto* victim = new QProcess;
    victim->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    victim->start(QCoreApplication::applicationFilePath(), {"--victim", QString::fromStdString(state.native())});
    if (victim->waitForReadyRead(30'000)) {
        for (const auto& word : victim->readLine().trimmed().split(' ')) {
            numbers.push_back(word.toInt());
        }
    }
    return victim;
}

// A daemon with one assigned sandbox, which waits to be killed.
int runVictim(const char* state) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    SpawnerOptions options;
    options.stateDirectory = state;
    auto handle = SpawnerHandle::fork(options);
    if (!handle) {
        qWarning("%s", handle.error().describe().c_str());
        return 1;
    }
    sigset_t stop;
    ::sigemptyset(&stop);
    ::sigaddset(&stop, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
    IoPool io(1);
    auto factory = (*handle)->connect(io);
    Cell cell(io, **factory);
    if (!cell || cell.next() != "ready" || !cell.assign(assignment(state)).empty()) {
        return 1;
    }
    std::printf("%d %u\n", (*handle)->pid(), hostUidOf(cell));
    std::fflush(stdout);
    int signal = 0;
    ::sigwait(&stop, &signal);
    return 0;
}

std::map<std::string, std::uint64_t> capabilitiesOf(int pid) {
    std::map<std::string, std::uint64_t> sets;
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("Cap")) {
            sets[line.substr(0, line.find(':'))] = std::strtoull(line.c_str() + line.find(':') + 1, nullptr, 16);
        }
    }
    return sets;
}

}  // namespace

class TestSpawner : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void itKeepsOnlyTheCapabilitiesOfItsWork_data();
    void itKeepsOnlyTheCapabilitiesOfItsWork();
    void aKilledDaemonLeavesNothingRunning();
    void leftoversOfAKilledSpawnerAreCleanedAtStart();
};

void TestSpawner::initTestCase() {
    if (::geteuid() != 0) {
        QSKIP("processes are told apart by uid here, which takes root");
    }
}

void TestSpawner::itKeepsOnlyTheCapabilitiesOfItsWork_data() {
    addLevelRows();
}

void TestSpawner::itKeepsOnlyTheCapabilitiesOfItsWork() {
    HANSHU_LEVEL;
    Q_UNUSED(factory);
    std::uint64_t needed = 0;
    for (const int capability : {CAP_DAC_OVERRIDE, CAP_KILL, CAP_SETGID, CAP_SETUID, CAP_SYS_CHROOT, CAP_SYS_PTRACE,
                                 CAP_SYS_ADMIN, CAP_MKNOD}) {
        needed |= std::uint64_t{1} << capability;
    }
    const auto own = capabilitiesOf(::getpid());
    QVERIFY((own.at("CapPrm") & ~needed) != 0);  // root's: there is something to give up
    const auto left = capabilitiesOf(level.handle->pid());
    QCOMPARE(left.at("CapPrm"), own.at("CapPrm") & needed);
    QCOMPARE(left.at("CapEff"), own.at("CapPrm") & needed);
    QCOMPARE(left.at("CapBnd"), own.at("CapBnd") & needed);
    QCOMPARE(left.at("CapInh"), 0U);
    QCOMPARE(left.at("CapAmb"), 0U);
}

void TestSpawner::aKilledDaemonLeavesNothingRunning() {
    const auto state = makeState("victim");
    std::vector<int> numbers;
    const std::unique_ptr<QProcess> victim(startVictim(state, numbers));
    QCOMPARE(numbers.size(), 2U);
    const auto uid = static_cast<uid_t>(numbers[1]);
    QVERIFY(!processesOfUids(uid, uid).empty());
    ::kill(static_cast<pid_t>(victim->processId()), SIGKILL);
    QVERIFY(victim->waitForFinished());
    QVERIFY(eventually([&] { return processesOfUids(uid, uid).empty() && ::kill(numbers[0], 0) != 0; }));
    QVERIFY(cgroupsNamed(cgroupName(state)).empty());
    fs::remove_all(state);
}

void TestSpawner::leftoversOfAKilledSpawnerAreCleanedAtStart() {
    const auto state = makeState("victim");
    std::vector<int> numbers;
    const std::unique_ptr<QProcess> victim(startVictim(state, numbers));
    QCOMPARE(numbers.size(), 2U);
    const auto uid = static_cast<uid_t>(numbers[1]);
    ::kill(static_cast<pid_t>(victim->processId()), SIGSTOP);  // it can't clean up either
    ::kill(numbers[0], SIGKILL);
    QVERIFY(eventually([&] { return processesOfUids(uid, uid).empty(); }));
    ::kill(static_cast<pid_t>(victim->processId()), SIGKILL);
    QVERIFY(victim->waitForFinished());
    QVERIFY(!cgroupsNamed(cgroupName(state)).empty() || levels().front().factory->isolation() != Isolation::RootCgroup);
    std::vector<int> again;
    const std::unique_ptr<QProcess> next(startVictim(state, again));
    QCOMPARE(again.size(), 2U);  // it came up on the same state
    next->terminate();
    QVERIFY(next->waitForFinished());
    QVERIFY(eventually([&] { return ::kill(again[0], 0) != 0; }));
    QVERIFY(cgroupsNamed(cgroupName(state)).empty());
    fs::remove_all(state);
}

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    if (argc == 3 && std::string_view(argv[1]) == "--victim") {
        return runVictim(argv[2]);
    }
    return runAtLevels([&] {
        TestSpawner test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_spawner.moc"
