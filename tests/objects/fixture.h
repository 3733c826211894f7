// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An object store in a folder of its own, and short ways to use it from a test.
#pragma once

#include "base/digest.h"
#include "base/encoding.h"
#include "base/io_pool.h"
#include "objects/file_object_store.h"
#include "store/database.h"
#include "store/event_queue.h"
#include "store/schema.h"

#include <fmt/format.h>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>
#include <iterator>

namespace hanshu::test {

inline IoPool& io() {
    static IoPool pool(2);
    return pool;
}

template <class T>
T run(Task<T> task) {
    return runBlocking(io().next().get_executor(), std::move(task));
}

inline constexpr auto kAccount = "1000";

class StoreFixture {
public:
    explicit StoreFixture(std::string folder, std::string databasePath = {}, std::string vfs = {},
                          FileOps* files = nullptr)
        : m_folder(std::move(folder)),
          m_databasePath(databasePath.empty() ? m_folder + "/state.db" : std::move(databasePath)),
          m_vfs(std::move(vfs)),
          m_files(files) {}
    ~StoreFixture() { close(); }

    Result<void> open() {
        auto opened =
            store::Database::open({.path = m_databasePath, .migrations = store::stateMigrations(), .vfs = m_vfs});
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        m_database = std::move(*opened);
        m_queue = store::makeSqliteEventQueue(*m_database);
        m_disk = std::make_unique<asio::thread_pool>(2);
        auto made = objects::makeObjectStore({.database = *m_database,
                                              .queue = *m_queue,
                                              .disk = *m_disk,
                                              .root = m_folder + "/objects",
                                              .clock = clock,
                                              .onChange =
                                                  [this](const objects::Change& change) {
                                                      const std::lock_guard lock(m_mutex);
                                                      m_changes.push_back(change);
                                                      return causesEvents ? std::vector{eventOf(change)}
                                                                          : std::vector<store::Event>{};
                                                  },
                                              .files = m_files});
        if (!made) {
            return fail(std::move(made.error()));
        }
        m_store = std::move(*made);
        return {};
    }

    void close() {
        m_store.reset();
        if (m_disk) {
            m_disk->join();
            m_disk.reset();
        }
        m_queue.reset();
        m_database.reset();
    }

    [[nodiscard]] objects::ObjectStore& store() { return *m_store; }
    [[nodiscard]] store::Database& database() { return *m_database; }
    [[nodiscard]] store::EventQueue& queue() { return *m_queue; }
    [[nodiscard]] asio::thread_pool& disk() { return *m_disk; }
    [[nodiscard]] std::vector<objects::Change> changes() {
        const std::lock_guard lock(m_mutex);
        return m_changes;
    }

    static objects::UploadSpec spec(const std::string& bucket, const std::string& key) {
        objects::UploadSpec wanted;
        wanted.account = kAccount;
        wanted.bucket = bucket;
        wanted.key = key;
        wanted.contentType = "text/plain";
        wanted.actor = {"acs:ram::1000:root", "request-1", "127.0.0.1"};
        return wanted;
    }

    static Task<Result<objects::ObjectMeta>> putting(objects::ObjectStore& into, objects::UploadSpec wanted,
                                                     std::string bytes) {
        auto upload = co_await into.upload(std::move(wanted));
        if (!upload) {
            co_return fail(std::move(upload.error()));
        }
        auto written = co_await (*upload)->write(bytes);
        if (!written) {
            co_return fail(std::move(written.error()));
        }
        co_return co_await (*upload)->commit();
    }
    Result<objects::ObjectMeta> put(const std::string& bucket, const std::string& key, const std::string& bytes) {
        return run(putting(store(), spec(bucket, key), bytes));
    }

    static Task<Result<std::string>> getting(objects::ObjectStore& from, std::string bucket, std::string key) {
        auto download = co_await from.open(kAccount, std::move(bucket), std::move(key));
        if (!download) {
            co_return fail(std::move(download.error()));
        }
        std::string bytes;
        std::vector<char> piece(65536);
        for (;;) {
            auto count = co_await (*download)->read(bytes.size(), piece);
            if (!count) {
                co_return fail(std::move(count.error()));
            }
            if (*count == 0) {
                co_return bytes;
            }
            bytes.append(piece.data(), *count);
        }
    }
    Result<std::string> get(const std::string& bucket, const std::string& key) {
        return run(getting(store(), bucket, key));
    }
    Result<void> remove(const std::string& bucket, const std::string& key) {
        return run(store().remove(kAccount, bucket, key, {"acs:ram::1000:root", "request-2", {}}));
    }
    Result<void> createBucket(const std::string& bucket) {
        auto made = run(store().createBucket(kAccount, bucket));
        if (!made) {
            return fail(std::move(made.error()));
        }
        return {};
    }

    static store::Event eventOf(const objects::Change& change) {
        store::Event event;
        event.id = newEventId();
        event.requestId = newRequestId();
        event.account = change.account;
        event.functionName = "seen";
        event.qualifier = "LATEST";
        event.source = "oss";
        event.payload = change.key + " " + change.etag;
        event.enqueued = change.time;
        return event;
    }

    ManualClock clock;
    bool causesEvents = false;

private:
    std::string m_folder;
    std::string m_databasePath;
    std::string m_vfs;
    FileOps* m_files;
    std::mutex m_mutex;
    std::vector<objects::Change> m_changes;
    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<store::EventQueue> m_queue;
    std::unique_ptr<asio::thread_pool> m_disk;
    std::unique_ptr<objects::ObjectStore> m_store;
};

inline std::string contentOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace hanshu::test

#define VERIFY_OK(result)                                                                    \
    do {                                                                                     \
        const auto& verified = (result);                                                     \
        QVERIFY2(verified.has_value(), verified ? "" : verified.error().describe().c_str()); \
    } while (false)
#define VERIFY_REASON(result, expected)                                                       \
    do {                                                                                      \
        const auto& verified = (result);                                                      \
        QVERIFY2(!verified.has_value(), "succeeded");                                         \
        QVERIFY2(verified.error().reason == (expected), verified.error().describe().c_str()); \
    } while (false)
