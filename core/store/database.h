// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One SQLite database: a writer thread with group commit, and read-only connections for readers. Any thread.
//
// Writes are closures. The writer takes all that wait, runs each inside a savepoint of one transaction, commits once,
// and only then tells each its result: a write that was told success is durable (synchronous=FULL). A closure that
// fails is rolled back alone. A commit that fails fails every write of its group.
#pragma once

#include "base/async.h"
#include "base/result.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hanshu::store {

class Connection;  // store/connection.h

struct Migration {
    int number;  // 1, 2, 3, … without gaps
    std::string_view sql;
};

class Database {
public:
    struct Options {
        std::filesystem::path path;
        std::span<const Migration> migrations;
        bool fullSync = true;  // synchronous=FULL; NORMAL for what may lose its last moments in a power cut
        int readers = 2;       // threads with a read-only connection each
        std::string vfs{};     // SQLite's name of the VFS, empty for the default: tests put faults there
        // Of the log before it is copied into the database: 32 MiB cost some 20 ms.
        int checkpointPages = 2000;
    };
    using Write = std::function<Result<void>(Connection&)>;
    using Done = std::function<void(Result<void>)>;

    [[nodiscard]] static Result<std::unique_ptr<Database>> open(Options options);
    virtual ~Database();  // finishes what waits, then closes; never from one of its own threads

    // `done` is called on the writer thread after the commit.
    virtual void submit(Write work, Done done) = 0;
    [[nodiscard]] Task<Result<void>> write(Write work);
    // A write that has something to tell.
    template <class T>
    [[nodiscard]] Task<Result<T>> writeFor(std::function<Result<T>(Connection&)> work) {
        auto value = std::make_shared<std::optional<T>>();
        Write closure = [work = std::move(work), value](Connection& connection) -> Result<void> {
            auto result = work(connection);
            if (!result) {
                return fail(std::move(result.error()));
            }
            value->emplace(std::move(*result));
            return {};
        };
        auto written = co_await write(std::move(closure));
        if (!written) {
            co_return fail(std::move(written.error()));
        }
        co_return std::move(**value);
    }
    // Blocks; for start-up and tests, never on an io thread.
    [[nodiscard]] Result<void> writeAndWait(Write work);

    // Runs `work` on a reader thread in a read transaction.
    template <class T>
    [[nodiscard]] Task<Result<T>> read(std::function<Result<T>(Connection&)> work) {
        auto start = [this, work = std::move(work)](auto done) mutable {
            post([work = std::move(work), done = std::move(done)](Connection& connection) mutable {
                done(work(connection));
            });
        };
        co_return co_await awaitCallback<Result<T>>(std::move(start));
    }
    // Blocks; for start-up and tests, never on an io thread.
    template <class T>
    [[nodiscard]] Result<T> readAndWait(std::function<Result<T>(Connection&)> work) {
        std::promise<Result<T>> promise;
        post([&](Connection& connection) { promise.set_value(work(connection)); });
        return promise.get_future().get();
    }

    // Time from taking a group to its commit's end, for metrics; µs of the last commit.
    [[nodiscard]] virtual std::chrono::microseconds lastCommitTime() const noexcept = 0;

protected:
    virtual void post(std::function<void(Connection&)> work) = 0;
};

}  // namespace hanshu::store
