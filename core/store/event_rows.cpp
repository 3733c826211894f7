// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/event_rows.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace hanshu::store::event_rows {
namespace {

// Sorts after every event id.
constexpr std::string_view kAfterEveryId = "\xff";

}  // namespace

Result<std::optional<std::int64_t>> findFunction(Connection& connection, const std::string& account,
                                                 const std::string& name) {
    return connection.queryInteger("SELECT fn FROM event_functions WHERE account=?1 AND name=?2", {account, name});
}

Result<std::int64_t> findOrAddFunction(Connection& connection, const std::string& account, const std::string& name) {
    const auto found = findFunction(connection, account, name);
    if (!found) {
        return fail(found.error());
    }
    if (*found) {
        return **found;
    }
    HANSHU_TRY(connection.execute("INSERT INTO event_functions (account, name) VALUES (?1, ?2)", {account, name}));
    return connection.lastInsertId();
}

Result<void> insert(Connection& connection, const Event& event, std::int64_t function, std::int64_t payload) {
    if (!event.taskId.empty()) {
        auto taken = connection.execute("INSERT INTO event_tasks (fn, task, id) VALUES (?1, ?2, ?3)",
                                        {function, event.taskId, event.id.value});
        if (!taken && taken.error().code == Code::AlreadyExists) {
            return fail(Code::AlreadyExists, "AsyncTaskAlreadyExists", {{"task", event.taskId}});
        }
        HANSHU_TRY(std::move(taken));
    }
    auto inserted = connection.execute(
        "INSERT INTO events (id, fn, state, due, epoch, attempts, max_attempts, enqueued, payload, payload_bytes, "
        "request_id, qualifier, source, source_arn, trigger_name, task, reason) "
        "VALUES (?1, ?2, 0, ?3, 0, 0, ?4, ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '')",
        {event.id.value, function, event.enqueued, event.maxAttempts, payload, event.payload.size(),
         event.requestId.value, event.qualifier, event.source, event.sourceArn, event.triggerName, event.taskId});
    if (!inserted) {
        if (inserted.error().code != Code::AlreadyExists) {
            return fail(std::move(inserted.error()));
        }
        HANSHU_TRY(connection.execute("DELETE FROM event_tasks WHERE fn=?1 AND task=?2", {function, event.taskId}));
        return fail(Code::AlreadyExists, "EventAlreadyExists", {{"event", event.id.value}});
    }
    HANSHU_TRY(connection.execute("INSERT INTO event_payloads (payload, bytes) VALUES (?1, ?2)",
                                  {payload, Blob{event.payload}}));
    return {};
}

namespace {

struct Claimed {
    Lease lease;
    std::int64_t payload = 0;
};

// Read to the end before anything changes: the claim moves the very index entries that this walks.
Result<std::vector<Claimed>> due(Connection& connection, std::int64_t function, int limit, SystemTime now) {
    auto rows = connection.query(
        "SELECT id, attempts, epoch, payload, max_attempts, enqueued, request_id, qualifier, source, source_arn, "
        "trigger_name, task FROM events WHERE fn=?1 AND due<=?2 ORDER BY due LIMIT ?3",
        {function, now, limit});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<Claimed> found;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return found;
        }
        auto& claimed = found.emplace_back();
        claimed.lease.attempt = static_cast<int>(rows->integer(1));
        claimed.lease.epoch = rows->integer(2) + 1;
        claimed.payload = rows->integer(3);
        auto& event = claimed.lease.event;
        event.id.value = rows->text(0);
        event.maxAttempts = static_cast<int>(rows->integer(4));
        event.enqueued = rows->time(5);
        event.requestId.value = rows->text(6);
        event.qualifier = rows->text(7);
        event.source = rows->text(8);
        event.sourceArn = rows->text(9);
        event.triggerName = rows->text(10);
        event.taskId = rows->text(11);
    }
}

Result<std::string> readPayload(Connection& connection, std::int64_t payload) {
    auto rows = connection.query("SELECT bytes FROM event_payloads WHERE payload=?1", {payload});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    const auto found = rows->next();
    if (!found) {
        return fail(found.error());
    }
    if (!*found) {
        return fail(Code::DataLoss, "StorageCorrupt", {}, "an event without its payload");
    }
    return std::string(rows->bytes(0));
}

}  // namespace

