// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/spawner.h"

#include "base/digest.h"
#include "base/log.h"
#include "sandbox/cgroup_tree.h"
#include "sandbox/child_process.h"
#include "sandbox/host_checks.h"
#include "sandbox/injector.h"
#include "sandbox/launcher.h"
#include "sandbox/orders.h"
#include "sandbox/scratch_disks.h"
#include "sandbox/seccomp_filter.h"
#include "sandbox/system_files.h"
#include "sandbox/uid_range.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <functional>
#include <unordered_map>

namespace hanshu::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

// Launchers that stand ready in their cgroups: a burst of cold starts takes them, and each is replaced in 0.3 ms of
// this thread's time and some 20 ms of its own.
constexpr std::size_t kParked = 4;
// The next launch is served first; a new launcher is parked when nothing came for this long.
constexpr int kIdleMilliseconds = 2;
// Of cgroups that still have a dying process.
constexpr int kRetryMilliseconds = 5;
constexpr std::chrono::seconds kStopDeadline{10};
// A little longer than that.
constexpr std::chrono::seconds kPredecessorDeadline{12};
// From an assignment to a program that runs; it is over before in practice.
constexpr std::chrono::seconds kProgramDeadline{10};
constexpr int kPollMilliseconds = 1;
// A launcher that dies before it was used points at something that fails every time.
constexpr int kFailuresBeforePause = 3;

struct Cell {
    std::uint64_t id = 0;
    int slot = 0;
    Launcher launcher;
    std::string infoText;
    std::optional<std::uint64_t> launchRequest;  // it was ordered
    bool announced = false;                      // the daemon knows it
    pid_t init = -1;
    UniqueFd initFd;
    bool monitorGone = false;
    bool initGone = false;
    bool killed = false;
    bool assigned = false;
    std::optional<AssignOrder> assignment;  // under way
    Steady::time_point assignmentDeadline{};
    ExitStatus exit;
};

class Spawner {
public:
    Spawner(UniqueFd daemon, const SpawnerOptions& options) : m_daemon(std::move(daemon)), m_options(options) {}
    int run();

private:
    Result<void> prepare();
    void awaitPredecessor();
    Result<void> prepareDisks();
    void hello(const Result<void>& prepared);
    void loop();
    void stop();

    void watch(int fd, std::function<void()> handler);
    void unwatch(int fd);
    bool step(int timeout);
    [[nodiscard]] int timeout() const;
    void whenIdle();
    void retryAssignments();

    void onDaemon();
    void onLaunch(const Frame& frame, Decoder& decoder);
    void onAssign(Decoder& decoder);
    void onKill(std::uint64_t sandbox);
    void onInfo(Cell& cell);
    void onMonitorGone(Cell& cell);
    void onInitGone(Cell& cell);
    void onDisk(int fd);

    Result<Cell*> park();
    Result<Cell*> takeParked();
    void startAssignment(Cell& cell);
    void inject(Cell& cell, const UniqueFd& scratch);
    void kill(Cell& cell);
    void finishIfGone(Cell& cell);
    void reapStrays();
    void release(int slot);
    void answer(Answer answer);
    void refuse(AnswerKind kind, std::uint64_t request, std::uint64_t sandbox, Error error);
    void refuseLaunch(Cell& cell, std::string detail);
    [[nodiscard]] uid_t uidOf(int slot) const { return m_uids ? m_uids->first() + static_cast<uid_t>(slot) : 0; }

    UniqueFd m_daemon;
    SpawnerOptions m_options;
    Isolation m_isolation = Isolation::User;
    std::string m_note;
    std::string m_statePath;
    UniqueFd m_state;
    UniqueFd m_turn;
    UniqueFd m_epoll;
    UniqueFd m_seccomp;
    std::string m_bubblewrap;
    std::string m_etc;
    std::optional<UidRange> m_uids;
    CgroupTree m_cgroups;
    std::optional<ScratchDisks> m_disks;
    std::unordered_map<int, std::function<void()>> m_handlers;
    std::unordered_map<std::uint64_t, std::unique_ptr<Cell>> m_cells;
    std::deque<std::uint64_t> m_parked;
    std::deque<std::uint64_t> m_waitingForDisk;
    std::vector<std::uint64_t> m_waitingForProgram;  // assignments that came while bubblewrap was still mounting
    std::deque<int> m_freeSlots;                     // the one that was free longest first
    std::vector<int> m_leaving;                      // slots whose cgroups are not gone yet
    std::uint64_t m_lastId = 0;
    int m_parkFailures = 0;
    bool m_stopping = false;
};

