// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ends what acknowledged changes left to do: syncs the folders, tells the index where files are, drops spare names. In
// batches behind the callers' backs; what it does not reach, start-up does. Any thread.
#pragma once

#include "base/async.h"
#include "base/result.h"
#include "objects/object_folders.h"
#include "store/object_index.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace hanshu::store {
class Database;
}

namespace hanshu::objects {

struct Unsettled {
    enum class What { Placed, Removed };
    What what = What::Placed;
    std::int64_t bucket = 0;
    std::string folder;
    std::string key;
    std::string version;
    store::Place place = store::Place::Incoming;  // of Placed
    bool superseded = false;                      // of Placed: found while settling
};

class Settler {
public:
    Settler(ObjectFolders& folders, store::Database& database, asio::thread_pool& disk);
    ~Settler();  // waits for what was added

    void add(Unsettled item);
    // Blocks; for start-up.
    [[nodiscard]] Result<void> settleNow(std::vector<Unsettled> items);

private:
    using Batch = std::shared_ptr<std::vector<Unsettled>>;
    void start();
    [[nodiscard]] Result<void> syncFolders(const std::vector<Unsettled>& items);
    [[nodiscard]] static Result<void> note(store::Connection& connection, std::vector<Unsettled>& items);
    void dropSpareNames(const std::vector<Unsettled>& items);
    void ended(Result<void> result);

    ObjectFolders& m_folders;
    store::Database& m_database;
    asio::thread_pool& m_disk;
    std::mutex m_mutex;
    std::condition_variable m_idle;
    std::vector<Unsettled> m_waiting;
    bool m_running = false;
};

}  // namespace hanshu::objects