Result<std::vector<Lease>> claim(Connection& connection, const std::string& account, const std::string& functionName,
                                 int limit, SystemTime now, SystemTime until) {
    const auto function = findFunction(connection, account, functionName);
    if (!function) {
        return fail(function.error());
    }
    if (!*function || limit < 1) {
        return std::vector<Lease>{};
    }
    auto found = due(connection, **function, limit, now);
    if (!found) {
        return fail(std::move(found.error()));
    }
    std::vector<Lease> leases;
    leases.reserve(found->size());
    for (auto& [lease, payload] : *found) {
        auto bytes = readPayload(connection, payload);
        if (!bytes) {
            return fail(std::move(bytes.error()));
        }
        lease.event.payload = std::move(*bytes);
        lease.event.account = account;
        lease.event.functionName = functionName;
        HANSHU_TRY(connection.execute("UPDATE events SET state=1, due=?2, epoch=?3 WHERE id=?1",
                                      {lease.event.id.value, until, lease.epoch}));
        leases.push_back(std::move(lease));
    }
    return leases;
}

namespace {

Result<Settled> settleForRetry(Connection& connection, const Settlement& settlement) {
    const auto changed = connection.execute(
        "UPDATE events SET state=2, due=?3, attempts=attempts+?4, reason=?5 WHERE id=?1 AND epoch=?2 AND state=1",
        {settlement.id.value, settlement.epoch, settlement.nextAttempt, settlement.countsAsAttempt ? 1 : 0,
         settlement.reason});
    if (!changed) {
        return fail(changed.error());
    }
    return Settled{.held = *changed > 0, .ended = {}};
}

}  // namespace

Result<Settled> settle(Connection& connection, const Settlement& settlement) {
    if (settlement.outcome == Settlement::Outcome::Retry) {
        return settleForRetry(connection, settlement);
    }
    const bool dead = settlement.outcome == Settlement::Outcome::DeadLetter;
    const auto moved = connection.execute(
        "INSERT INTO events_ended (account, state, id, fn, attempts, max_attempts, enqueued, ended, payload, "
        "payload_bytes, request_id, qualifier, source, source_arn, trigger_name, task, reason) "
        "SELECT f.account, ?3, e.id, e.fn, e.attempts+?4, e.max_attempts, e.enqueued, ?5, iif(?3=4, e.payload, NULL), "
        "e.payload_bytes, e.request_id, e.qualifier, e.source, e.source_arn, e.trigger_name, e.task, ?6 "
        "FROM events e CROSS JOIN event_functions f ON f.fn=e.fn WHERE e.id=?1 AND e.epoch=?2 AND e.state=1",
        {settlement.id.value, settlement.epoch, static_cast<int>(dead ? DeadLetter : Succeeded),
         settlement.countsAsAttempt ? 1 : 0, settlement.when, settlement.reason});
    if (!moved) {
        return fail(moved.error());
    }
    if (*moved == 0) {
        return Settled{};
    }
    auto rows =
        connection.query("DELETE FROM events WHERE id=?1 RETURNING fn, payload, payload_bytes", {settlement.id.value});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    const auto deleted = rows->next();
    if (!deleted) {
        return fail(deleted.error());
    }
    return Settled{.held = true, .ended = Ended{rows->integer(0), dead ? 0 : rows->integer(1), rows->integer(2)}};
}

Result<bool> renew(Connection& connection, const EventId& id, std::int64_t epoch, SystemTime until) {
    const auto changed =
        connection.execute("UPDATE events SET due=?3 WHERE id=?1 AND epoch=?2 AND state=1", {id.value, epoch, until});
    if (!changed) {
        return fail(changed.error());
    }
    return *changed > 0;
}

Result<void> releaseAll(Connection& connection) {
    HANSHU_TRY(connection.execute(
        "UPDATE events SET state=iif(attempts=0 AND reason='', 0, 2), due=enqueued, epoch=epoch+1 WHERE state=1"));
    return {};
}

Result<void> deletePayloads(Connection& connection, std::span<const std::int64_t> payloads) {
    for (const auto payload : payloads) {
        HANSHU_TRY(connection.execute("DELETE FROM event_payloads WHERE payload=?1", {payload}));
    }
    return {};
}

Result<void> deleteOrphanedPayloads(Connection& connection) {
    HANSHU_TRY(
        connection.execute("DELETE FROM event_payloads WHERE payload NOT IN (SELECT payload FROM events UNION ALL "
                           "SELECT payload FROM events_ended WHERE payload IS NOT NULL)"));
    return {};
}

