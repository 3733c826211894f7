// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What instances of every runtime have in common: sandbox, output, object endpoint, deadlines and death. It outlives
// its Instance until its sandbox is gone. One io thread.
#pragma once

#include "base/async.h"
#include "runtime/agent.h"
#include "runtime/instance.h"
#include "runtime/object_door.h"
#include "runtime/output_pipe.h"

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::runtime {

// One request that is inside, or a hook. It lives in the frame of the coroutine that waits for it.
struct Run {
    enum class End { Pending, Answered, Deadline, Dead };

    std::uint32_t id = 0;
    SteadyTime started;
    SteadyTime deadline;
    OutputSink output;
    End end = End::Pending;
    bool lineOpen = false;         // the last byte of output was no end of a line
    bool failed = false;           // Answered: with an error body
    std::string payload;           // Answered: the result
    std::function<void()> wake{};  // called once when `end` changes
};

class InstanceBody : public std::enable_shared_from_this<InstanceBody> {
public:
    // Takes sandbox, output and listener of the agent.
    InstanceBody(const asio::any_io_executor& executor, Agent& agent, std::shared_ptr<const catalog::FunctionSpec> spec,
                 const SandboxConnection& onConnection);
    virtual ~InstanceBody() = default;
    InstanceBody(const InstanceBody&) = delete;
    InstanceBody& operator=(const InstanceBody&) = delete;

    [[nodiscard]] virtual Task<RunResult> run(RunRequest request, OutputSink output) = 0;
    // The preStop hook where there is one.
    [[nodiscard]] virtual Task<void> stop() = 0;

    [[nodiscard]] const InstanceId& id() const noexcept { return m_sandbox->id(); }
    [[nodiscard]] const catalog::FunctionSpec& spec() const noexcept { return *m_spec; }
    [[nodiscard]] bool alive() const noexcept { return m_alive; }
    void onDeath(std::function<void()> listener) { m_onDeath = std::move(listener); }
    void kill() { die(); }
    void abort(std::string why);
    // Output, the object endpoint and the watch over the process begin. Once, before anything else. What belongs to no
    // run goes to `ownOutput`, where there is one.
    void open(OutputSink ownOutput);

protected:
    // Ends everything at once: runs end as Dead, the sandbox with its whole tree. Idempotent. `reason` is told to the
    // runs where it is not simply that the process ended.
    void die(std::string reason = {});
    virtual void closeChannels() = 0;

    [[nodiscard]] Run makeRun(SteadyTime deadline, OutputSink output);
    void begin(Run& run);
    void finish(Run& run) noexcept;  // it takes no more output
    static void end(Run& run, Run::End how);
    // Resumes when the run is over.
    [[nodiscard]] static Task<void> over(Run& run);
    // Everything that was written before now reaches the runs.
    void drainOutput() { m_pipe->drain(); }
    // Ends a line that the code inside left open, so that what the platform writes next stands on its own.
    static void closeLine(Run& run);

    struct Measure {
        std::chrono::microseconds run{0};
        std::int64_t peak = 0;
        bool outOfMemory = false;  // the kernel's counter rose since the last measure
    };
    [[nodiscard]] Measure measure(const Run& run);
    // What a run reports that did not end with an answer. `what` names it at the begin of a sentence.
    [[nodiscard]] RunResult report(const Run& run, const Measure& measure, std::string_view what,
                                   std::chrono::seconds limit) const;

    [[nodiscard]] std::vector<Run*>& runs() noexcept { return m_runs; }
    [[nodiscard]] sandbox::Sandbox& sandbox() noexcept { return *m_sandbox; }
    [[nodiscard]] const asio::any_io_executor& executor() const noexcept { return m_executor; }
    [[nodiscard]] const OutputSink& ownOutput() const noexcept { return m_ownOutput; }
    [[nodiscard]] std::uint64_t outputBytes() const noexcept { return m_outputBytes; }
    [[nodiscard]] std::chrono::seconds timeout() const;
    [[nodiscard]] SteadyTime deadlineOf(const RunRequest& request) const;

private:
    static Task<void> watchProcess(std::shared_ptr<InstanceBody> self);
    void takeOutput(std::string_view bytes);
    void remindSoon();
    void armTimer();
    void onTimer();

    asio::any_io_executor m_executor;
    std::shared_ptr<const catalog::FunctionSpec> m_spec;
    std::unique_ptr<sandbox::Sandbox> m_sandbox;
    UniqueFd m_output;
    OutputSink m_ownOutput;
    std::shared_ptr<OutputPipe> m_pipe;
    std::shared_ptr<ObjectDoor> m_door;
    asio::steady_timer m_timer;
    bool m_timerArmed = false;
    asio::steady_timer m_reminder;
    bool m_reminderArmed = false;
    bool m_alive = true;
    std::vector<Run*> m_runs;
    std::function<void()> m_onDeath;
    std::string m_reason;
    bool m_aborted = false;
    std::uint32_t m_lastRun = 0;
    std::uint64_t m_outputBytes = 0;
    sandbox::Usage m_usage;
    std::int64_t m_oomSeen = 0;
    bool m_oomRose = false;
};

// How many seconds a hook may take: its own timeout, or 3 (reference 1.3).
[[nodiscard]] std::chrono::seconds hookTimeout(const api::LifecycleHook& hook);

}  // namespace hanshu::runtime