int Spawner::run() {
    ::prctl(PR_SET_NAME, "hanshu-spawner");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // a sandbox's init comes here when its monitor died first
    ::setsid();                          // Ctrl-C is for the daemon, which then orders the stop
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    keepOnlyFds({m_daemon.get()});
    ::chdir("/");
    const auto prepared = prepare();
    hello(prepared);
    if (prepared) {
        loop();
        stop();
    }
    return prepared ? 0 : 1;
}

Result<void> Spawner::prepare() {
    m_epoll = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    m_bubblewrap = findBubblewrap();
    if (m_bubblewrap.empty()) {
        return fail(Code::FailedPrecondition, "SandboxUnavailable", {}, "bubblewrap is not installed");
    }
    const bool root = ::geteuid() == 0;
    m_statePath = m_options.stateDirectory.lexically_normal().native();
    while (m_statePath.size() > 1 && m_statePath.ends_with('/')) {
        m_statePath.pop_back();
    }
    awaitPredecessor();
    // Before the namespaces: moving between cgroups and ending leftovers need the rights of the outside.
    const auto name = "hanshu-" + sha256Hex(m_statePath).substr(0, 12);
    if (m_options.cgroups) {
        m_cgroups = CgroupTree(name);
    }
    m_note = m_cgroups.note();
    if (root) {
        m_uids = UidRange::claim(m_options.atOnce);
        if (!m_uids) {
            return internalError("every range of sandbox uids is taken by other daemons on this host");
        }
        m_uids->endLeftovers();
    }
    HANSHU_TRY(enterPrivateNamespaces());
    // After that: a folder can be cloned only from a mount of one's own namespace.
    m_state = UniqueFd(::open(m_statePath.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!m_state) {
        return systemError("open " + m_statePath, errno);
    }
    auto etc = makeEtc(m_statePath);
    if (!etc) {
        return fail(std::move(etc.error()));
    }
    m_etc = *etc;
    auto filter = makeSeccompFilter();
    if (!filter) {
        return fail(std::move(filter.error()));
    }
    m_seccomp = std::move(*filter);
    HANSHU_TRY(tryBubblewrap(m_bubblewrap));
    m_isolation = !root ? Isolation::User
                        : (m_cgroups.kind() == CgroupTree::Kind::None ? Isolation::Root : Isolation::RootCgroup);
    HANSHU_TRY(prepareDisks());
    for (int slot = 0; slot < m_options.atOnce; ++slot) {
        m_freeSlots.push_back(slot);
    }
    return {};
}

// The spawner of a daemon that was killed outlives it by the time that its sandboxes take to end, and then removes the
// cgroups of this state: not under the feet of this one. A record lock, because forked launchers don't inherit it.
void Spawner::awaitPredecessor() {
    m_turn = UniqueFd(::open((m_statePath + "/spawner.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    const auto deadline = Steady::now() + kPredecessorDeadline;
    while (m_turn && ::fcntl(m_turn.get(), F_SETLK, &whole) != 0 && Steady::now() < deadline) {
        ::usleep(kPollMilliseconds * 1000);
    }
}

Result<void> Spawner::prepareDisks() {
    const auto directory = m_statePath + "/sandbox";
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
        return systemError("mkdir " + directory, errno);
    }
    m_disks.emplace(directory, [this](int fd) { watch(fd, [this, fd] { onDisk(fd); }); });
    if (::geteuid() == 0 && m_uids) {
        if (const auto probe = m_disks->probe(); !probe) {
            m_note += fmt::format("{}/tmp is a tmpfs, counted as memory: {}", m_note.empty() ? "" : "; ",
                                  probe.error().detail);
        }
    }
    return {};
}

void Spawner::hello(const Result<void>& prepared) {
    Answer hello;
    hello.kind = AnswerKind::Hello;
    hello.isolation = m_isolation;
    hello.note = m_note;
    if (!prepared) {
        hello.error = prepared.error();
    }
    answer(std::move(hello));
}

void Spawner::loop() {
    ::fcntl(m_daemon.get(), F_SETFL, O_NONBLOCK);
    watch(m_daemon.get(), [this] { onDaemon(); });
    while (!m_stopping) {
        if (!step(timeout())) {
            whenIdle();
        }
        retryAssignments();
    }
}

void Spawner::stop() {
    unwatch(m_daemon.get());
    for (auto& [id, cell] : m_cells) {
        kill(*cell);
    }
    const auto deadline = Steady::now() + kStopDeadline;
    while ((!m_cells.empty() || !m_leaving.empty()) && Steady::now() < deadline) {
        if (!step(kRetryMilliseconds)) {
            whenIdle();
        }
    }
    m_cgroups.removeAll();
}

// One event at a time: a handler may close what the next event of a batch is about.
bool Spawner::step(int timeoutMilliseconds) {
    epoll_event event{};
    if (::epoll_wait(m_epoll.get(), &event, 1, timeoutMilliseconds) != 1) {
        return false;
    }
    if (const auto found = m_handlers.find(event.data.fd); found != m_handlers.end()) {
        const auto handler = found->second;  // it may remove itself
        handler();
    }
    return true;
}

int Spawner::timeout() const {
    if (!m_waitingForProgram.empty()) {
        return kPollMilliseconds;
    }
    if (!m_leaving.empty()) {
        return kRetryMilliseconds;
    }
    return m_parked.size() < kParked && m_parkFailures < kFailuresBeforePause && !m_freeSlots.empty()
               ? kIdleMilliseconds
               : -1;
}

void Spawner::retryAssignments() {
    for (const auto id : std::exchange(m_waitingForProgram, {})) {
        Cell& cell = *m_cells.at(id);
        if (Steady::now() < cell.assignmentDeadline) {
            startAssignment(cell);
            continue;
        }
        refuse(AnswerKind::Assigned, cell.assignment->request, id,
               Error{Code::DeadlineExceeded, "InternalServerError", {}, "the sandbox's program does not start"});
        cell.assignment.reset();
    }
}

void Spawner::whenIdle() {
    std::erase_if(m_leaving, [this](int slot) {
        const bool gone = m_cgroups.remove(slot);
        if (gone) {
            m_freeSlots.push_back(slot);
        }
        return gone;
    });
    if (!m_stopping && m_parked.size() < kParked && m_parkFailures < kFailuresBeforePause && !m_freeSlots.empty()) {
        if (const auto cell = park(); cell) {
            m_parked.push_back((*cell)->id);
        } else {
            ++m_parkFailures;
            log::error("sandbox", "{}", cell.error().describe());
        }
    }
}

void Spawner::watch(int fd, std::function<void()> handler) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    m_handlers[fd] = std::move(handler);
    ::epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

// By name, not by closing: children may still hold the same open file.
void Spawner::unwatch(int fd) {
    if (m_handlers.erase(fd) > 0) {
        ::epoll_ctl(m_epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
    }
}

void Spawner::onDaemon() {
    Frame frame;
    const auto received = receiveFrame(m_daemon.get(), frame, false);
    if (received == Received::Nothing) {
        return;
    }
    if (received == Received::Closed) {
        m_stopping = true;
        return;
    }
    Decoder decoder(frame.bytes);
    switch (decoder.get<OrderKind>()) {
        case OrderKind::Launch:
            return onLaunch(frame, decoder);
        case OrderKind::Assign:
            return onAssign(decoder);
        case OrderKind::Kill:
            return onKill(decoder.get<std::uint64_t>());
        case OrderKind::Stop:
            m_stopping = true;
            return;
    }
    log::error("sandbox", "an order of {} bytes makes no sense", frame.bytes.size());
}

bool isPlain(const std::string& text) {
    return text.find('\0') == std::string::npos;
}

bool isSensible(const LaunchOrder& order) {
    if (order.argv.empty() || !order.argv.front().starts_with('/')) {
        return false;
    }
    for (const auto& argument : order.argv) {
        if (!isPlain(argument)) {
            return false;
        }
    }
    for (const auto& [name, value] : order.environment) {
        if (name.empty() || name.find('=') != std::string::npos || !isPlain(name) || !isPlain(value)) {
            return false;
        }
    }
    for (const auto& file : order.files) {
        const std::filesystem::path path(file.path);
        if (!isPlain(file.path) || !path.is_absolute() || path.lexically_normal() != path || !path.has_filename()) {
            return false;
        }
    }
    return true;
}

void Spawner::onLaunch(const Frame& frame, Decoder& decoder) {
    const auto order = decodeLaunch(decoder);
    if (!order || !isSensible(*order) || frame.fds.size() != 2 + order->files.size()) {
        return refuse(AnswerKind::Launched, order ? order->request : 0, 0,
                      Error{Code::InvalidArgument, "InvalidArgument", {}, "the launch order makes no sense"});
    }
    auto taken = takeParked();
    if (!taken) {
        return refuse(AnswerKind::Launched, order->request, 0, taken.error());
    }
    Cell& cell = **taken;
    cell.launchRequest = order->request;
    std::vector<int> fds;
    for (const auto& fd : frame.fds) {
        fds.push_back(fd.get());
    }
    if (const int code = sendFrame(cell.launcher.socket.get(), frame.bytes, fds); code != 0) {
        refuseLaunch(cell, fmt::format("the launcher does not take its order: {}", std::strerror(code)));
        kill(cell);
    }
}

Result<Cell*> Spawner::takeParked() {
    while (!m_parked.empty()) {
        const auto found = m_cells.find(m_parked.front());
        m_parked.pop_front();
        if (found != m_cells.end() && !found->second->monitorGone) {
            return found->second.get();
        }
    }
    m_parkFailures = 0;
    return park();
}

Result<Cell*> Spawner::park() {
    if (m_freeSlots.empty()) {
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, "every sandbox slot of this node is taken");
    }
    const int slot = m_freeSlots.front();
    if (auto made = m_cgroups.make(slot); !made) {
        m_freeSlots.pop_front();
        release(slot);
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, made.error().detail);
    }
    LauncherPlan plan;
    plan.slot = slot;
    plan.uid = uidOf(slot);
    plan.seccomp = m_seccomp.get();
    plan.bubblewrap = m_bubblewrap;
    plan.etcPath = m_etc;
    plan.cgroups = &m_cgroups;
    auto launcher = parkLauncher(plan);
    m_freeSlots.pop_front();
    if (!launcher) {
        release(slot);
        return fail(Code::ResourceExhausted, "ResourceThrottled", {}, launcher.error().detail);
    }
    auto owned = std::make_unique<Cell>();
    Cell& cell = *owned;
    cell.id = ++m_lastId;
    cell.slot = slot;
    cell.launcher = std::move(*launcher);
    m_cells[cell.id] = std::move(owned);
    watch(cell.launcher.info.get(), [this, &cell] { onInfo(cell); });
    watch(cell.launcher.pidFd.get(), [this, &cell] { onMonitorGone(cell); });
    return &cell;
}

void Spawner::onInfo(Cell& cell) {
    std::array<char, 1024> part{};
    const auto size = ::read(cell.launcher.info.get(), part.data(), part.size());
    if (size < 0) {
        return;
    }
    cell.infoText.append(part.data(), static_cast<std::size_t>(size));
    if (size > 0 && cell.infoText.find('}') == std::string::npos) {
        return;
    }
    unwatch(cell.launcher.info.get());
    cell.launcher.info.reset();
    constexpr std::string_view kKey = "\"child-pid\":";
    const auto at = cell.infoText.find(kKey);
    if (at == std::string::npos) {
        return;  // it died; its end is told by onMonitorGone
    }
    const auto pid = static_cast<pid_t>(std::strtol(cell.infoText.c_str() + at + kKey.size(), nullptr, 10));
    cell.initFd = openPidFd(pid);
    // The pid came from a process that may be dead by now: it must still be the child of the monitor.
    const auto parent = fmt::format("PPid:\t{}\n", cell.launcher.pid);
    if (!cell.initFd || readSmallFile(fmt::format("/proc/{}/status", pid)).find(parent) == std::string::npos) {
        cell.initFd.reset();
        kill(cell);
        return;
    }
    cell.init = pid;
    watch(cell.initFd.get(), [this, &cell] { onInitGone(cell); });
    if (cell.killed) {
        killByFd(cell.initFd.get());
        return;
    }
    Answer launched;
    launched.kind = AnswerKind::Launched;
    launched.request = *cell.launchRequest;
    launched.sandbox = cell.id;
    launched.usage = m_cgroups.usageSource();
    launched.fds = m_cgroups.usageFiles(cell.slot);
    cell.announced = true;
    answer(std::move(launched));
}

void Spawner::onMonitorGone(Cell& cell) {
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(cell.launcher.pidFd.get()), &info, WEXITED);
    unwatch(cell.launcher.pidFd.get());
    // bubblewrap tells a signal as a shell does.
    constexpr int kSignalBase = 128;
    if (info.si_code != CLD_EXITED) {
        cell.exit = {true, info.si_status};
    } else if (info.si_status > kSignalBase && info.si_status < kSignalBase + NSIG) {
        cell.exit = {true, info.si_status - kSignalBase};
    } else {
        cell.exit = {false, info.si_status};
    }
    cell.monitorGone = true;
    if (cell.launcher.info) {
        onInfo(cell);  // what it wrote before it died
    }
    if (!cell.announced && cell.launchRequest) {
        refuseLaunch(cell, fmt::format("bubblewrap ended with {} {}", cell.exit.signaled ? "signal" : "status",
                                       cell.exit.value));
    } else if (!cell.launchRequest && !m_stopping) {
        ++m_parkFailures;
        std::erase(m_parked, cell.id);
        log::error("sandbox", "a launcher ended before it was used, with status {}", cell.exit.value);
    }
    finishIfGone(cell);
}

void Spawner::onInitGone(Cell& cell) {
    unwatch(cell.initFd.get());
    cell.initGone = true;
    ::waitpid(cell.init, nullptr, WNOHANG);  // mine only where the monitor died first
    finishIfGone(cell);
}

// The init of a sandbox that died before its name was known ends up here as a child.
void Spawner::reapStrays() {
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        const auto known = [&](const auto& entry) { return entry.second->launcher.pid == info.si_pid; };
        if (m_disks->isMaker(info.si_pid) || std::any_of(m_cells.begin(), m_cells.end(), known)) {
            return;  // its own handler comes
        }
        ::waitpid(info.si_pid, nullptr, WNOHANG);
        info.si_pid = 0;
    }
}

