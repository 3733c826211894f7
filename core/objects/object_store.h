// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Buckets and objects: real files under the state directory, their metadata and the events that a change causes in
// SQLite. Any io thread; files are touched on the disk threads alone.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "bucket.pb.h"
#include "store/event_queue.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::objects {

// What happened to an object, as triggers see it.
struct Change {
    std::string account;
    std::string bucket;
    std::string key;
    std::string eventName;  // ObjectCreated:PutObject, ObjectRemoved:DeleteObject, … (reference 4.1)
    std::uint64_t size = 0;
    std::string etag;
    SystemTime time;
    std::string requestId;
    std::string remoteAddress;
    std::string principal;
};

// Who must know of changes: turns one into the events that it causes. Called before the commit that makes both durable,
// on any thread; must not block. Filled by node with the triggers room.
using ChangeObserver = std::function<std::vector<store::Event>(const Change&)>;

struct ObjectMeta {
    std::string key;
    std::uint64_t size = 0;
    std::string etag;  // without quotes: MD5 in hex, or that of the parts with -N
    SystemTime modified;
    std::string contentType;
    std::map<std::string, std::string> metadata;  // x-amz-meta-*, and content-encoding and the like by their names
};

// Who does it, for events and records.
struct Actor {
    std::string principal;
    std::string requestId;
    std::string remoteAddress;
};

// An upload in progress. Bytes go to a temporary file; nothing is visible before `commit`. Destroying it discards them.
class Upload {
public:
    virtual ~Upload() = default;
    [[nodiscard]] virtual Task<Result<void>> write(std::string_view bytes) = 0;
    // fsync, rename, then metadata and events in one transaction: durable when it returns.
    [[nodiscard]] virtual Task<Result<ObjectMeta>> commit() = 0;
    // Of what was written so far, lower hex; valid before commit.
    [[nodiscard]] virtual std::string md5Hex() = 0;
    [[nodiscard]] virtual std::string sha256Hex() = 0;
};

class Download {
public:
    virtual ~Download() = default;
    [[nodiscard]] virtual const ObjectMeta& meta() const noexcept = 0;
    // Up to `into.size()` bytes from `offset`; 0 at the end. The object stays readable though it is replaced meanwhile.
    [[nodiscard]] virtual Task<Result<std::size_t>> read(std::uint64_t offset, std::span<char> into) = 0;
};

struct UploadSpec {
    std::string account;
    std::string bucket;
    std::string key;
    std::string contentType;
    std::map<std::string, std::string> metadata;
    std::string eventName = "ObjectCreated:PutObject";
    Actor actor;
    bool wantSha256 = false;
};

struct ListQuery {
    std::string prefix;
    std::string delimiter;
    std::string startAfter;  // exclusive
    int limit = 1000;
};

struct Listing {
    std::vector<ObjectMeta> objects;
    std::vector<std::string> commonPrefixes;
    std::string next;  // startAfter of the next page; empty: that was all
};

// Errors: BucketNotFound (bucket), BucketAlreadyExists, BucketNotEmpty, ObjectNotFound (bucket, key), StorageFull,
// InvalidArgument (names).
class ObjectStore {
public:
    virtual ~ObjectStore() = default;
    [[nodiscard]] virtual Task<Result<api::Bucket>> createBucket(std::string account, std::string bucket) = 0;
    [[nodiscard]] virtual Task<Result<void>> deleteBucket(std::string account, std::string bucket) = 0;
    [[nodiscard]] virtual Task<Result<std::vector<api::Bucket>>> listBuckets(std::string account) = 0;
    [[nodiscard]] virtual Task<Result<api::Bucket>> bucket(std::string account, std::string bucket) = 0;

    [[nodiscard]] virtual Task<Result<std::unique_ptr<Upload>>> upload(UploadSpec spec) = 0;
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Download>>> open(std::string account, std::string bucket,
                                                                       std::string key) = 0;
    [[nodiscard]] virtual Task<Result<ObjectMeta>> head(std::string account, std::string bucket, std::string key) = 0;
    // A missing object is no error.
    [[nodiscard]] virtual Task<Result<void>> remove(std::string account, std::string bucket, std::string key,
                                                    Actor actor) = 0;
    [[nodiscard]] virtual Task<Result<Listing>> list(std::string account, std::string bucket, ListQuery query) = 0;

    // The folder of the host that holds the objects below `prefix` at their natural paths, for a read-only mount.
    [[nodiscard]] virtual Result<std::string> folder(std::string account, std::string bucket, std::string prefix) = 0;
};

}  // namespace hanshu::objects
