// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/spawner.h"

#include "base/log.h"
#include "sandbox/assignments.h"
#include "sandbox/capabilities.h"
#include "sandbox/child_process.h"
#include "sandbox/daemon_link.h"
#include "sandbox/event_loop.h"
#include "sandbox/orders.h"
#include "sandbox/sandbox_table.h"
#include "sandbox/slots.h"
#include "sandbox/spawner_ground.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>

namespace hanshu::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

// The next launch is served first; a new launcher is parked when nothing came for this long.
constexpr int kIdleMilliseconds = 2;
// Of cgroups that still have a dying process.
constexpr int kRetryMilliseconds = 5;
constexpr int kPollMilliseconds = 1;
constexpr std::chrono::seconds kStopDeadline{10};

class Spawner {
public:
    Spawner(UniqueFd daemon, const SpawnerOptions& options) : m_daemon(std::move(daemon)), m_options(options) {}
    int run();

private:
    Result<void> prepare();
    void hello(const Result<void>& prepared);
    void loop();
    void stop();
    [[nodiscard]] int timeout() const;
    void whenIdle();
    void onDaemon();
    void onLaunch(const Frame& frame, Decoder& decoder);
    void onAssign(Decoder& decoder);

    EventLoop m_loop;
    DaemonLink m_daemon;
    SpawnerOptions m_options;
    SpawnerGround m_ground;
    Slots m_slots{m_ground.cgroups, m_options.atOnce};
    Assignments m_assignments{m_loop, m_daemon, m_ground};
    SandboxTable m_table{m_loop, m_daemon, m_slots, m_ground, m_assignments};
    bool m_stopping = false;
};

void becomeService() {
    ::prctl(PR_SET_NAME, "hanshu-spawner");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // a sandbox's init comes here when its monitor died first
    ::setsid();                          // Ctrl-C is for the daemon, which then orders the stop
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGCHLD, SIG_DFL);
    ::chdir("/");
}

int Spawner::run() {
    const auto prepared = prepare();
    hello(prepared);
    if (prepared) {
        loop();
        stop();
    }
    return prepared ? 0 : 1;
}

Result<void> Spawner::prepare() {
    HANSHU_TRY(keepNeededCapabilities());
    HANSHU_TRY(takeGround(m_options, m_ground));
    const auto lack = m_assignments.prepareDisks();
    if (!lack) {
        return fail(lack.error());
    }
    if (!lack->empty()) {
        m_ground.note += (m_ground.note.empty() ? "" : "; ") + *lack;
    }
    return {};
}

void Spawner::hello(const Result<void>& prepared) {
    Answer hello;
    hello.kind = AnswerKind::Hello;
    hello.isolation = m_ground.isolation;
    hello.note = m_ground.note;
    if (!prepared) {
        hello.error = prepared.error();
    }
    m_daemon.answer(std::move(hello));
}

void Spawner::loop() {
    ::fcntl(m_daemon.socket(), F_SETFL, O_NONBLOCK);
    m_loop.watch(m_daemon.socket(), [this] { onDaemon(); });
    while (!m_stopping && !m_daemon.lost()) {
        if (!m_loop.step(timeout())) {
            whenIdle();
        }
        m_assignments.poll();
    }
}

void Spawner::stop() {
    m_loop.unwatch(m_daemon.socket());
    m_table.killAll();
    const auto deadline = Steady::now() + kStopDeadline;
    while ((!m_table.empty() || m_slots.anyLeaving()) && Steady::now() < deadline) {
        if (!m_loop.step(kRetryMilliseconds)) {
            whenIdle();
        }
    }
    m_ground.cgroups.removeAll();
}

int Spawner::timeout() const {
    if (m_assignments.mustPoll()) {
        return kPollMilliseconds;
    }
    if (m_slots.anyLeaving()) {
        return kRetryMilliseconds;
    }
    return m_table.wantsParked() ? kIdleMilliseconds : -1;
}

void Spawner::whenIdle() {
    m_slots.retryReleases();
    m_table.parkOne();
}

void Spawner::onDaemon() {
    Frame frame;
    if (!m_daemon.receive(frame)) {
        return;
    }
    Decoder decoder(frame.bytes);
    switch (decoder.get<OrderKind>()) {
        case OrderKind::Launch:
            return onLaunch(frame, decoder);
        case OrderKind::Assign:
            return onAssign(decoder);
        case OrderKind::Kill:
            return m_table.kill(decoder.get<std::uint64_t>());
        case OrderKind::Stop:
            m_stopping = true;
            return;
    }
    log::error("sandbox", "an order of {} bytes makes no sense", frame.bytes.size());
}

void Spawner::onLaunch(const Frame& frame, Decoder& decoder) {
    const auto order = decodeLaunch(decoder);
    if (!order || !isSensible(*order) || frame.fds.size() != 2 + order->files.size()) {
        return m_daemon.refuse(AnswerKind::Launched, order ? order->request : 0, 0,
                               Error{Code::InvalidArgument, "InvalidArgument", {}, "the launch order makes no sense"});
    }
    m_table.launch(frame, *order);
}

void Spawner::onAssign(Decoder& decoder) {
    auto order = decodeAssign(decoder);
    if (!order) {
        return m_daemon.refuse(AnswerKind::Assigned, 0, 0,
                               Error{Code::InvalidArgument, "InvalidArgument", {}, "the assignment makes no sense"});
    }
    auto* sandbox = m_table.find(order->sandbox);
    m_assignments.assign(sandbox, std::move(*order));
}

}  // namespace

int runSpawner(UniqueFd daemon, const SpawnerOptions& options) {
    keepOnlyFds({daemon.get()});
    becomeService();
    return Spawner(std::move(daemon), options).run();
}

}  // namespace hanshu::sandbox
