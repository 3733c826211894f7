// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <cerrno>

namespace hanshu::store {
namespace {

int bindOne(sqlite3_stmt* statement, int index, const Value& value, bool copy) {
    // SQLite takes a null pointer for NULL, so an empty view needs an address.
    const char* bytes = value.text().data() == nullptr ? "" : value.text().data();
    const auto destructor = copy ? SQLITE_TRANSIENT : SQLITE_STATIC;
    switch (value.kind()) {
        case Value::Kind::Null:
            return sqlite3_bind_null(statement, index);
        case Value::Kind::Integer:
            return sqlite3_bind_int64(statement, index, value.integer());
        case Value::Kind::Real:
            return sqlite3_bind_double(statement, index, value.real());
        case Value::Kind::Text:
            return sqlite3_bind_text64(statement, index, bytes, value.text().size(), destructor, SQLITE_UTF8);
        case Value::Kind::Bytes:
            return sqlite3_bind_blob64(statement, index, bytes, value.text().size(), destructor);
    }
    return SQLITE_MISUSE;
}

}  // namespace

Failure sqliteFailure(sqlite3* handle, int code, std::string_view what) {
    const auto detail =
        fmt::format("{}: {} ({})", what, handle == nullptr ? "no handle" : sqlite3_errmsg(handle), code);
    const int errnoValue = handle == nullptr ? 0 : sqlite3_system_errno(handle);
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID) {
        return fail(Code::AlreadyExists, "ConstraintViolated", {}, detail);
    }
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
            return fail(Code::FailedPrecondition, "ConstraintViolated", {}, detail);
        case SQLITE_FULL:
            return fail(Code::ResourceExhausted, "StorageFull", {}, detail);
        case SQLITE_IOERR:
            // The wal-index and journals report a full disk as a failed call.
            if (errnoValue == ENOSPC || errnoValue == EDQUOT) {
                return fail(Code::ResourceExhausted, "StorageFull", {}, detail);
            }
            return internalError(detail);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(Code::DataLoss, "StorageCorrupt", {}, detail);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Code::Unavailable, "StorageBusy", {}, detail);
        case SQLITE_TOOBIG:
            return fail(Code::InvalidArgument, "ValueTooLarge", {}, detail);
        default:
            return internalError(detail);
    }
}

Rows::Rows(Rows&& other) noexcept
    : m_statement(std::exchange(other.m_statement, nullptr)), m_owned(other.m_owned), m_busy(other.m_busy) {}

Rows::~Rows() {
    if (m_statement == nullptr) {
        return;
    }
    if (m_owned) {
        sqlite3_finalize(m_statement);
        return;
    }
    sqlite3_reset(m_statement);
    sqlite3_clear_bindings(m_statement);
    *m_busy = false;
}

Result<bool> Rows::next() {
    const int code = sqlite3_step(m_statement);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code == SQLITE_DONE) {
        return false;
    }
    return sqliteFailure(sqlite3_db_handle(m_statement), code, sqlite3_sql(m_statement));
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(m_statement, column);
}

double Rows::real(int column) const {
    return sqlite3_column_double(m_statement, column);
}

std::string_view Rows::text(int column) const {
    const auto* text = sqlite3_column_text(m_statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    return text == nullptr ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(text), size};
}

std::string_view Rows::bytes(int column) const {
    const auto* bytes = sqlite3_column_blob(m_statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    return bytes == nullptr ? std::string_view{} : std::string_view{static_cast<const char*>(bytes), size};
}

bool Rows::isNull(int column) const {
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

SystemTime Rows::time(int column) const {
    return SystemTime{std::chrono::microseconds{integer(column)}};
}

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
    const int flags = (options.readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    sqlite3* handle = nullptr;
    const int code =
        sqlite3_open_v2(options.path.c_str(), &handle, flags, options.vfs.empty() ? nullptr : options.vfs.c_str());
    std::unique_ptr<Connection> connection(new Connection(handle));
    if (code != SQLITE_OK) {
        return sqliteFailure(handle, code, "open " + options.path);
    }
    return connection;
}

Connection::~Connection() {
    for (auto& [sql, cached] : m_statements) {
        sqlite3_finalize(cached->statement);
    }
    sqlite3_close_v2(m_handle);
}

Result<Rows> Connection::prepare(std::string_view sql) {
    auto found = m_statements.find(sql);
    if (found != m_statements.end() && !found->second->busy) {
        found->second->busy = true;
        return Rows(found->second->statement, false, &found->second->busy);
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
    if (code != SQLITE_OK || statement == nullptr) {
        return sqliteFailure(m_handle, code, sql);
    }
    if (found != m_statements.end()) {
        // The cached one is in the middle of its rows.
        return Rows(statement, true, nullptr);
    }
    auto cached = std::make_unique<Cached>(Cached{std::string(sql), statement, true});
    auto& entry = *cached;
    m_statements.emplace(entry.sql, std::move(cached));
    return Rows(statement, false, &entry.busy);
}

Result<Rows> Connection::bound(std::string_view sql, std::span<const Value> values, bool copy) {
    auto rows = prepare(sql);
    if (!rows) {
        return rows;
    }
    return bind(std::move(*rows), sql, values, copy);
}

Result<Rows> Connection::bind(Rows rows, std::string_view sql, std::span<const Value> values, bool copy) {
    int index = 0;
    for (const auto& value : values) {
        if (const int code = bindOne(rows.m_statement, ++index, value, copy); code != SQLITE_OK) {
            return sqliteFailure(m_handle, code, sql);
        }
    }
    return rows;
}

Result<Rows> Connection::queryOnce(std::string_view sql, std::span<const Value> values) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v2(m_handle, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK || statement == nullptr) {
        return sqliteFailure(m_handle, code, sql);
    }
    return bind(Rows(statement, true, nullptr), sql, values, true);
}

Result<std::int64_t> Connection::execute(std::string_view sql, std::initializer_list<Value> values) {
    return execute(sql, std::span(values.begin(), values.size()));
}

Result<std::int64_t> Connection::execute(std::string_view sql, std::span<const Value> values) {
    auto rows = bound(sql, values, false);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    while (true) {
        const auto more = rows->next();
        if (!more) {
            return fail(more.error());
        }
        if (!*more) {
            return sqlite3_changes64(m_handle);
        }
    }
}

Result<Rows> Connection::query(std::string_view sql, std::initializer_list<Value> values) {
    return bound(sql, std::span(values.begin(), values.size()), true);
}

Result<std::optional<std::int64_t>> Connection::queryInteger(std::string_view sql,
                                                             std::initializer_list<Value> values) {
    auto rows = bound(sql, std::span(values.begin(), values.size()), false);
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    const auto more = rows->next();
    if (!more) {
        return fail(more.error());
    }
    if (!*more || rows->isNull(0)) {
        return std::optional<std::int64_t>{};
    }
    return std::optional<std::int64_t>{rows->integer(0)};
}

Result<void> Connection::executeScript(std::string_view sql) {
    const std::string terminated(sql);
    if (const int code = sqlite3_exec(m_handle, terminated.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) {
        return sqliteFailure(m_handle, code, sql.substr(0, 200));
    }
    return {};
}

std::int64_t Connection::lastInsertId() const {
    return sqlite3_last_insert_rowid(m_handle);
}

bool Connection::outsideTransaction() const {
    return sqlite3_get_autocommit(m_handle) != 0;
}

}  // namespace hanshu::store
