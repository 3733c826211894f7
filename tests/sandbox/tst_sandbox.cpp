// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Real sandboxes on this host: what works inside, what does not get out, and what is left behind, at each level of
// isolation. As root the levels of root run here, and those of an ordinary user in a child process of that user.

#include "attacks.h"
#include "base/digest.h"
#include "base/io_pool.h"
#include "cell.h"
#include "sandbox/cgroup_tree.h"
#include "sandbox/doctor.h"
#include "sandbox/sandbox.h"
#include "sandbox/spawner_process.h"

#include <arpa/inet.h>
#include <grp.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fmt/format.h>
#include <QProcess>
#include <QTest>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

using namespace hanshu;
using namespace hanshu::sandbox;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kMemory = 256LL << 20;
constexpr std::int64_t kDisk = 64LL << 20;
constexpr int kProcesses = 60;
constexpr uid_t kOrdinaryUser = 65534;

// One spawner with its state directory.
struct Level {
    std::string name;
    fs::path state;
    std::unique_ptr<SpawnerHandle> handle;
    std::unique_ptr<SandboxFactory> factory;
};

std::vector<Level> gLevels;
constexpr int kFewSlots = 2;
std::optional<Level> gTiny;  // with kFewSlots
std::unique_ptr<IoPool> gIo;
// attack → level → outcome
std::map<std::string, std::map<std::string, std::string>> gTable;
std::vector<std::string> gOrder;

void note(const std::string& attack, const std::string& level, const std::string& outcome) {
    if (!gTable.contains(attack)) {
        gOrder.push_back(attack);
    }
    gTable[attack][level] = outcome;
}

