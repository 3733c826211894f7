// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A connection to a SQLite database with its prepared statements. One thread at a time: Database hands it to closures.
//
// How SQLite's errors are told (reason): AlreadyExists `ConstraintViolated` for a taken key, FailedPrecondition
// `ConstraintViolated` for every other constraint, ResourceExhausted `StorageFull`, DataLoss `StorageCorrupt`,
// Unavailable `StorageBusy`; the rest are internal errors.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace hanshu::store {

// Bytes that are stored as a BLOB rather than as text.
struct Blob {
    std::string_view bytes;
};

// What is bound to a parameter. Refers to the caller's bytes; made where a call needs it, never kept.
class Value {
public:
    enum class Kind { Null, Integer, Real, Text, Bytes };

    Value(std::nullptr_t) {}
    template <class T>
        requires std::is_integral_v<T>
    Value(T number) : m_kind(Kind::Integer), m_integer(static_cast<std::int64_t>(number)) {}
    Value(double number) : m_kind(Kind::Real), m_real(number) {}
    Value(SystemTime time) : m_kind(Kind::Integer), m_integer(time.time_since_epoch().count()) {}  // Unix time, µs
    Value(std::string_view text) : m_kind(Kind::Text), m_text(text) {}
    Value(const std::string& text) : m_kind(Kind::Text), m_text(text) {}
    Value(const char* text) : m_kind(Kind::Text), m_text(text) {}
    Value(Blob blob) : m_kind(Kind::Bytes), m_text(blob.bytes) {}

    [[nodiscard]] Kind kind() const noexcept { return m_kind; }
    [[nodiscard]] std::int64_t integer() const noexcept { return m_integer; }
    [[nodiscard]] double real() const noexcept { return m_real; }
    [[nodiscard]] std::string_view text() const noexcept { return m_text; }

private:
    Kind m_kind = Kind::Null;
    std::int64_t m_integer = 0;
    double m_real = 0;
    std::string_view m_text;
};

// The rows of a query. Ends the query when it is destroyed, which must be before the closure returns.
class Rows {
public:
    Rows(Rows&& other) noexcept;
    Rows& operator=(Rows&&) = delete;
    Rows(const Rows&) = delete;
    ~Rows();

    // Moves to the next row; false after the last.
    [[nodiscard]] Result<bool> next();

    // Columns of the present row, from 0. Text and bytes are valid until `next`.
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] std::string_view bytes(int column) const;
    [[nodiscard]] bool isNull(int column) const;
    [[nodiscard]] SystemTime time(int column) const;

private:
    friend class Connection;
    Rows(sqlite3_stmt* statement, bool owned, bool* busy) : m_statement(statement), m_owned(owned), m_busy(busy) {}
    sqlite3_stmt* m_statement;
    bool m_owned;  // not from the cache
    bool* m_busy;  // the cache's mark that the statement is in use
};

class Connection {
public:
    struct Options {
        std::string path;
        std::string vfs;  // empty: the default
        bool readOnly = false;
    };
    [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const Options& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // One statement whose rows do not matter. Returns how many rows it inserted, changed or deleted.
    Result<std::int64_t> execute(std::string_view sql, std::initializer_list<Value> values = {});
    Result<std::int64_t> execute(std::string_view sql, std::span<const Value> values);
    // One statement with rows. The values are copied.
    [[nodiscard]] Result<Rows> query(std::string_view sql, std::initializer_list<Value> values = {});
    // Prepared for this one use: for statements that are endless in number.
    [[nodiscard]] Result<Rows> queryOnce(std::string_view sql, std::span<const Value> values);
    // The first column of the first row; nothing when there is no row or it is NULL.
    [[nodiscard]] Result<std::optional<std::int64_t>> queryInteger(std::string_view sql,
                                                                   std::initializer_list<Value> values = {});
    // Any number of statements without parameters, not cached: schemas and pragmas.
    [[nodiscard]] Result<void> executeScript(std::string_view sql);

    [[nodiscard]] std::int64_t lastInsertId() const;
    // False after BEGIN, and true again when SQLite rolled back on its own (a full disk does that).
    [[nodiscard]] bool outsideTransaction() const;
    [[nodiscard]] sqlite3* handle() const noexcept { return m_handle; }

private:
    struct Cached {
        std::string sql;
        sqlite3_stmt* statement = nullptr;
        bool busy = false;
    };
    explicit Connection(sqlite3* handle) : m_handle(handle) {}
    [[nodiscard]] Result<Rows> prepare(std::string_view sql);
    [[nodiscard]] Result<Rows> bound(std::string_view sql, std::span<const Value> values, bool copy);
    [[nodiscard]] Result<Rows> bind(Rows rows, std::string_view sql, std::span<const Value> values, bool copy);

    sqlite3* m_handle;
    std::unordered_map<std::string_view, std::unique_ptr<Cached>> m_statements;
};

// What SQLite says of the call that failed last on this connection; `what` is for the log.
[[nodiscard]] Failure sqliteFailure(sqlite3* handle, int code, std::string_view what);

}  // namespace hanshu::store
