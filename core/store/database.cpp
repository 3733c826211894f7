// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/database.h"

#include "base/log.h"
#include "base/unique_fd.h"
#include "store/connection.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace hanshu::store {
namespace {

// Long enough for a person's `sqlite3` on the same file, short enough to be seen.
constexpr int kBusyMilliseconds = 5000;

// Of a new database. The log is written page by page, two calls each: events and their payloads are small, and four
// times as many share one call.
constexpr int kPageBytes = 16384;

struct Job {
    Database::Write work;
    Database::Done done;
    Result<void> result;
};

// A queue that one or more threads wait at. Closing lets them take what is left.
template <class T>
class Mailbox {
public:
    void push(T item) {
        {
            const std::lock_guard lock(m_mutex);
            m_items.push_back(std::move(item));
        }
        m_filled.notify_one();
    }
    // Everything that waits; empty when closed and drained.
    std::vector<T> takeAll() {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, [this] { return !m_items.empty() || m_closed; });
        std::vector<T> all(std::make_move_iterator(m_items.begin()), std::make_move_iterator(m_items.end()));
        m_items.clear();
        return all;
    }
    std::optional<T> takeOne() {
        std::unique_lock lock(m_mutex);
        m_filled.wait(lock, [this] { return !m_items.empty() || m_closed; });
        if (m_items.empty()) {
            return std::nullopt;
        }
        std::optional<T> item(std::move(m_items.front()));
        m_items.pop_front();
        return item;
    }
    void close() {
        {
            const std::lock_guard lock(m_mutex);
            m_closed = true;
        }
        m_filled.notify_all();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_filled;
    std::deque<T> m_items;
    bool m_closed = false;
};

Result<void> done(Result<std::int64_t> result) {
    if (!result) {
        return fail(std::move(result.error()));
    }
    return {};
}

Result<void> configure(Connection& connection, bool fullSync) {
    sqlite3_busy_timeout(connection.handle(), kBusyMilliseconds);
    HANSHU_TRY(connection.executeScript(fmt::format("PRAGMA page_size={}", kPageBytes)));
    auto rows = connection.query("PRAGMA journal_mode=WAL");
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    HANSHU_TRY(rows->next());
    if (rows->text(0) != "wal") {
        return internalError(fmt::format("journal mode is {} instead of wal", rows->text(0)));
    }
    // The writer checkpoints by itself, after it has told the results of a group.
    return connection.executeScript(
        fmt::format("PRAGMA synchronous={}; PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; "
                    "PRAGMA foreign_keys=ON; PRAGMA cache_size=-8000; PRAGMA journal_size_limit=67108864",
                    fullSync ? "FULL" : "NORMAL"));
}

Result<void> apply(Connection& connection, const Migration& migration) {
    HANSHU_TRY(connection.execute("BEGIN IMMEDIATE"));
    auto applied = connection.executeScript(migration.sql);
    if (applied) {
        applied = connection.executeScript(fmt::format("PRAGMA user_version={}", migration.number));
    }
    if (applied) {
        applied = done(connection.execute("COMMIT"));
    }
    if (!applied && !connection.outsideTransaction()) {
        (void)connection.execute("ROLLBACK");
    }
    return applied;
}

Result<void> migrate(Connection& connection, const Database::Options& options) {
    const auto version = connection.queryInteger("PRAGMA user_version");
    if (!version) {
        return fail(version.error());
    }
    const auto have = version->value_or(0);
    const auto known = static_cast<std::int64_t>(options.migrations.size());
    if (have > known) {
        return fail(
            Code::FailedPrecondition, "DatabaseTooNew",
            {{"path", options.path.string()}, {"version", std::to_string(have)}, {"known", std::to_string(known)}},
            "written by a newer program");
    }
    int expected = 1;
    for (const auto& migration : options.migrations) {
        if (migration.number != expected++) {
            return internalError(fmt::format("migration {} is out of order", migration.number));
        }
        if (migration.number > have) {
            HANSHU_TRY(apply(connection, migration));
        }
    }
    return {};
}

// The file's name must survive a power cut as its content does.
void syncDirectory(const std::filesystem::path& directory) {
    const UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) {
        log::warning("store", "cannot sync {}: errno {}", directory.string(), errno);
    }
}

