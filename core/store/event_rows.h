// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The statements of the event queue on one connection: what a transaction of it does, without threads or waiting. The
// writer's connection for everything that changes, a reader's for the rest.
#pragma once

#include "store/connection.h"
#include "store/event_queue.h"

#include <span>
#include <string>
#include <vector>

namespace hanshu::store::event_rows {

enum State : int { Enqueued = 0, Running = 1, Retrying = 2, Succeeded = 3, DeadLetter = 4 };

// The number under which a function's events are kept; nothing when it never had one.
[[nodiscard]] Result<std::optional<std::int64_t>> findFunction(Connection& connection, const std::string& account,
                                                               const std::string& name);
[[nodiscard]] Result<std::int64_t> findOrAddFunction(Connection& connection, const std::string& account,
                                                     const std::string& name);

// AlreadyExists, with nothing changed, where the event's or the task's id is taken; after any other failure the
// transaction must be rolled back. `payload` is a number that no payload has yet.
[[nodiscard]] Result<void> insert(Connection& connection, const Event& event, std::int64_t function,
                                  std::int64_t payload);

[[nodiscard]] Result<std::vector<Lease>> claim(Connection& connection, const std::string& account,
                                               const std::string& functionName, int limit, SystemTime now,
                                               SystemTime until);

// What a settlement took out of the hot table.
struct Ended {
    std::int64_t function = 0;
    std::int64_t payload = 0;  // to be deleted; 0 where it is kept
    std::int64_t payloadBytes = 0;
};
struct Settled {
    bool held = false;           // false: the lease was lost and nothing has changed
    std::optional<Ended> ended;  // of a success or a dead letter
};
[[nodiscard]] Result<Settled> settle(Connection& connection, const Settlement& settlement);

// False where the lease was lost.
[[nodiscard]] Result<bool> renew(Connection& connection, const EventId& id, std::int64_t epoch, SystemTime until);
[[nodiscard]] Result<void> releaseAll(Connection& connection);

// Payloads whose event has ended or, after a crash, has no row.
[[nodiscard]] Result<void> deletePayloads(Connection& connection, std::span<const std::int64_t> payloads);
[[nodiscard]] Result<void> deleteOrphanedPayloads(Connection& connection);
// Forgets all but the newest `keep` succeeded events of the account that owns the function.
[[nodiscard]] Result<void> trimSucceeded(Connection& connection, std::int64_t function, std::int64_t keep);

// At `now`, which must be later than whatever they were leased at.
[[nodiscard]] Result<std::int64_t> redrive(Connection& connection, const DeadLetters& which, SystemTime now);
[[nodiscard]] Result<std::int64_t> remove(Connection& connection, const DeadLetters& which);

[[nodiscard]] Result<std::vector<Ready>> ready(Connection& connection, SystemTime now);
[[nodiscard]] Result<std::optional<SystemTime>> nextReady(Connection& connection, SystemTime now);
[[nodiscard]] Result<std::vector<EventView>> list(Connection& connection, const EventFilter& filter);
[[nodiscard]] Result<QueueStats> stats(Connection& connection);

}  // namespace hanshu::store::event_rows
