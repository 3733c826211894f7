// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The object store of one machine: files below a folder, their index in SQLite. How a write survives a crash at any
// moment is told in resources/docs/objects.md. Made once at start; blocks while it repairs what a crash left.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/file_ops.h"
#include "base/result.h"
#include "objects/object_store.h"

#include <filesystem>
#include <memory>

namespace hanshu::store {
class Database;
class EventQueue;
}  // namespace hanshu::store

namespace hanshu::objects {

struct FileObjectStoreOptions {
    store::Database& database;   // state.db
    store::EventQueue& queue;    // in the same database
    asio::thread_pool& disk;     // threads that may block on files; outlives the store
    std::filesystem::path root;  // STATE/objects; made when it is missing
    const Clock& clock;
    ChangeObserver onChange;   // may be empty: changes cause no events
    FileOps* files = nullptr;  // null: the host's file system
};

// Never from an io thread. Fails when the folder can't be read or written.
[[nodiscard]] Result<std::unique_ptr<ObjectStore>> makeObjectStore(FileObjectStoreOptions options);

}  // namespace hanshu::objects