void Spawner::finishIfGone(Cell& cell) {
    if (!cell.monitorGone || (cell.init > 0 && !cell.initGone)) {
        return;
    }
    if (cell.assignment) {
        refuse(AnswerKind::Assigned, cell.assignment->request, cell.id,
               Error{Code::Aborted, "SandboxEnded", {}, "the sandbox ended while it was prepared"});
    }
    if (cell.announced) {
        Answer exited;
        exited.kind = AnswerKind::Exited;
        exited.sandbox = cell.id;
        exited.exit = cell.exit;
        answer(std::move(exited));
    }
    if (cell.launcher.info) {
        unwatch(cell.launcher.info.get());
    }
    std::erase(m_waitingForDisk, cell.id);
    std::erase(m_waitingForProgram, cell.id);
    release(cell.slot);
    m_cells.erase(cell.id);
    reapStrays();
}

// A slot is its uid: free only when nothing of the tree is left.
void Spawner::release(int slot) {
    if (m_cgroups.remove(slot)) {
        m_freeSlots.push_back(slot);
    } else {
        m_leaving.push_back(slot);
    }
}

void Spawner::onKill(std::uint64_t sandbox) {
    if (const auto found = m_cells.find(sandbox); found != m_cells.end()) {
        kill(*found->second);
    }
}

