// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which instance serves which request: warm instances per function, started on demand, reclaimed when idle. Any io
// thread. An instance is only ever touched on the io thread it lives on: a lease brings a run there and its result
// back, because a coroutine of Asio always resumes on the executor that it was started on.
#pragma once

#include "base/async.h"
#include "base/result.h"
#include "runtime/instance.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace hanshu {
class IoPool;
}

namespace hanshu::scheduler {

class Slot;

// The right to run one request on one instance; gives it back when it is destroyed. Any io thread.
class Lease {
public:
    Lease() = default;
    explicit Lease(std::shared_ptr<Slot> slot) noexcept;
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) noexcept;
    ~Lease();

    // Runs on the instance's io thread, and resumes on the caller's. `output` is called on the instance's.
    [[nodiscard]] Task<runtime::RunResult> run(runtime::RunRequest request, runtime::OutputSink output);
    [[nodiscard]] const InstanceId& instanceId() const noexcept;
    [[nodiscard]] bool cold() const noexcept;
    [[nodiscard]] const runtime::StartTimes& startTimes() const noexcept;
    explicit operator bool() const noexcept { return m_slot != nullptr; }

private:
    std::shared_ptr<Slot> m_slot;
};

// The answer to `acquire`: a lease, or the failure of a start that was the function's own fault.
struct Acquired {
    Lease lease;
    std::optional<runtime::RunResult> failure;
    runtime::StartTimes times;
    std::chrono::microseconds waited{0};
};

struct InstanceView {
    InstanceId id;
    std::string functionName;
    std::string state;  // idle | busy
    std::int64_t ageMs = 0;
};

class Scheduler {
public:
    virtual ~Scheduler() = default;
    // Waits for a warm instance or starts one; an idle one on the caller's own io thread is preferred. `output` gets
    // what a start writes.
    [[nodiscard]] virtual Task<Result<Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                         const runtime::RunRequest& request,
                                                         runtime::OutputSink output) = 0;
    // Instances of older revisions, or of a function that is gone, end when they are idle.
    virtual void retire(const std::string& account, const std::string& functionName, Revision keep) = 0;
    // Kills every instance of a function, with the runs in it; runs that wait for one end, and one that is starting
    // ends as soon as it has started. Any thread.
    virtual void abort(const std::string& account, const std::string& functionName) = 0;
    [[nodiscard]] virtual std::vector<InstanceView> instances() const = 0;
    // How many instances there are, idle ones included.
    [[nodiscard]] virtual int running() const noexcept = 0;
    // Ends every idle instance and lets no new one start.
    virtual void shutdown() = 0;
};

}  // namespace hanshu::scheduler
