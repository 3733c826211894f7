// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The durable queue of events: the port, and its SQLite implementation. Any thread.
//
// An event is claimed under a lease with an epoch. Whoever settles it must name the epoch: a lease that ran out was
// given to somebody else with a higher one, and the late settlement is refused. A handler may therefore run twice.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hanshu::store {

class Connection;
class Database;

struct Event {
    EventId id;
    RequestId requestId;
    std::string account;
    std::string functionName;
    std::string qualifier;
    std::string source;     // async | oss | timer
    std::string sourceArn;  // the principal that causes it; empty for an async call, which was authorized at the door
    std::string triggerName;
    std::string taskId;  // X-Fc-Async-Task-Id; unique in its function where it is not empty
    std::string payload;
    SystemTime enqueued;
    int maxAttempts = 4;  // the first and three retries
};

struct Lease {
    Event event;
    int attempt = 0;  // 0 for the first
    std::int64_t epoch = 0;
};

struct Settlement {
    enum class Outcome { Succeeded, Retry, DeadLetter };
    EventId id;
    std::int64_t epoch = 0;
    Outcome outcome = Outcome::Succeeded;
    SystemTime nextAttempt;       // of a Retry
    bool countsAsAttempt = true;  // false where the platform, not the function, could not serve it
    std::string reason;           // of a Retry or DeadLetter
    SystemTime when;
};

// Events of one function that could be claimed now.
struct Ready {
    std::string account;
    std::string functionName;
    std::int64_t count = 0;
    SystemTime oldest;
};

struct EventView {
    Event event;        // without its payload, unless that was asked for
    std::string state;  // Enqueued | Running | Retrying | Succeeded | DeadLetter
    int attempts = 0;
    std::int64_t payloadBytes = 0;
    SystemTime nextAttempt;
    SystemTime ended;
    std::string reason;
};

struct EventFilter {
    std::string account{};
    std::string functionName{};  // empty: all
    std::string state{};         // empty: all
    std::string taskId{};        // empty: all
    std::string before{};        // event id; empty: from the newest. With `oldestFirst`: after which
    int limit = 20;
    std::string taskPrefix{};  // of the task id or, where there is none, of the request id
    std::string qualifier{};   // empty: all; LATEST: those without one, too
    SystemTime since{};        // enqueued then or later
    SystemTime until = SystemTime::max();
    bool oldestFirst = false;
    bool withPayload = false;  // where it is still kept
};

// Dead letters of an account: those with these ids, their own or their requests', or, without any, all of one function.
struct DeadLetters {
    std::string account{};
    std::vector<EventId> ids{};
    std::string functionName{};
};

struct QueueStats {
    std::int64_t backlog = 0;  // neither running nor ended
    std::int64_t running = 0;
    std::int64_t deadLetters = 0;
    std::optional<SystemTime> oldest;  // of the backlog
};

class EventQueue {
public:
    virtual ~EventQueue() = default;

    // Durable when it returns. AlreadyExists `AsyncTaskAlreadyExists` (parameter `task`) for a task id that is taken.
    [[nodiscard]] virtual Task<Result<void>> append(Event event) = 0;

    // Functions with events whose time has come, or whose lease ran out, oldest first.
    [[nodiscard]] virtual Task<Result<std::vector<Ready>>> ready(SystemTime now) = 0;
    // The earliest time at which anything becomes ready that is not now.
    [[nodiscard]] virtual Task<Result<std::optional<SystemTime>>> nextReady(SystemTime now) = 0;
    // At most `limit` events of one function, oldest first, leased until `until`.
    [[nodiscard]] virtual Task<Result<std::vector<Lease>>> claim(std::string account, std::string functionName,
                                                                 int limit, SystemTime now, SystemTime until) = 0;
    // Aborted `LeaseLost` when an epoch is not the present one; the others of the batch are settled all the same.
    [[nodiscard]] virtual Task<Result<void>> settle(std::vector<Settlement> settlements) = 0;
    // Extends leases of runs that take longer.
    [[nodiscard]] virtual Task<Result<void>> renew(std::vector<std::pair<EventId, std::int64_t>> leases,
                                                   SystemTime until) = 0;
    // Gives back every lease of this node: at start, nothing that was leased before is running any more. Blocks.
    [[nodiscard]] virtual Result<void> releaseAll() = 0;

    [[nodiscard]] virtual Task<Result<std::vector<EventView>>> list(EventFilter filter) = 0;
    [[nodiscard]] virtual Task<Result<QueueStats>> stats() = 0;

    // Puts dead letters back into the queue as if they came `now`, with all their attempts; how many. NotFound
    // `DeadLetterNotFound` (parameter `event`) with nothing changed for an id that is none.
    [[nodiscard]] virtual Task<Result<std::int64_t>> redrive(DeadLetters which, SystemTime now) = 0;
    // Forgets dead letters, their payloads and their task ids; how many. NotFound as above.
    [[nodiscard]] virtual Task<Result<std::int64_t>> remove(DeadLetters which) = 0;

    // Called on the writer thread after every commit that appended events, from whatever room. Set once, before use.
    virtual void onAppended(std::function<void()> listener) = 0;
    // For a transaction of another repository that also causes events (an object that was put): inserts them there.
    // The caller calls `appended` after its commit.
    [[nodiscard]] virtual Result<void> appendWithin(Connection& connection, std::span<const Event> events) = 0;
    virtual void appended() = 0;

    // The most appends that one commit made durable since this was last asked: how hard callers press.
    [[nodiscard]] virtual int takeBurst() noexcept = 0;
};

[[nodiscard]] std::unique_ptr<EventQueue> makeSqliteEventQueue(Database& database);

}  // namespace hanshu::store
