// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The way of one request: resolve → authorize → admit → acquire → run → record. Any io thread.
#pragma once

#include "access/caller.h"
#include "base/async.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "invocation.pb.h"
#include "runtime/instance.h"

#include <memory>
#include <optional>
#include <string>

namespace hanshu::access {
class Keyring;
class Policy;
}  // namespace hanshu::access
namespace hanshu::catalog {
class Catalog;
}
namespace hanshu::scheduler {
class Scheduler;
}
namespace hanshu::telemetry {
class Recorder;
}

namespace hanshu::invoke {

class Limits;

struct Call {
    access::Caller caller;
    std::string account;  // whose function it is
    std::string functionName;
    std::string qualifier;  // empty: LATEST
    std::string payload;
    RequestId requestId;
    std::string source = "api";  // api | http | timer | oss | async
    std::string sourceArn;
    std::string triggerName;
    bool authorized = false;  // at the door: an async call, an anonymous HTTP trigger
    bool wantTail = false;
    int attempt = 0;
    std::optional<SystemTime> enqueued;  // of an event
    std::optional<runtime::HttpHead> http;
};

// A run that happened, whatever its end. Refusals (FunctionNotFound, AccessDenied, ResourceExhausted, …) are errors.
struct Outcome {
    std::string payload;
    std::string errorType;  // empty | HandledInvocationError | UnhandledInvocationError
    std::optional<runtime::HttpReply> http;
    std::string logTail;  // at most the last 4 KB, where it was asked for
    std::string codeChecksum;
    api::Invocation invocation;
};

class Pipeline {
public:
    virtual ~Pipeline() = default;
    // Refusals are recorded too.
    [[nodiscard]] virtual Task<Result<Outcome>> run(Call call) = 0;
    // Resolve and authorize alone: what an async call must pass before it is accepted. Unavailable `ServiceDraining`
    // once a drain has begun.
    [[nodiscard]] virtual Result<void> mayInvoke(const Call& call) = 0;
    // No new runs; resumes when the last has ended or the time is over. A run whose process ends after that was cut by
    // the platform: its end is a refusal, Unavailable `ServiceStopped`.
    [[nodiscard]] virtual Task<void> drain(std::chrono::milliseconds timeout) = 0;
};

struct PipelineRooms {
    catalog::Catalog& catalog;
    const access::Policy& policy;
    const access::Keyring& keyring;
    const Limits& limits;
    scheduler::Scheduler& scheduler;
    telemetry::Recorder& recorder;
    const Clock& clock;
};

[[nodiscard]] std::unique_ptr<Pipeline> makePipeline(const PipelineRooms& rooms);

}  // namespace hanshu::invoke