// The init of a pid namespace takes every process in it along.
void Spawner::kill(Cell& cell) {
    cell.killed = true;
    if (cell.initFd) {
        killByFd(cell.initFd.get());
    } else if (cell.launcher.pidFd) {
        killByFd(cell.launcher.pidFd.get());
    }
}

void Spawner::onAssign(Decoder& decoder) {
    auto order = decodeAssign(decoder);
    if (!order) {
        return refuse(AnswerKind::Assigned, 0, 0,
                      Error{Code::InvalidArgument, "InvalidArgument", {}, "the assignment makes no sense"});
    }
    const auto found = m_cells.find(order->sandbox);
    if (found == m_cells.end() || found->second->killed || found->second->init < 0) {
        return refuse(AnswerKind::Assigned, order->request, order->sandbox,
                      Error{Code::Aborted, "SandboxEnded", {}, "the sandbox is gone"});
    }
    Cell& cell = *found->second;
    const auto& wanted = order->assignment;
    if (cell.assigned || cell.assignment || wanted.memoryBytes <= 0 || wanted.diskBytes <= 0 || wanted.processes <= 0 ||
        !(wanted.cpus > 0)) {
        return refuse(
            AnswerKind::Assigned, order->request, order->sandbox,
            Error{Code::InvalidArgument, "InvalidArgument", {}, "assigned twice, or a limit is not above zero"});
    }
    if (auto checked = checkMounts(wanted.mounts, m_statePath); !checked) {
        return refuse(AnswerKind::Assigned, order->request, order->sandbox, checked.error());
    }
    if (auto limited = m_cgroups.limit(cell.slot, wanted); !limited) {
        return refuse(AnswerKind::Assigned, order->request, order->sandbox, limited.error());
    }
    cell.assignment = std::move(order);
    cell.assignmentDeadline = Steady::now() + kProgramDeadline;
    startAssignment(cell);
}

