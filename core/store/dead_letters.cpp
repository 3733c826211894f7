// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What can be done with dead letters: another try, or the end.

#include "store/event_rows.h"

namespace hanshu::store::event_rows {
namespace {

// The condition that names one dead letter (?2), or all of a function (?3), of the account ?1.
constexpr const char* kOne = "account=?1 AND state=4 AND id=?2 AND ?3=''";
// Those of the request ?2: a look at every dead letter of the account, which are few.
constexpr const char* kOfRequest = "account=?1 AND state=4 AND request_id=?2 AND ?3=''";
constexpr const char* kAllOfFunction =
    "account=?1 AND state=4 AND ?2='' AND fn=(SELECT fn FROM event_functions WHERE account=?1 AND name=?3)";

// Runs `change` for each that is named; it gets a condition with its parameters and returns how many it changed.
template <class Change>
Result<std::int64_t> forEach(const DeadLetters& which, Change change) {
    if (which.ids.empty()) {
        return change(kAllOfFunction, std::string(), which.functionName);
    }
    std::int64_t count = 0;
    for (const auto& id : which.ids) {
        Result<std::int64_t> changed = change(kOne, id.value, std::string());
        if (changed && *changed == 0) {
            changed = change(kOfRequest, id.value, std::string());
        }
        HANSHU_TRY(changed);
        if (*changed == 0) {
            return fail(Code::NotFound, "DeadLetterNotFound", {{"event", id.value}});
        }
        count += *changed;
    }
    return count;
}

}  // namespace

Result<std::int64_t> redrive(Connection& connection, const DeadLetters& which, SystemTime now) {
    // The time as the epoch: higher than any that a run of its first life may still hold.
    return forEach(which, [&](const char* condition, const std::string& id, const std::string& function) {
        auto moved = connection.execute(
            fmt::format(
                "INSERT INTO events (id, fn, state, due, epoch, attempts, max_attempts, enqueued, payload, "
                "payload_bytes, request_id, qualifier, source, source_arn, trigger_name, task, reason) "
                "SELECT id, fn, 0, ?4, ?4, 0, max_attempts, ?4, payload, payload_bytes, request_id, qualifier, source, "
                "source_arn, trigger_name, task, '' FROM events_ended WHERE {}",
                condition),
            {which.account, id, function, now});
        if (!moved) {
            return moved;
        }
        return connection.execute(fmt::format("DELETE FROM events_ended WHERE {}", condition),
                                  {which.account, id, function});
    });
}

Result<std::int64_t> remove(Connection& connection, const DeadLetters& which) {
    return forEach(which, [&](const char* condition, const std::string& id, const std::string& function) {
        auto payloads = connection.execute(
            fmt::format("DELETE FROM event_payloads WHERE payload IN (SELECT payload FROM events_ended WHERE {})",
                        condition),
            {which.account, id, function});
        if (!payloads) {
            return payloads;
        }
        auto tasks = connection.execute(
            fmt::format("DELETE FROM event_tasks WHERE (fn, task) IN (SELECT fn, task FROM events_ended WHERE {})",
                        condition),
            {which.account, id, function});
        if (!tasks) {
            return tasks;
        }
        return connection.execute(fmt::format("DELETE FROM events_ended WHERE {}", condition),
                                  {which.account, id, function});
    });
}

}  // namespace hanshu::store::event_rows