Result<void> trimSucceeded(Connection& connection, std::int64_t function, std::int64_t keep) {
    const std::string_view beyond =
        " WHERE account=(SELECT account FROM event_functions WHERE fn=?1) AND state=3 AND id<="
        "(SELECT id FROM events_ended WHERE account=(SELECT account FROM event_functions WHERE fn=?1) AND state=3 "
        "ORDER BY id DESC LIMIT 1 OFFSET ?2)";
    HANSHU_TRY(connection.execute(
        fmt::format("DELETE FROM event_tasks WHERE (fn, task) IN (SELECT fn, task FROM events_ended{} AND task<>'')",
                    beyond),
        {function, keep}));
    HANSHU_TRY(connection.execute(fmt::format("DELETE FROM events_ended{}", beyond), {function, keep}));
    return {};
}

namespace {

// The functions that have events, found by skipping through the index instead of reading it.
constexpr std::string_view kHeads =
    "WITH RECURSIVE heads(fn) AS (SELECT min(fn) FROM events UNION ALL "
    "SELECT (SELECT min(fn) FROM events WHERE fn>heads.fn) FROM heads WHERE heads.fn IS NOT NULL) ";

// Counting stops here, so that a long backlog costs as little as a short one. More than a dispatcher claims at once.
constexpr int kCountedReady = 100;

}  // namespace

Result<std::vector<Ready>> ready(Connection& connection, SystemTime now) {
    auto rows = connection.query(
        fmt::format("{}SELECT f.account, f.name, (SELECT min(due) FROM events WHERE fn=h.fn) AS oldest, "
                    "(SELECT count(*) FROM (SELECT 1 FROM events WHERE fn=h.fn AND due<=?1 LIMIT ?2)) "
                    "FROM heads h CROSS JOIN event_functions f ON f.fn=h.fn "
                    "WHERE h.fn IS NOT NULL AND oldest<=?1 ORDER BY oldest",
                    kHeads),
        {now, kCountedReady});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<Ready> found;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return found;
        }
        found.push_back({std::string(rows->text(0)), std::string(rows->text(1)), rows->integer(3), rows->time(2)});
    }
}

Result<std::optional<SystemTime>> nextReady(Connection& connection, SystemTime now) {
    const auto next = connection.queryInteger(
        fmt::format("{}SELECT min((SELECT min(due) FROM events WHERE fn=h.fn AND due>?1)) FROM heads h "
                    "WHERE h.fn IS NOT NULL",
                    kHeads),
        {now});
    if (!next) {
        return fail(next.error());
    }
    if (!*next) {
        return std::optional<SystemTime>{};
    }
    return std::optional<SystemTime>{SystemTime{std::chrono::microseconds{**next}}};
}

namespace {

constexpr std::array<std::string_view, 5> kStateNames{"Enqueued", "Running", "Retrying", "Succeeded", "DeadLetter"};

Result<void> collect(Result<Rows> rows, const std::string& account, std::vector<EventView>& into) {
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return {};
        }
        auto& view = into.emplace_back();
        view.event.account = account;
        view.event.id.value = rows->text(0);
        view.event.functionName = rows->text(1);
        view.state = kStateNames.at(static_cast<std::size_t>(rows->integer(2)));
        view.nextAttempt = rows->time(3);
        view.ended = rows->time(4);
        view.attempts = static_cast<int>(rows->integer(5));
        view.event.maxAttempts = static_cast<int>(rows->integer(6));
        view.event.enqueued = rows->time(7);
        view.payloadBytes = rows->integer(8);
        view.event.requestId.value = rows->text(9);
        view.event.qualifier = rows->text(10);
        view.event.source = rows->text(11);
        view.event.sourceArn = rows->text(12);
        view.event.triggerName = rows->text(13);
        view.event.taskId = rows->text(14);
        view.reason = rows->text(15);
        view.event.payload = rows->bytes(16);
    }
}

constexpr std::string_view kViewColumns =
    "e.attempts, e.max_attempts, e.enqueued, e.payload_bytes, e.request_id, e.qualifier, e.source, e.source_arn, "
    "e.trigger_name, e.task, e.reason, "
    "iif(?12, (SELECT p.bytes FROM event_payloads p WHERE p.payload=e.payload), NULL) ";

