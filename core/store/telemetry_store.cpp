// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/telemetry_store.h"

#include "store/connection.h"
#include "store/database.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>

namespace hanshu::store {
namespace {

// What is kept, by number, so that the database has a bound: at about 300 bytes a run and 150 a line, under 500 MB.
constexpr std::int64_t kKeptRuns = 500'000;
constexpr std::int64_t kKeptLines = 2'000'000;
constexpr int kMaxLimit = 10'000;

std::int64_t microseconds(double unixMilliseconds) {
    return std::llround(unixMilliseconds * 1000.0);
}

Result<void> insertRuns(Connection& connection, const std::vector<TelemetryBatch::Run>& runs) {
    for (const auto& run : runs) {
        const auto& invocation = run.invocation;
        HANSHU_TRY(connection.execute(
            "INSERT INTO runs (sequence, account, function, request_id, status, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            {invocation.sequence(), run.account, invocation.function_name(), invocation.request_id(),
             invocation.status(), Blob{invocation.SerializeAsString()}}));
    }
    return {};
}

Result<void> insertLines(Connection& connection, const std::vector<TelemetryBatch::Line>& lines) {
    for (const auto& line : lines) {
        const auto& record = line.record;
        HANSHU_TRY(connection.execute(
            "INSERT INTO lines (sequence, account, function, request_id, time, qualifier, instance, level, message) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            {record.sequence(), line.account, record.function_name(), record.request_id(), microseconds(record.time()),
             record.qualifier(), record.instance_id(), record.level(), record.message()}));
    }
    return {};
}

// Takes away at most twice what came, so that no batch pays for all that is too much.
Result<void> trim(Connection& connection, const TelemetryBatch& batch) {
    if (!batch.runs.empty()) {
        HANSHU_TRY(
            connection.execute("DELETE FROM runs WHERE sequence IN (SELECT sequence FROM runs WHERE sequence<=?1 ORDER "
                               "BY sequence LIMIT ?2)",
                               {batch.runs.back().invocation.sequence() - kKeptRuns, 2 * batch.runs.size()}));
    }
    if (!batch.lines.empty()) {
        HANSHU_TRY(
            connection.execute("DELETE FROM lines WHERE sequence IN "
                               "(SELECT sequence FROM lines WHERE sequence<=?1 ORDER BY sequence LIMIT ?2)",
                               {batch.lines.back().record.sequence() - kKeptLines, 2 * batch.lines.size()}));
    }
    return {};
}

// The planner has no statistics to choose by: a request has few rows, a function's are found in order by its index, and
// everything else is found from the newest backwards.
std::string_view indexFor(std::string_view table, const std::string& function, const std::string& request) {
    const bool runs = table == "runs";
    if (!request.empty()) {
        return runs ? "INDEXED BY runs_request" : "INDEXED BY lines_request";
    }
    if (!function.empty()) {
        return runs ? "INDEXED BY runs_function" : "INDEXED BY lines_function";
    }
    return "NOT INDEXED";
}

std::string_view clauseUnlessEmpty(std::string_view clause, const std::string& value) {
    return value.empty() ? std::string_view{} : clause;
}

Result<std::vector<api::Invocation>> readRuns(Connection& connection, const InvocationFilter& filter) {
    const auto before = filter.beforeSequence > 0 ? filter.beforeSequence : std::numeric_limits<std::int64_t>::max();
    // The parameters stand among the columns too, because every one that is bound must be named.
    const auto sql = fmt::format(
        "SELECT bytes, ?2, ?3, ?4 FROM runs {} WHERE account=?1 AND sequence<?5{}{}{} ORDER BY sequence DESC LIMIT ?6",
        indexFor("runs", filter.functionName, filter.requestId),
        clauseUnlessEmpty(" AND function=?2", filter.functionName),
        clauseUnlessEmpty(" AND request_id=?3", filter.requestId), clauseUnlessEmpty(" AND status=?4", filter.status));
    auto rows = connection.query(
        sql, {filter.account, filter.functionName, filter.requestId, filter.status, before, filter.limit});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<api::Invocation> found;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return found;
        }
        const auto bytes = rows->bytes(0);
        if (!found.emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            return fail(Code::DataLoss, "StorageCorrupt", {}, "a stored run is not a message");
        }
    }
}

