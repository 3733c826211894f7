// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/telemetry_store.h"

#include "query/lists.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/run_record.h"

#include <fmt/format.h>
#include <limits>
#include <list>

namespace hanshu::store {
namespace {

namespace field = query::run_field;

// What is kept, by number, so that the database has a bound: at about 500 bytes a run, under 250 MB.
constexpr std::int64_t kKeptRuns = 500'000;
constexpr int kMaxLimit = 10'000;

// The columns that a filter may ask for; their order is that of the statement that inserts a run.
struct Column {
    query::FieldId field;
    const char* name;
    bool isChoice = false;  // stored by name
};
constexpr std::array kColumns{Column{field::kTime, "time"},           Column{field::kStatus, "status", true},
                              Column{field::kFunction, "function"},   Column{field::kQualifier, "qualifier"},
                              Column{field::kVersion, "version"},     Column{field::kInstance, "instance"},
                              Column{field::kRequest, "request_id"},  Column{field::kType, "type", true},
                              Column{field::kSource, "source", true}, Column{field::kTrigger, "trigger"},
                              Column{field::kCold, "cold"},           Column{field::kDuration, "duration"},
                              Column{field::kQueue, "queue"},         Column{field::kStart, "start"},
                              Column{field::kMemory, "memory"},       Column{field::kBilled, "billed"},
                              Column{field::kAttempt, "attempt"},     Column{field::kError, "error"},
                              Column{field::kMessage, "message"}};

std::string insertStatement() {
    std::string names = "sequence, account, bytes";
    std::string marks = "?1, ?2, ?3";
    int number = 3;
    for (const auto& column : kColumns) {
        names += fmt::format(", {}", column.name);
        marks += fmt::format(", ?{}", ++number);
    }
    return fmt::format("INSERT INTO runs ({}) VALUES ({})", names, marks);
}

Value storedValue(const RunRecord& record, const Column& column) {
    const auto value = record.value(column.field);
    if (value.kind() == query::Value::Kind::Absent) {
        return nullptr;
    }
    if (column.isChoice) {
        return query::runSchema().field(column.field).choices[static_cast<std::size_t>(value.integer())].name;
    }
    switch (value.kind()) {
        case query::Value::Kind::Text:
            return value.text();
        case query::Value::Kind::Real:
            return value.real();
        case query::Value::Kind::Integer:
        case query::Value::Kind::Absent:
            break;
    }
    return value.integer();
}

Result<void> insertRuns(Connection& connection, const std::vector<TelemetryBatch::Run>& runs) {
    static const std::string kInsert = insertStatement();
    for (const auto& run : runs) {
        const auto bytes = run.invocation.SerializeAsString();
        const RunRecord record(run.invocation);
        std::vector<Value> values{run.invocation.sequence(), run.account, Blob{bytes}};
        for (const auto& column : kColumns) {
            values.push_back(storedValue(record, column));
        }
        HANSHU_TRY(connection.execute(kInsert, std::span<const Value>(values)));
    }
    return {};
}

// Takes away at most twice what came, so that no batch pays for all that is too much.
Result<void> trim(Connection& connection, const TelemetryBatch& batch) {
    if (batch.runs.empty()) {
        return {};
    }
    HANSHU_TRY(
        connection.execute("DELETE FROM runs WHERE sequence IN (SELECT sequence FROM runs WHERE sequence<=?1 "
                           "ORDER BY sequence LIMIT ?2)",
                           {batch.runs.back().invocation.sequence() - kKeptRuns, 2 * batch.runs.size()}));
    return {};
}

const query::SqlMapping& mapping() {
    static const auto kMapping = [] {
        query::SqlMapping made;
        for (const auto& column : kColumns) {
            made.columns[column.field] = {.expression = column.name, .choicesByName = column.isChoice};
        }
        made.columns[field::kFailed] = {.expression = "status<>'Succeeded'"};
        return made;
    }();
    return kMapping;
}

// A statement and its values, which it owns.
class Selection {
public:
    explicit Selection(const InvocationFilter& filter) : m_sql(filter.query.sql(mapping())) {
        for (const auto& parameter : m_sql.parameters) {
            std::visit([this](const auto& value) { m_values.emplace_back(value); }, parameter);
        }
        add("account=", filter.account);
        add("function=", filter.functionName);
        add("request_id=", filter.requestId);
        add("status=", filter.status);
        add("sequence<", filter.beforeSequence > 0 ? filter.beforeSequence : std::numeric_limits<std::int64_t>::max());
        const auto index = indexFor(filter);
        m_text = fmt::format("SELECT bytes FROM runs {} WHERE {}{} ORDER BY sequence DESC", index, m_sql.where,
                             m_conditions);
    }
    Selection(const Selection&) = delete;
    Selection& operator=(const Selection&) = delete;