class SqliteDatabase final : public Database {
public:
    SqliteDatabase(std::unique_ptr<Connection> writer, std::vector<std::unique_ptr<Connection>> readers,
                   int checkpointPages)
        : m_connection(std::move(writer)),
          m_readerConnections(std::move(readers)),
          m_checkpointPages(checkpointPages),
          m_checkpointAt(checkpointPages) {
        sqlite3_wal_hook(
            m_connection->handle(),
            [](void* self, sqlite3*, const char*, int pages) {
                static_cast<SqliteDatabase*>(self)->m_walPages = pages;
                return SQLITE_OK;
            },
            this);
        m_writer = std::thread([this] { writeLoop(); });
        for (auto& connection : m_readerConnections) {
            m_readers.emplace_back([this, &connection] { readLoop(*connection); });
        }
    }
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;

    ~SqliteDatabase() override {
        m_writes.close();
        m_writer.join();
        m_reads.close();
        for (auto& reader : m_readers) {
            reader.join();
        }
        // Readers first: the last connection to close moves the log into the database.
        m_readerConnections.clear();
    }

    void submit(Write work, Done done) override { m_writes.push(Job{std::move(work), std::move(done), {}}); }

    [[nodiscard]] std::chrono::microseconds lastCommitTime() const noexcept override {
        return std::chrono::microseconds{m_lastCommit.load(std::memory_order_relaxed)};
    }

protected:
    void post(std::function<void(Connection&)> work) override { m_reads.push(std::move(work)); }

private:
    void writeLoop() {
        pthread_setname_np(pthread_self(), "writer");
        while (true) {
            auto group = m_writes.takeAll();
            if (group.empty()) {
                return;
            }
            const auto start = std::chrono::steady_clock::now();
            runGroup(group);
            m_lastCommit.store(
                std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count(),
                std::memory_order_relaxed);
            for (auto& job : group) {
                job.work = nullptr;
                job.done(std::move(job.result));
            }
            checkpointWhenLong();
        }
    }

    void runGroup(std::span<Job> group) {
        while (!group.empty()) {
            auto ran = runTransaction(group);
            group = group.subspan(ran);
        }
    }

    // Runs jobs in one transaction and returns how many of them have their result. Fewer than all when SQLite gave the
    // transaction up midway: the rest go into a new one.
    std::size_t runTransaction(std::span<Job> group) {
        if (auto begun = done(m_connection->execute("BEGIN IMMEDIATE")); !begun) {
            failAll(group, begun.error());
            return group.size();
        }
        // One job alone needs no savepoint: its rollback is the transaction's.
        const bool alone = group.size() == 1;
        for (std::size_t i = 0; i < group.size(); ++i) {
            runOne(group[i], alone);
            if (m_connection->outsideTransaction()) {
                const auto ran = group.first(i + 1);
                failAll(ran, lostTransaction(ran.back().result));
                return ran.size();
            }
        }
        if (alone && !group[0].result) {
            rollBack();
            return 1;
        }
        if (auto committed = done(m_connection->execute("COMMIT")); !committed) {
            failAll(group, committed.error());
            rollBack();
        }
        return group.size();
    }

    void runOne(Job& job, bool alone) {
        if (!alone) {
            if (job.result = done(m_connection->execute("SAVEPOINT job")); !job.result) {
                return;
            }
        }
        try {
            job.result = job.work(*m_connection);
        } catch (const std::exception& thrown) {
            job.result = internalError(fmt::format("a write threw: {}", thrown.what()));
        }
        if (alone || m_connection->outsideTransaction()) {
            return;
        }
        if (!job.result) {
            (void)m_connection->execute("ROLLBACK TO job");
        }
        if (auto released = done(m_connection->execute("RELEASE job")); !released && job.result) {
            job.result = std::move(released);
        }
    }