api::LogRecord lineOf(const Rows& rows) {
    api::LogRecord record;
    record.set_sequence(rows.integer(0));
    record.set_function_name(std::string(rows.text(1)));
    record.set_request_id(std::string(rows.text(2)));
    record.set_time(static_cast<double>(rows.integer(3)) / 1000.0);
    record.set_qualifier(std::string(rows.text(4)));
    record.set_instance_id(std::string(rows.text(5)));
    record.set_level(std::string(rows.text(6)));
    record.set_message(std::string(rows.text(7)));
    return record;
}

Result<std::vector<api::LogRecord>> readLines(Connection& connection, const LogFilter& filter) {
    const auto before = filter.beforeSequence > 0 ? filter.beforeSequence : std::numeric_limits<std::int64_t>::max();
    const auto sql = fmt::format(
        "SELECT sequence, function, request_id, time, qualifier, instance, level, message, ?2, ?3, ?4 FROM lines {} "
        "WHERE account=?1 AND sequence>?5 AND time>=?6 AND time<=?7 AND sequence<?9{}{}{} ORDER BY sequence DESC LIMIT "
        "?8",
        indexFor("lines", filter.functionName, filter.requestId),
        clauseUnlessEmpty(" AND function=?2", filter.functionName),
        clauseUnlessEmpty(" AND request_id=?3", filter.requestId),
        clauseUnlessEmpty(" AND instr(message, ?4)>0", filter.contains));
    auto rows = connection.query(sql, {filter.account, filter.functionName, filter.requestId, filter.contains,
                                       filter.afterSequence, filter.since, filter.until, filter.limit, before});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<api::LogRecord> found;
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            std::reverse(found.begin(), found.end());
            return found;
        }
        found.push_back(lineOf(*rows));
    }
}

Failure badLimit(int limit) {
    return fail(Code::InvalidArgument, "InvalidArgument", {{"field", "limit"}, {"value", std::to_string(limit)}});
}

class SqliteTelemetryStore final : public TelemetryStore {
public:
    explicit SqliteTelemetryStore(Database& database) : m_database(database) {}

    void append(TelemetryBatch batch, std::function<void(Result<void>)> done) override {
        auto shared = std::make_shared<const TelemetryBatch>(std::move(batch));
        m_database.submit(
            [shared](Connection& connection) -> Result<void> {
                HANSHU_TRY(insertRuns(connection, shared->runs));
                HANSHU_TRY(insertLines(connection, shared->lines));
                return trim(connection, *shared);
            },
            std::move(done));
    }

    [[nodiscard]] Task<Result<std::vector<api::Invocation>>> invocations(InvocationFilter filter) override {
        if (filter.limit < 1 || filter.limit > kMaxLimit) {
            co_return badLimit(filter.limit);
        }
        auto work = [filter = std::move(filter)](Connection& connection) { return readRuns(connection, filter); };
        co_return co_await m_database.read<std::vector<api::Invocation>>(std::move(work));
    }

    [[nodiscard]] Task<Result<std::vector<api::LogRecord>>> logs(LogFilter filter) override {
        if (filter.limit < 1 || filter.limit > kMaxLimit) {
            co_return badLimit(filter.limit);
        }
        auto work = [filter = std::move(filter)](Connection& connection) { return readLines(connection, filter); };
        co_return co_await m_database.read<std::vector<api::LogRecord>>(std::move(work));
    }

    [[nodiscard]] Result<std::pair<std::int64_t, std::int64_t>> lastSequences() override {
        using Pair = std::pair<std::int64_t, std::int64_t>;
        return m_database.readAndWait<Pair>([](Connection& connection) -> Result<Pair> {
            const auto runs = connection.queryInteger("SELECT max(sequence) FROM runs");
            if (!runs) {
                return fail(runs.error());
            }
            const auto lines = connection.queryInteger("SELECT max(sequence) FROM lines");
            if (!lines) {
                return fail(lines.error());
            }
            return Pair{runs->value_or(0), lines->value_or(0)};
        });
    }

private:
    Database& m_database;
};

}  // namespace

std::unique_ptr<TelemetryStore> makeSqliteTelemetryStore(Database& database) {
    return std::make_unique<SqliteTelemetryStore>(database);
}

}  // namespace hanshu::store
