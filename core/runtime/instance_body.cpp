// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/instance_body.h"

#include "runtime/reports.h"

#include <unistd.h>
#include <algorithm>
#include <limits>

namespace hanshu::runtime {
namespace {

constexpr int kDefaultHookTimeout = 3;
// What a run wrote is worth telling after this time, though it writes no more for now.
constexpr std::chrono::milliseconds kRemindAfter{40};

}  // namespace

std::chrono::seconds hookTimeout(const api::LifecycleHook& hook) {
    return std::chrono::seconds(hook.has_timeout() && hook.timeout() > 0 ? hook.timeout() : kDefaultHookTimeout);
}

InstanceBody::InstanceBody(const asio::any_io_executor& executor, Agent& agent,
                           std::shared_ptr<const catalog::FunctionSpec> spec, const SandboxConnection& onConnection)
    : m_executor(executor),
      m_spec(std::move(spec)),
      m_sandbox(std::move(agent.sandbox)),
      m_output(std::move(agent.output)),
      m_timer(executor),
      m_reminder(executor) {
    auto visitor = [onConnection, owner = m_spec](int fd, std::shared_ptr<void> place) {
        if (onConnection) {
            onConnection(fd, owner->account, owner->function.function_name(), std::move(place));
        } else {
            ::close(fd);
        }
    };
    m_door = std::make_shared<ObjectDoor>(executor, std::move(agent.listener), std::move(visitor));
}

void InstanceBody::open(OutputSink ownOutput) {
    m_ownOutput = std::move(ownOutput);
    // Weak, because the pipe belongs to this: it is closed before this ends.
    m_pipe = std::make_shared<OutputPipe>(m_executor, std::move(m_output),
                                          [weak = weak_from_this()](std::string_view bytes) {
                                              if (const auto self = weak.lock()) {
                                                  self->takeOutput(bytes);
                                              }
                                          });
    m_pipe->start();
    m_door->open();
    detach(m_executor, watchProcess(shared_from_this()));
}

Task<void> InstanceBody::watchProcess(std::shared_ptr<InstanceBody> self) {
    co_await self->m_sandbox->exited();
    self->die();
}

void InstanceBody::takeOutput(std::string_view bytes) {
    m_outputBytes += bytes.size();
    // With several runs at once nobody can know whose output it is: the oldest gets it. Between runs it is the
    // instance's own.
    if (!m_runs.empty() && m_runs.front()->output) {
        auto& run = *m_runs.front();
        run.lineOpen = bytes.empty() ? run.lineOpen : bytes.back() != '\n';
        run.output(bytes);
        remindSoon();
    } else if (m_ownOutput) {
        m_ownOutput(bytes);
    }
}

// An empty write tells a run's sink that time has passed. The timer stays armed when the run ends, because most runs
// end before it fires.
void InstanceBody::remindSoon() {
    if (std::exchange(m_reminderArmed, true)) {
        return;
    }
    m_reminder.expires_after(kRemindAfter);
    m_reminder.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!self || error) {
            return;
        }
        self->m_reminderArmed = false;
        if (self->m_alive && !self->m_runs.empty() && self->m_runs.front()->output) {
            self->m_runs.front()->output({});
        }
    });
}

void InstanceBody::closeLine(Run& run) {
    if (std::exchange(run.lineOpen, false) && run.output) {
        run.output("\n");
    }
}

void InstanceBody::abort(std::string why) {
    m_aborted = m_aborted || m_alive;
    die(std::move(why));
}

void InstanceBody::die(std::string reason) {
    if (!m_alive) {
        return;
    }
    m_alive = false;
    m_reason = std::move(reason);
    const auto self = shared_from_this();
    drainOutput();
    m_usage = m_sandbox->usage();
    m_oomRose = m_usage.oomKills > m_oomSeen;
    m_sandbox->kill();
    closeChannels();
    m_pipe->close();
    m_ownOutput = nullptr;
    m_door->close();
    m_timer.cancel();
    m_reminder.cancel();
    const bool idle = m_runs.empty();
    const auto onDeath = std::exchange(m_onDeath, nullptr);
    for (Run* run : std::exchange(m_runs, {})) {
        end(*run, Run::End::Dead);
    }
    if (idle && onDeath) {
        onDeath();
    }
}

