// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the parts of the file object store share, and the one way in which an object comes into being. Any thread.
#pragma once

#include "base/async_mutex.h"
#include "base/published.h"
#include "objects/file_object_store.h"
#include "objects/key_locks.h"
#include "objects/object_folders.h"
#include "objects/settler.h"
#include "store/object_index.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>

namespace hanshu::objects {

struct BucketRef {
    std::int64_t id = 0;
    std::string folder;
};

// By account and name.
using BucketMap = std::map<std::pair<std::string, std::string>, BucketRef>;

struct StoreCore {
    explicit StoreCore(FileObjectStoreOptions given);

    FileObjectStoreOptions options;
    std::shared_ptr<ObjectFolders> folders;
    Settler settler;
    KeyLocks locks;
    AsyncMutex bucketChanges;
    Published<BucketMap> buckets;

    [[nodiscard]] Result<BucketRef> find(const std::string& account, const std::string& bucket) const;
    // Reads the map of buckets anew; blocks.
    [[nodiscard]] Result<void> loadBuckets();

    template <class Work>
    [[nodiscard]] auto onDisk(Work work) {
        return onPool(options.disk, std::move(work));
    }
};

[[nodiscard]] std::string lockName(const BucketRef& bucket, std::string_view key);
[[nodiscard]] std::string metadataJson(const std::map<std::string, std::string>& metadata);
[[nodiscard]] ObjectMeta metaOf(const store::ObjectRow& row);
// The bucket's name for BucketNotFound and the like, which the index does not know.
[[nodiscard]] Failure named(Error error, const std::string& bucket, const std::string& key = {});
[[nodiscard]] Result<void> checkKey(std::string_view key);

// A version that lies in incoming, on disk, and is to become an object.
struct Arrival {
    BucketRef bucket;
    store::ObjectRow row;
    Precondition precondition;
    std::string account;
    std::string bucketName;
    std::string eventName;
    Actor actor;
    std::function<Result<void>(store::Connection&)> also;  // in the same transaction, first; may be empty
};

// Commits metadata and events in one transaction, then gives the file its place. `committed` is called as soon as the
// version must not be discarded any more.
[[nodiscard]] Task<Result<ObjectMeta>> land(std::shared_ptr<StoreCore> core, Arrival arrival,
                                            std::function<void()> committed);

// Repairs what a crash left; blocks. See resources/docs/objects.md.
[[nodiscard]] Result<void> recover(StoreCore& core);

}  // namespace hanshu::objects