// ?1 account, ?2 function, ?3 task, ?4 id from which, ?5 limit, ?6 state or -1, ?7 prefix of the task, ?8 its length,
// ?9 qualifier, ?10 since, ?11 until, ?12 whether payloads are wanted
std::string restrictions(const EventFilter& filter) {
    std::string sql;
    if (!filter.functionName.empty()) {
        sql += " AND e.fn=(SELECT fn FROM event_functions WHERE account=?1 AND name=?2)";
    }
    if (!filter.taskId.empty()) {
        sql +=
            " AND e.id IN (SELECT t.id FROM event_functions o CROSS JOIN event_tasks t ON t.fn=o.fn AND t.task=?3 "
            "WHERE o.account=?1)";
    }
    if (!filter.taskPrefix.empty()) {
        sql += " AND substr(iif(e.task='', e.request_id, e.task), 1, ?8)=?7";
    }
    if (!filter.qualifier.empty()) {
        sql += " AND e.qualifier IN (?9, iif(?9='LATEST', '', ?9))";
    }
    sql += " AND e.enqueued BETWEEN ?10 AND ?11";
    return sql +
           (filter.oldestFirst ? " AND e.id>?4 ORDER BY e.id LIMIT ?5" : " AND e.id<?4 ORDER BY e.id DESC LIMIT ?5");
}

Result<Rows> views(Connection& connection, const std::string& sql, const EventFilter& filter, int state) {
    const std::string_view first = filter.oldestFirst ? std::string_view() : kAfterEveryId;
    const std::string_view from = filter.before.empty() ? first : std::string_view(filter.before);
    return connection.query(
        sql, {filter.account, filter.functionName, filter.taskId, from, filter.limit, state, filter.taskPrefix,
              filter.taskPrefix.size(), filter.qualifier, filter.since, filter.until, filter.withPayload ? 1 : 0});
}

Result<void> listHot(Connection& connection, const EventFilter& filter, int state, std::vector<EventView>& into) {
    // `+e.fn` keeps the index on due out of it, which has the wrong order.
    const auto sql = fmt::format(
        "SELECT e.id, f.name, e.state, e.due, 0, {}FROM events e CROSS JOIN event_functions f ON f.fn=+e.fn "
        "WHERE f.account=?1 AND (?6<0 OR e.state=?6){}",
        kViewColumns, restrictions(filter));
    return collect(views(connection, sql, filter, state), filter.account, into);
}

Result<void> listEnded(Connection& connection, const EventFilter& filter, int state, std::vector<EventView>& into) {
    const auto sql = fmt::format(
        "SELECT e.id, f.name, e.state, 0, e.ended, {}FROM events_ended e CROSS JOIN event_functions f ON f.fn=e.fn "
        "WHERE e.account=?1 AND e.state=?6{}",
        kViewColumns, restrictions(filter));
    return collect(views(connection, sql, filter, state), filter.account, into);
}

}  // namespace

Result<std::vector<EventView>> list(Connection& connection, const EventFilter& filter) {
    const auto named = std::find(kStateNames.begin(), kStateNames.end(), filter.state);
    if (!filter.state.empty() && named == kStateNames.end()) {
        return fail(Code::InvalidArgument, "InvalidArgument", {{"field", "state"}, {"value", filter.state}});
    }
    const int state = filter.state.empty() ? -1 : static_cast<int>(named - kStateNames.begin());
    std::vector<EventView> found;
    if (state < Succeeded) {
        HANSHU_TRY(listHot(connection, filter, state, found));
    }
    for (const int ended : {Succeeded, DeadLetter}) {
        if (state < 0 || state == ended) {
            HANSHU_TRY(listEnded(connection, filter, ended, found));
        }
    }
    std::sort(found.begin(), found.end(), [&filter](const EventView& a, const EventView& b) {
        return filter.oldestFirst ? a.event.id < b.event.id : a.event.id > b.event.id;
    });
    found.resize(std::min(found.size(), static_cast<std::size_t>(filter.limit)));
    return found;
}

Result<QueueStats> stats(Connection& connection) {
    QueueStats stats;
    {
        auto rows = connection.query("SELECT count(*), ifnull(sum(state=1), 0) FROM events INDEXED BY events_due");
        if (!rows) {
            return fail(std::move(rows.error()));
        }
        HANSHU_TRY(rows->next());
        stats.running = rows->integer(1);
        stats.backlog = rows->integer(0) - stats.running;
    }
    const auto dead = connection.queryInteger(
        "SELECT sum((SELECT count(*) FROM events_ended WHERE account=a.account AND state=4)) "
        "FROM (SELECT DISTINCT account FROM event_functions) a");
    if (!dead) {
        return fail(dead.error());
    }
    stats.deadLetters = dead->value_or(0);
    const auto oldest =
        connection.queryInteger("SELECT enqueued FROM events NOT INDEXED WHERE state<>1 ORDER BY id LIMIT 1");
    if (!oldest) {
        return fail(oldest.error());
    }
    if (*oldest) {
        stats.oldest = SystemTime{std::chrono::microseconds{**oldest}};
    }
    return stats;
}

}  // namespace hanshu::store::event_rows