    static Error lostTransaction(const Result<void>& cause) {
        return cause ? internalError("SQLite rolled the transaction back").value() : cause.error();
    }

    // A write that failed by itself keeps its own reason.
    static void failAll(std::span<Job> group, const Error& error) {
        for (auto& job : group) {
            if (job.result) {
                job.result = fail(error);
            }
        }
    }

    void rollBack() {
        if (!m_connection->outsideTransaction()) {
            (void)m_connection->execute("ROLLBACK");
        }
    }

    void checkpointWhenLong() {
        if (m_walPages < m_lastWalPages) {
            // The log started over.
            m_checkpointAt = m_checkpointPages;
        }
        m_lastWalPages = m_walPages;
        if (m_walPages < m_checkpointAt) {
            return;
        }
        // Readers are not waited for: what they hold back is copied next time, which is not at the very next commit.
        m_checkpointAt = m_walPages + m_checkpointPages;
        const int code =
            sqlite3_wal_checkpoint_v2(m_connection->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
        if (code != SQLITE_OK && code != SQLITE_BUSY) {
            log::warning("store", "checkpoint: {}",
                         sqliteFailure(m_connection->handle(), code, "checkpoint").value().describe());
        }
    }

    void readLoop(Connection& connection) {
        pthread_setname_np(pthread_self(), "reader");
        while (auto work = m_reads.takeOne()) {
            // Where this fails, so will the statements of the work, and tell it.
            (void)connection.execute("BEGIN");
            (*work)(connection);
            if (!connection.outsideTransaction()) {
                (void)connection.execute("COMMIT");
            }
        }
    }

    std::unique_ptr<Connection> m_connection;
    std::vector<std::unique_ptr<Connection>> m_readerConnections;
    Mailbox<Job> m_writes;
    Mailbox<std::function<void(Connection&)>> m_reads;
    // Of the log, in pages; the writer's alone.
    int m_walPages = 0;
    int m_lastWalPages = 0;
    int m_checkpointPages;
    int m_checkpointAt;
    std::atomic<std::int64_t> m_lastCommit{0};
    std::thread m_writer;
    std::vector<std::thread> m_readers;
};

Result<std::unique_ptr<Database>> openAll(const Database::Options& options) {
    const Connection::Options write{.path = options.path.string(), .vfs = options.vfs};
    auto writer = Connection::open(write);
    if (!writer) {
        return fail(std::move(writer.error()));
    }
    HANSHU_TRY(configure(**writer, options.fullSync));
    HANSHU_TRY(migrate(**writer, options));
    std::vector<std::unique_ptr<Connection>> readers;
    for (int i = 0; i < std::max(1, options.readers); ++i) {
        auto reader = Connection::open({.path = write.path, .vfs = options.vfs, .readOnly = true});
        if (!reader) {
            return fail(std::move(reader.error()));
        }
        sqlite3_busy_timeout((*reader)->handle(), kBusyMilliseconds);
        HANSHU_TRY((*reader)->executeScript("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-2000"));
        readers.push_back(std::move(*reader));
    }
    if (options.vfs.empty()) {
        syncDirectory(options.path.has_parent_path() ? options.path.parent_path() : ".");
    }
    return std::unique_ptr<Database>(
        std::make_unique<SqliteDatabase>(std::move(*writer), std::move(readers), options.checkpointPages));
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(Options options) {
    auto database = openAll(options);
    if (!database) {
        auto error = std::move(database.error());
        if (error.param("path").empty()) {
            error.params.emplace_back("path", options.path.string());
        }
        return fail(std::move(error));
    }
    return database;
}

Database::~Database() = default;

Task<Result<void>> Database::write(Write work) {
    auto start = [this, work = std::move(work)](auto done) mutable { submit(std::move(work), std::move(done)); };
    co_return co_await awaitCallback<Result<void>>(std::move(start));
}

Result<void> Database::writeAndWait(Write work) {
    std::promise<Result<void>> promise;
    submit(std::move(work), [&](Result<void> result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
}

}  // namespace hanshu::store