void writeFile(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

fs::path makeState(const std::string& name) {
    const fs::path state = fs::temp_directory_path() / fmt::format("hanshu-tst-sandbox-{}-{}", ::getpid(), name);
    fs::remove_all(state);
    writeFile(state / "code/mine/handler.py", "mine");
    writeFile(state / "code/other/secret.py", "secret");
    writeFile(state / "objects/bucket/film.mp4", "film");
    fs::permissions(state, fs::perms::owner_all);
    return state;
}

Assignment assignment(const Level& level) {
    Assignment made;
    made.memoryBytes = kMemory;
    made.cpus = 1;
    made.processes = kProcesses;
    made.diskBytes = kDisk;
    made.mounts = {{(level.state / "code/mine").native(), "/code"}};
    return made;
}

// Real things on the host that code inside tries to reach.
struct Host {
    UniqueFd port{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    UniqueFd abstract{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    UniqueFd file{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int number = 0;
    std::string abstractName = fmt::format("hanshu-tst-{}", ::getpid());
    std::string path;

    explicit Host(const fs::path& state) : path((state / "host.sock").native()) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        bool good = ::bind(port.get(), reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                    ::listen(port.get(), 5) == 0 &&
                    ::getsockname(port.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
        number = ntohs(address.sin_port);
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        std::memcpy(local.sun_path + 1, abstractName.data(), abstractName.size());
        size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + abstractName.size());
        good = good && ::bind(abstract.get(), reinterpret_cast<sockaddr*>(&local), size) == 0 &&
               ::listen(abstract.get(), 5) == 0;
        local = {};
        local.sun_family = AF_UNIX;
        std::memcpy(local.sun_path, path.data(), path.size());
        good = good && ::bind(file.get(), reinterpret_cast<sockaddr*>(&local), sizeof local) == 0 &&
               ::listen(file.get(), 5) == 0;
        if (!good) {
            qFatal("the host's sockets can't be made");
        }
    }
};

std::string replaced(std::string text, const std::map<std::string, std::string>& values) {
    for (const auto& [key, value] : values) {
        for (auto at = text.find(key); at != std::string::npos; at = text.find(key)) {
            text.replace(at, key.size(), value);
        }
    }
    return text;
}

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

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

// The uid on the host of what runs inside: as the kernel tells it of a message that came from there.
uid_t hostUidOf(Cell& cell) {
    const int on = 1;
    ::setsockopt(cell.control(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    const std::string source = "result = 1";
    ::send(cell.control(), source.data(), source.size(), 0);
    char bytes[64];
    iovec part{bytes, sizeof bytes};
    alignas(cmsghdr) char control[256];
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (!readableWithin(cell.control(), Cell::kDeadline) || ::recvmsg(cell.control(), &message, 0) <= 0) {
        return 0;
    }
    for (auto* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_type == SCM_CREDENTIALS) {
            ucred credentials{};
            std::memcpy(&credentials, CMSG_DATA(header), sizeof credentials);
            return credentials.uid;
        }
    }
    return 0;
}

}  // namespace

class TestSandbox : public QObject {
    Q_OBJECT
private slots:
    void cgroupsOfVersionOneAreFound();
    void cgroupsOfVersionTwoAreFound();
    void cgroupsOfAContainerAreFoundBelowItsRoot();
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
    void everyAttackFails_data();
    void everyAttackFails();
    void aForkBombIsBounded_data();
    void aForkBombIsBounded();
    void aMemoryBombHitsItsOwnSandboxOnly_data();
    void aMemoryBombHitsItsOwnSandboxOnly();
    void nothingOutlivesAKill_data();
    void nothingOutlivesAKill();
    void manySandboxesComeAndGo_data();
    void manySandboxesComeAndGo();
    void aFullNodeSaysSo();
    void aKilledDaemonLeavesNothingRunning();
    void leftoversOfAKilledSpawnerAreCleanedAtStart();
    void asAnOrdinaryUserTheSameHolds();
    void cleanupTestCase();

private:
    static void levels() {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < gLevels.size(); ++i) {
            QTest::newRow(gLevels[i].name.c_str()) << static_cast<int>(i);
        }
    }
};

void TestSandbox::aProgramSeesItsArgumentsAndItsExitIsTold_data() {
    levels();
}

void TestSandbox::aProgramThatIsNotThereEndsTheSandbox_data() {
    levels();
}

void TestSandbox::toolsOfTheHostRunInside_data() {
    levels();
}

void TestSandbox::foldersAppearReadOnly_data() {
    levels();
}

void TestSandbox::mountsThatReachOutAreRefused_data() {
    levels();
}

void TestSandbox::eachInstanceHasItsOwnUid_data() {
    levels();
}

void TestSandbox::everyAttackFails_data() {
    levels();
}

void TestSandbox::aForkBombIsBounded_data() {
    levels();
}

void TestSandbox::aMemoryBombHitsItsOwnSandboxOnly_data() {
    levels();
}

void TestSandbox::nothingOutlivesAKill_data() {
    levels();
}

void TestSandbox::manySandboxesComeAndGo_data() {
    levels();
}

#define HANSHU_LEVEL                                         \
    QFETCH(int, index);                                      \
    Level& level = gLevels[static_cast<std::size_t>(index)]; \
    SandboxFactory& factory = *level.factory
#define HANSHU_READY(cell)                    \
    QVERIFY2((cell), (cell).error().c_str()); \
    QCOMPARE((cell).next(), std::string("ready"))
#define HANSHU_ASSIGNED(cell) QCOMPARE((cell).assign(assignment(level)), std::string())

void TestSandbox::cgroupsOfVersionOneAreFound() {
    const auto found = parseHierarchies(
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "36 31 0:33 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
        "4:memory:/some/group\n2:cpu,cpuacct:/\n1:name=systemd:/\n0::/here\n");
    QCOMPARE(found.size(), 3U);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/memory/some/group"));
    QCOMPARE(found[1].directory, std::string("/sys/fs/cgroup/cpu,cpuacct"));
    QCOMPARE(found[1].controllers, (std::vector<std::string>{"cpu", "cpuacct"}));
    QVERIFY(found[2].unified);
    QCOMPARE(found[2].directory, std::string("/sys/fs/cgroup/unified/here"));
}

void TestSandbox::cgroupsOfVersionTwoAreFound() {
    const auto found = parseHierarchies("29 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n",
                                        "0::/system.slice/hanshud.service\n");
    QCOMPARE(found.size(), 1U);
    QVERIFY(found[0].unified);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/system.slice/hanshud.service"));
}

void TestSandbox::cgroupsOfAContainerAreFoundBelowItsRoot() {
    const auto found = parseHierarchies("35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                                        "4:memory:/docker/abc/inner\n");
    QCOMPARE(found.size(), 1U);
    QCOMPARE(found[0].directory, std::string("/sys/fs/cgroup/memory/inner"));
}

void TestSandbox::theDoctorExaminesEverything() {
    const auto findings = examineHost(gLevels.front().state);
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
    Cell cell(*gIo, factory,
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
    QVERIFY(!cell.assign(assignment(level)).empty());
}

void TestSandbox::aProgramThatIsNotThereEndsTheSandbox() {
    HANSHU_LEVEL;
    Q_UNUSED(level);
    Cell cell(*gIo, factory, {"/usr/bin/no-such-program"});
    if (cell) {
        QVERIFY(cell.ended().value > 0);
        QVERIFY(cell.drain().find("no-such-program") != std::string::npos);
    }
}

void TestSandbox::toolsOfTheHostRunInside() {
    HANSHU_LEVEL;
    Cell cell(*gIo, factory);
    HANSHU_READY(cell);
    auto limits = assignment(level);
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
    Cell cell(*gIo, factory);
    HANSHU_READY(cell);
    auto wanted = assignment(level);
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
    QVERIFY(!cell.assign(assignment(level)).empty());  // once only
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
        Cell cell(*gIo, factory);
        HANSHU_READY(cell);
        auto wanted = assignment(level);
        wanted.mounts = {{from, to}};
        QVERIFY2(!cell.assign(wanted).empty(), (from + " to " + to).c_str());
    }
    Cell cell(*gIo, factory);
    HANSHU_READY(cell);
    auto wanted = assignment(level);
    wanted.memoryBytes = -1;
    QVERIFY(!cell.assign(wanted).empty());
}

void TestSandbox::eachInstanceHasItsOwnUid() {
    HANSHU_LEVEL;
    Cell one(*gIo, factory);
    Cell two(*gIo, factory);
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

void TestSandbox::everyAttackFails() {
    HANSHU_LEVEL;
    const Host host(level.state);
    const std::map<std::string, std::string> values{{"@PORT@", std::to_string(host.number)},
                                                    {"@ABSTRACT@", host.abstractName},
                                                    {"@SOCKET@", host.path},
                                                    {"@STATE@", level.state.native()},
                                                    {"@OTHER@", (level.state / "code/other/secret.py").native()},
                                                    {"@PID@", std::to_string(::getpid())}};
    Cell neighbour(*gIo, factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    auto cell = std::make_unique<Cell>(*gIo, factory);
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
            cell = std::make_unique<Cell>(*gIo, factory);
            HANSHU_READY(*cell);
            HANSHU_ASSIGNED(*cell);
        }
        QCOMPARE(neighbour.ask("result = 1"), std::string("done 1"));
    }
    ::unlink(host.path.c_str());
    QVERIFY2(wrong.empty(), wrong.c_str());
}

void TestSandbox::aForkBombIsBounded() {
    HANSHU_LEVEL;
    Cell neighbour(*gIo, factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    Cell bomb(*gIo, factory);
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

void TestSandbox::aMemoryBombHitsItsOwnSandboxOnly() {
    HANSHU_LEVEL;
    Cell neighbour(*gIo, factory);
    HANSHU_READY(neighbour);
    HANSHU_ASSIGNED(neighbour);
    Cell bomb(*gIo, factory);
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

void TestSandbox::nothingOutlivesAKill() {
    HANSHU_LEVEL;
    for (const bool byDestructor : {false, true}) {
        Cell cell(*gIo, factory);
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

void TestSandbox::manySandboxesComeAndGo() {
    HANSHU_LEVEL;
    QVERIFY(eventually([&] { return factory.alive() == 0; }));
    for (int round = 0; round < 3; ++round) {
        std::vector<std::unique_ptr<Cell>> cells;
        for (int i = 0; i < 24; ++i) {
            cells.push_back(std::make_unique<Cell>(*gIo, factory));
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
    SandboxFactory& factory = *gTiny->factory;
    std::vector<std::unique_ptr<Cell>> cells;
    for (int i = 0; i < kFewSlots; ++i) {
        cells.push_back(std::make_unique<Cell>(*gIo, factory));
        QVERIFY2(*cells.back(), cells.back()->error().c_str());
    }
    const Cell refused(*gIo, factory);
    QVERIFY(!refused);
    QVERIFY2(refused.error().starts_with("ResourceThrottled"), refused.error().c_str());
    cells.pop_back();
    QVERIFY(eventually([&] { return static_cast<bool>(Cell(*gIo, factory)); }));
}

// Starts this program as a daemon with one sandbox; returns its pid, the spawner's, and the sandbox's uid.
static QProcess* startVictim(const fs::path& state, std::vector<int>& numbers) {
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

void TestSandbox::aKilledDaemonLeavesNothingRunning() {
    if (::geteuid() != 0) {
        QSKIP("told apart by uid, which takes root");
    }
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

void TestSandbox::leftoversOfAKilledSpawnerAreCleanedAtStart() {
    if (::geteuid() != 0) {
        QSKIP("told apart by uid, which takes root");
    }
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
    QVERIFY(!cgroupsNamed(cgroupName(state)).empty() || gLevels.front().factory->isolation() != Isolation::RootCgroup);
    std::vector<int> again;
    const std::unique_ptr<QProcess> next(startVictim(state, again));
    QCOMPARE(again.size(), 2U);  // it came up on the same state
    next->terminate();
    QVERIFY(next->waitForFinished());
    QVERIFY(eventually([&] { return ::kill(again[0], 0) != 0; }));
    QVERIFY(cgroupsNamed(cgroupName(state)).empty());
    fs::remove_all(state);
}

void TestSandbox::asAnOrdinaryUserTheSameHolds() {
    if (::geteuid() != 0) {
        QSKIP("this is the ordinary user");
    }
    QProcess child;
    child.setChildProcessModifier([] {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0 ||
            ::setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0 || ::chdir("/") != 0) {
            ::_exit(125);
        }
    });
    child.setProcessChannelMode(QProcess::MergedChannels);
    child.start(QCoreApplication::applicationFilePath(), {"-nocrashhandler"});
    QVERIFY(child.waitForFinished(200'000));
    const auto output = child.readAll();
    for (const auto& line : output.split('\n')) {
        const auto parts = line.split('\t');
        if (parts.size() == 4 && parts[0].endsWith("TABLE")) {
            note(parts[1].toStdString(), parts[2].toStdString(), parts[3].toStdString());
        }
    }
    QVERIFY2(child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0, output.constData());
}

void TestSandbox::cleanupTestCase() {
    if (::geteuid() != 0) {
        for (const auto& attack : gOrder) {
            for (const auto& [name, outcome] : gTable[attack]) {
                std::printf("TABLE\t%s\t%s\t%s\n", attack.c_str(), name.c_str(), outcome.c_str());
            }
        }
        return;
    }
    std::set<std::string> columns;
    for (const auto& [attack, row] : gTable) {
        for (const auto& [name, outcome] : row) {
            columns.insert(name);
        }
    }
    for (const auto& attack : gOrder) {
        std::string line = fmt::format("{:<42}", attack);
        for (const auto& name : columns) {
            line += fmt::format(" | {}: {}", name, gTable[attack].contains(name) ? gTable[attack][name] : "–");
        }
        std::printf("%s\n", line.c_str());
    }
}

// A daemon with one assigned sandbox, which waits to be killed.
static int runVictim(const char* state) {
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
    Level level{"victim", state, nullptr, nullptr};
    Cell cell(io, **factory);
    if (!cell || cell.next() != "ready" || !cell.assign(assignment(level)).empty()) {
        return 1;
    }
    std::printf("%d %u\n", (*handle)->pid(), hostUidOf(cell));
    std::fflush(stdout);
    int signal = 0;
    ::sigwait(&stop, &signal);
    return 0;
}

// Prints what the parts of a start cost, beside a plain bubblewrap around /bin/true and a plain Python.
static int runBench() {
    using Clock = std::chrono::steady_clock;
    const auto microseconds = [](Clock::time_point from) {
        return std::chrono::duration<double, std::micro>(Clock::now() - from).count();
    };
    std::map<std::string, std::vector<double>> times;
    constexpr int kRounds = 60;
    for (int round = 0; round < kRounds; ++round) {
        for (const auto& [name, command] :
             {std::pair{"yardstick: bwrap /bin/true",
                        "bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev /bin/true"},
              {"yardstick: python3 -I -c 0", "/usr/bin/python3 -I -c 0"}}) {
            const auto start = Clock::now();
            (void)!std::system(command);
            times[name].push_back(microseconds(start));
        }
        for (auto& level : gLevels) {
            auto start = Clock::now();
            Cell cell(*gIo, *level.factory, {"/bin/sh", "-c", "read x <&3"});
            times[level.name + ": launch"].push_back(microseconds(start));
            const auto wanted = assignment(level);
            ::usleep(20'000);  // as from a stock: its program runs, and the spawner rests
            start = Clock::now();
            if (!cell || !cell.assign(wanted).empty()) {
                return 1;
            }
            times[level.name + ": assign"].push_back(microseconds(start));
            start = Clock::now();
            (void)cell.sandbox().usage();
            times[level.name + ": usage"].push_back(microseconds(start));
            start = Clock::now();
            cell.sandbox().kill();
            (void)cell.ended();
            times[level.name + ": kill"].push_back(microseconds(start));
        }
    }
    for (auto& [name, values] : times) {
        std::sort(values.begin(), values.end());
        std::printf("%-32s p50 %8.0f us   p90 %8.0f us\n", name.c_str(), values[values.size() / 2],
                    values[values.size() * 9 / 10]);
    }
    return 0;
}

static std::optional<Level> makeLevel(const std::string& name, bool cgroups, int atOnce = 256) {
    SpawnerOptions options;
    options.atOnce = atOnce;
    options.stateDirectory = makeState(name);
    options.cgroups = cgroups;
    auto handle = SpawnerHandle::fork(options);
    if (!handle) {
        qWarning("%s: %s", name.c_str(), handle.error().describe().c_str());
        return std::nullopt;
    }
    return Level{name, options.stateDirectory, std::move(*handle), nullptr};
}

static bool addLevel(const std::string& name, bool cgroups) {
    auto level = makeLevel(name, cgroups);
    if (level) {
        gLevels.push_back(std::move(*level));
    }
    return level.has_value();
}

static bool connect(Level& level) {
    auto factory = level.handle->connect(*gIo);
    if (factory) {
        level.factory = std::move(*factory);
    }
    return factory.has_value();
}

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    if (argc == 3 && std::string_view(argv[1]) == "--victim") {
        return runVictim(argv[2]);
    }
    const bool root = ::geteuid() == 0;
    if (root ? !addLevel("root+cgroup", true) || !addLevel("root", false) : !addLevel("user", true)) {
        return 1;
    }
    gTiny = makeLevel("tiny", true, kFewSlots);
    if (!gTiny) {
        return 1;
    }
    gIo = std::make_unique<IoPool>(1);
    for (auto& level : gLevels) {
        if (!connect(level)) {
            return 1;
        }
    }
    if (!connect(*gTiny)) {
        return 1;
    }
    TestSandbox test;
    const bool bench = argc == 2 && std::string_view(argv[1]) == "--bench";
    const int code = bench ? runBench() : QTest::qExec(&test, argc, argv);
    gLevels.push_back(std::move(*gTiny));
    for (auto& level : gLevels) {
        level.factory.reset();
    }
    gIo.reset();
    for (auto& level : gLevels) {
        level.handle.reset();
        fs::remove_all(level.state);
    }
    return code;
}

#include "tst_sandbox.moc"
