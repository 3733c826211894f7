// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "levels.h"

#include <grp.h>
#include <sys/stat.h>

#include <fmt/format.h>
#include <QProcess>
#include <chrono>
#include <fstream>
#include <map>
#include <set>
#include <thread>

namespace hanshu::sandbox {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kOrdinaryUser = 65534;

std::vector<Level> gLevels;
std::optional<Level> gTiny;
std::unique_ptr<IoPool> gIo;
QByteArray gOrdinaryUsersWords;
// attack → level → outcome
std::map<std::string, std::map<std::string, std::string>> gTable;
std::vector<std::string> gOrder;

std::optional<Level> makeLevel(const std::string& name, bool cgroups, int atOnce = 256) {
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

bool addLevel(const std::string& name, bool cgroups) {
    auto level = makeLevel(name, cgroups);
    if (level) {
        gLevels.push_back(std::move(*level));
    }
    return level.has_value();
}

bool makeLevels() {
    const bool root = ::geteuid() == 0;
    gTiny = makeLevel("tiny", true, kFewSlots);
    return gTiny && (root ? addLevel("root+cgroup", true) && addLevel("root", false) : addLevel("user", true));
}

bool connect(Level& level) {
    auto factory = level.handle->connect(*gIo);
    if (factory) {
        level.factory = std::move(*factory);
    }
    return factory.has_value();
}

void endLevels() {
    gLevels.push_back(std::move(*gTiny));
    for (auto& level : gLevels) {
        level.factory.reset();
    }
    gIo.reset();
    for (auto& level : gLevels) {
        level.handle.reset();
        fs::remove_all(level.state);
    }
    gLevels.clear();
}

}  // namespace

int runAtLevels(const std::function<int()>& work) {
    if (!makeLevels()) {
        return 1;
    }
    gIo = std::make_unique<IoPool>(1);  // after the forks
    const bool connected = connect(*gTiny) && std::ranges::all_of(gLevels, connect);
    const int code = connected ? work() : 1;
    endLevels();
    return code;
}

std::vector<Level>& levels() {
    return gLevels;
}

Level& tinyLevel() {
    return *gTiny;
}

IoPool& io() {
    return *gIo;
}

void addLevelRows() {
    QTest::addColumn<int>("index");
    for (std::size_t i = 0; i < gLevels.size(); ++i) {
        QTest::newRow(gLevels[i].name.c_str()) << static_cast<int>(i);
    }
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

void writeFile(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
}

Assignment assignment(const fs::path& state) {
    Assignment made;
    made.memoryBytes = kMemory;
    made.cpus = 1;
    made.processes = kProcesses;
    made.diskBytes = kDisk;
    made.mounts = {{(state / "code/mine").native(), "/code"}};
    return made;
}

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

void note(const std::string& attack, const std::string& level, const std::string& outcome) {
    if (!gTable.contains(attack)) {
        gOrder.push_back(attack);
    }
    gTable[attack][level] = outcome;
}

// For the run of root, which reads them.
static void printForRoot() {
    for (const auto& attack : gOrder) {
        for (const auto& [name, outcome] : gTable[attack]) {
            std::printf("TABLE\t%s\t%s\t%s\n", attack.c_str(), name.c_str(), outcome.c_str());
        }
    }
}

void printOutcomes() {
    if (::geteuid() != 0) {
        return printForRoot();
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

bool sameHoldsForAnOrdinaryUser() {
    QProcess child;
    child.setChildProcessModifier([] {
        if (::setgroups(0, nullptr) != 0 || ::setresgid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0 ||
            ::setresuid(kOrdinaryUser, kOrdinaryUser, kOrdinaryUser) != 0 || ::chdir("/") != 0) {
            ::_exit(125);
        }
    });
    child.setProcessChannelMode(QProcess::MergedChannels);
    child.start(QCoreApplication::applicationFilePath(), {"-nocrashhandler"});
    const bool finished = child.waitForFinished(200'000);
    gOrdinaryUsersWords = child.readAll();
    for (const auto& line : gOrdinaryUsersWords.split('\n')) {
        const auto parts = line.split('\t');
        if (parts.size() == 4 && parts[0].endsWith("TABLE")) {
            note(parts[1].toStdString(), parts[2].toStdString(), parts[3].toStdString());
        }
    }
    return finished && child.exitStatus() == QProcess::NormalExit && child.exitCode() == 0;
}

const char* ordinaryUsersWords() {
    return gOrdinaryUsersWords.constData();
}

}  // namespace hanshu::sandbox
