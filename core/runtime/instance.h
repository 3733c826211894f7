// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One instance of a function: an agent or a web server inside a sandbox, spoken to from outside. It lives on one io
// thread; everything from inside is an untrusted claim.
#pragma once

#include "access/keyring.h"
#include "base/async.h"
#include "base/http.h"
#include "base/ids.h"
#include "base/result.h"
#include "catalog/function_spec.h"
#include "sandbox/sandbox.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hanshu::runtime {

// The original request of an HTTP trigger, passed through to a custom runtime.
struct HttpHead {
    std::string method;
    std::string target;  // path and query
    std::vector<std::pair<std::string, std::string>> headers;
};

struct HttpReply {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
};

struct RunRequest {
    RequestId requestId;
    std::string payload;
    SteadyTime deadline;              // arrival at the instance plus the function's timeout
    access::Credentials credentials;  // empty access key: the function has no role
    int attempt = 0;
    std::optional<HttpHead> http;
};

// A line, or a piece of output, as the run writes it; on the instance's io thread. An empty piece says that the run has
// written no more for a moment: what is held back for company may go.
using OutputSink = std::function<void(std::string_view bytes)>;

// Makes the sink of what one instance writes while no run is inside, and in its preStop hook. Called and written to on
// the instance's io thread; dropped with the instance.
using InstanceOutput = std::function<OutputSink(const catalog::FunctionSpec& spec, const InstanceId& id)>;

struct RunResult {
    enum class Status {
        Succeeded,
        HandledError,   // X-Fc-Error-Type: HandledInvocationError
        FunctionError,  // UnhandledInvocationError: an exception
        Timeout,        // the instance is dead
        OutOfMemory,    // the kernel's oom_kill counter rose; the instance is dead
        Exited,         // the process ended in the middle; the instance is dead
    };
    Status status = Status::Succeeded;
    std::string payload;  // result, or the error body of the reference's 3.6
    std::optional<HttpReply> http;
    std::chrono::microseconds run{0};
    std::int64_t memoryPeakBytes = 0;
};

class Instance {
public:
    virtual ~Instance() = default;  // kills it

    [[nodiscard]] virtual const InstanceId& id() const noexcept = 0;
    [[nodiscard]] virtual const catalog::FunctionSpec& spec() const noexcept = 0;
    [[nodiscard]] virtual bool alive() const noexcept = 0;
    // Runs one request; at most `instanceConcurrency` at once. Output of the run goes to `output` before this returns.
    // Cancelling is killing: `kill` ends every run with Exited.
    [[nodiscard]] virtual Task<RunResult> run(RunRequest request, OutputSink output) = 0;
    virtual void kill() = 0;
    // Kills as well, and every run inside tells `why`, half a sentence.
    virtual void abort(std::string /*why*/) { kill(); }
    // Ends an idle instance in good order: its preStop hook within the hook's own time, then `kill`.
    [[nodiscard]] virtual Task<void> stop() {
        kill();
        co_return;
    }
    // Set once: called on the instance's io thread when it died while it was idle.
    virtual void onDeath(std::function<void()> listener) = 0;
};

// How long the parts of a cold start took.
struct StartTimes {
    bool fromStock = false;
    std::chrono::microseconds start{0};  // sandbox, assignment, mounts
    std::chrono::microseconds init{0};   // loading the code and the initializer
};

struct Started {
    std::unique_ptr<Instance> instance;  // null where it could not start; `failure` then is what the run reports
    RunResult failure;
    StartTimes times;
};

// Makes instances on the calling io thread, from a stock of started agents where the runtime has one.
class InstanceFactory {
public:
    virtual ~InstanceFactory() = default;
    // `request` gives request id and credentials of the run that causes the start; its output goes to `output`.
    // Errors are the platform's (ResourceThrottled, …); the function's own are in Started::failure.
    [[nodiscard]] virtual Task<Result<Started>> start(std::shared_ptr<const catalog::FunctionSpec> spec,
                                                      const RunRequest& request, OutputSink output) = 0;
    // Agents that wait for a function, in all threads.
    [[nodiscard]] virtual int stock() const noexcept = 0;
    // Ends the stock and lets no new instance start. Any thread.
    virtual void shutdown() {}
};

// The object endpoint inside every sandbox: called on an io thread for each connection that code inside makes.
// `caller` names whose sandbox it is; only credentials of that function are to be accepted on it.
// `place` is one of the kMaxObjectConnections that its sandbox has: to be held for as long as the connection lives.
using SandboxConnection =
    std::function<void(int fd, const std::string& account, const std::string& function, std::shared_ptr<void> place)>;

}  // namespace hanshu::runtime