// Ids start at 1; in 32 bits they don't come round while a run of the same id is still inside.
Run InstanceBody::makeRun(SteadyTime deadline, OutputSink output) {
    m_lastRun = m_lastRun == std::numeric_limits<std::uint32_t>::max() ? 1 : m_lastRun + 1;
    Run run;
    run.id = m_lastRun;
    run.deadline = deadline;
    run.output = std::move(output);
    return run;
}

void InstanceBody::begin(Run& run) {
    run.started = std::chrono::steady_clock::now();
    if (m_runs.empty()) {
        m_sandbox->resetPeak();
    }
    m_runs.push_back(&run);
    armTimer();
}

void InstanceBody::finish(Run& run) noexcept {
    std::erase(m_runs, &run);
}

void InstanceBody::end(Run& run, Run::End how) {
    if (run.end != Run::End::Pending) {
        return;
    }
    run.end = how;
    if (const auto wake = std::exchange(run.wake, nullptr)) {
        wake();
    }
}

Task<void> InstanceBody::over(Run& run) {
    if (run.end != Run::End::Pending) {
        co_return;
    }
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
        [&run](auto handler) {
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            run.wake = [shared] { std::move (*shared)(); };
        },
        asio::use_awaitable);
}

// One timer serves all runs. It stays armed when a run ends early, because nearly every run does; when it fires, it
// looks what is due and arms itself for the rest.
void InstanceBody::armTimer() {
    auto first = SteadyTime::max();
    for (const Run* run : m_runs) {
        first = run->end == Run::End::Pending ? std::min(first, run->deadline) : first;
    }
    if (!m_alive || first == SteadyTime::max() || (m_timerArmed && m_timer.expiry() <= first)) {
        return;
    }
    m_timerArmed = true;
    m_timer.expires_at(first);
    m_timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) {
            self->m_timerArmed = false;
            self->onTimer();
        }
    });
}

void InstanceBody::onTimer() {
    const auto now = std::chrono::steady_clock::now();
    std::vector<Run*> due;
    std::ranges::copy_if(m_runs, std::back_inserter(due),
                         [now](const Run* run) { return run->end == Run::End::Pending && run->deadline <= now; });
    for (Run* run : due) {
        // Ending one may have ended another, and its frame with it.
        if (std::ranges::find(m_runs, run) != m_runs.end()) {
            end(*run, Run::End::Deadline);
        }
    }
    armTimer();
}

InstanceBody::Measure InstanceBody::measure(const Run& run) {
    if (m_alive) {
        m_usage = m_sandbox->usage();
        m_oomRose = m_usage.oomKills > m_oomSeen;
        m_oomSeen = m_usage.oomKills;
    }
    return {
        .run = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - run.started),
        .peak = m_usage.memoryPeakBytes,
        .outOfMemory = m_oomRose};
}

RunResult InstanceBody::report(const Run& run, const Measure& measure, std::string_view what,
                               std::chrono::seconds limit) const {
    if (m_aborted) {
        return aborted(measure.run, measure.peak, m_reason);
    }
    if (measure.outOfMemory) {
        return outOfMemory(measure.run, measure.peak, std::int64_t{m_spec->function.memory_size()} << 20);
    }
    if (run.end == Run::End::Deadline) {
        return timedOut(what, limit, measure.run, measure.peak);
    }
    return exited(measure.run, measure.peak, m_reason);
}

std::chrono::seconds InstanceBody::timeout() const {
    return std::chrono::seconds(std::max(1, m_spec->function.timeout()));
}

SteadyTime InstanceBody::deadlineOf(const RunRequest& request) const {
    return request.deadline == SteadyTime{} ? std::chrono::steady_clock::now() + timeout() : request.deadline;
}

}  // namespace hanshu::runtime