    [[nodiscard]] const std::string& text() const noexcept { return m_text; }
    [[nodiscard]] std::span<const Value> values() const noexcept { return m_values; }
    // The rows are those of the filter; otherwise the query itself must look at them.
    [[nodiscard]] bool isExact() const noexcept { return m_sql.exact; }

private:
    void add(std::string_view condition, const std::string& value) {
        if (!value.empty()) {
            m_values.emplace_back(value);
            m_conditions += fmt::format(" AND {}?{}", condition, m_values.size());
        }
    }
    void add(std::string_view condition, std::int64_t value) {
        m_values.emplace_back(value);
        m_conditions += fmt::format(" AND {}?{}", condition, m_values.size());
    }

    // The planner has no statistics to choose by: a request has few rows, a function's are found in order by its index,
    // and everything else is found from the newest backwards. The one value that a query needs becomes a condition of
    // its own, because an index that is named must be usable.
    std::string_view indexFor(const InvocationFilter& filter) {
        const auto has = [&](const std::string& given, query::FieldId id, std::string_view condition) {
            if (!given.empty()) {
                return true;
            }
            const auto only = filter.query.onlyValues(id);
            if (!only || only->size() != 1) {
                return false;
            }
            m_only.push_back(only->front());
            m_values.emplace_back(m_only.back());
            m_conditions += fmt::format(" AND {}?{}", condition, m_values.size());
            return true;
        };
        if (has(filter.requestId, field::kRequest, "request_id=")) {
            return "INDEXED BY runs_request";
        }
        return has(filter.functionName, field::kFunction, "function=") ? "INDEXED BY runs_function" : "NOT INDEXED";
    }

    query::SqlFilter m_sql;
    std::list<std::string> m_only;
    std::vector<Value> m_values;
    std::string m_conditions;
    std::string m_text;
};

Result<std::vector<api::Invocation>> readRuns(Connection& connection, const InvocationFilter& filter) {
    const Selection selection(filter);
    auto rows = connection.queryOnce(selection.text(), selection.values());
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<api::Invocation> found;
    while (std::cmp_less(found.size(), filter.limit)) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            break;
        }
        const auto bytes = rows->bytes(0);
        api::Invocation run;
        if (!run.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            return fail(Code::DataLoss, "StorageCorrupt", {}, "a stored run is not a message");
        }
        if (selection.isExact() || filter.query.matches(RunRecord(run))) {
            found.push_back(std::move(run));
        }
    }
    return found;
}

class SqliteTelemetryStore final : public TelemetryStore {
public:
    explicit SqliteTelemetryStore(Database& database) : m_database(database) {}

    void append(TelemetryBatch batch, std::function<void(Result<void>)> done) override {
        auto shared = std::make_shared<const TelemetryBatch>(std::move(batch));
        m_database.submit(
            [shared](Connection& connection) -> Result<void> {
                HANSHU_TRY(insertRuns(connection, shared->runs));
                return trim(connection, *shared);
            },
            std::move(done));
    }

    [[nodiscard]] Task<Result<std::vector<api::Invocation>>> invocations(InvocationFilter filter) override {
        if (filter.limit < 1 || filter.limit > kMaxLimit) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"field", "limit"}, {"value", std::to_string(filter.limit)}});
        }
        auto work = [filter = std::move(filter)](Connection& connection) { return readRuns(connection, filter); };
        co_return co_await m_database.read<std::vector<api::Invocation>>(std::move(work));
    }

    [[nodiscard]] Result<std::int64_t> lastSequence() override {
        return m_database.readAndWait<std::int64_t>([](Connection& connection) -> Result<std::int64_t> {
            const auto last = connection.queryInteger("SELECT max(sequence) FROM runs");
            if (!last) {
                return fail(last.error());
            }
            return last->value_or(0);
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