void Spawner::startAssignment(Cell& cell) {
    // bubblewrap forks the program only when everything is mounted; moving in earlier would meet half a sandbox.
    if (childrenOf(cell.init).empty()) {
        m_waitingForProgram.push_back(cell.id);
        return;
    }
    if (!m_disks->available()) {
        return inject(cell, UniqueFd());
    }
    if (const auto scratch = m_disks->take(cell.assignment->assignment.diskBytes); scratch) {
        return inject(cell, scratch);
    }
    m_waitingForDisk.push_back(cell.id);
}

void Spawner::onDisk(int fd) {
    unwatch(fd);
    const auto [bytes, made] = m_disks->collect(fd);
    for (auto at = m_waitingForDisk.begin(); at != m_waitingForDisk.end(); ++at) {
        Cell& cell = *m_cells.at(*at);
        if (cell.assignment->assignment.diskBytes != bytes) {
            continue;
        }
        m_waitingForDisk.erase(at);
        if (made) {
            return startAssignment(cell);
        }
        refuse(AnswerKind::Assigned, cell.assignment->request, cell.id, made.error());
        cell.assignment.reset();
        return;
    }
    if (!made) {
        log::warning("sandbox", "{}", made.error().describe());
    }
}

void Spawner::inject(Cell& cell, const UniqueFd& scratch) {
    InjectionPlan plan;
    plan.init = cell.init;
    plan.initFd = cell.initFd.get();
    plan.stateDirectory = m_state.get();
    plan.statePath = m_statePath;
    plan.scratch = scratch.get();
    plan.limitByRlimits = m_cgroups.kind() == CgroupTree::Kind::None;
    plan.uid = uidOf(cell.slot);
    plan.assignment = &cell.assignment->assignment;
    const auto request = cell.assignment->request;
    const auto injected = sandbox::inject(plan);
    cell.assignment.reset();
    if (!injected) {
        return refuse(AnswerKind::Assigned, request, cell.id, injected.error());
    }
    cell.assigned = true;
    Answer assigned;
    assigned.kind = AnswerKind::Assigned;
    assigned.request = request;
    assigned.sandbox = cell.id;
    if (m_cgroups.kind() == CgroupTree::Kind::None) {
        const auto first = std::strtol(childrenOf(cell.init).c_str(), nullptr, 10);
        assigned.fds.emplace_back(::open(fmt::format("/proc/{}/status", first).c_str(), O_RDONLY | O_CLOEXEC));
    }
    answer(std::move(assigned));
}

void Spawner::refuseLaunch(Cell& cell, std::string detail) {
    refuse(AnswerKind::Launched, *cell.launchRequest, 0,
           Error{Code::Internal, "InternalServerError", {}, std::move(detail)});
    cell.launchRequest.reset();
    cell.killed = true;
}

void Spawner::refuse(AnswerKind kind, std::uint64_t request, std::uint64_t sandbox, Error error) {
    Answer refusal;
    refusal.kind = kind;
    refusal.request = request;
    refusal.sandbox = sandbox;
    refusal.error = std::move(error);
    answer(std::move(refusal));
}

void Spawner::answer(Answer answer) {
    std::vector<int> fds;
    for (const auto& fd : answer.fds) {
        if (fd) {
            fds.push_back(fd.get());
        }
    }
    const auto bytes = encode(answer);
    int code = 0;
    // The daemon reads answers on an io thread that never blocks for long; a full socket empties itself.
    while ((code = sendFrame(m_daemon.get(), bytes, fds)) == EAGAIN) {
        ::usleep(200);
    }
    if (code != 0) {
        m_stopping = true;
    }
}

}  // namespace

int runSpawner(UniqueFd daemon, const SpawnerOptions& options) {
    return Spawner(std::move(daemon), options).run();
}

}  // namespace hanshu::sandbox
