// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Buckets and objects: real files under the state directory, their metadata and the events that a change causes in
// SQLite. Any io thread; files are touched on the disk threads alone.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "bucket.pb.h"
#include "objects/checksum.h"
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
    // Ends writing: all bytes are on disk and the digests are complete when it returns. `commit` does it where the
    // caller has not; who wants to compare digests first does it before, so that they are not computed on its thread.
    [[nodiscard]] virtual Task<Result<void>> seal() = 0;
    // Of what was written so far, lower hex; valid before commit.
    [[nodiscard]] virtual std::string md5Hex() = 0;
    [[nodiscard]] virtual std::string sha256Hex() = 0;
    // Of `UploadSpec::checksum`, raw; after `seal`.
    [[nodiscard]] virtual std::string checksum() = 0;
    [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
};

class Download {
public:
    virtual ~Download() = default;
    [[nodiscard]] virtual const ObjectMeta& meta() const noexcept = 0;
    // Up to `into.size()` bytes from `offset`; 0 at the end. The object stays readable though it is replaced meanwhile.
    [[nodiscard]] virtual Task<Result<std::size_t>> read(std::uint64_t offset, std::span<char> into) = 0;
};

// What must hold of the present object in the transaction that replaces it; PreconditionFailed where it does not.
struct Precondition {
    bool mustBeAbsent = false;
    std::string etag;  // of the present object; empty: any. ObjectNotFound where there is none
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
    std::optional<ChecksumKind> checksum;
    Precondition precondition;
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

// An upload in parts that was begun and not ended.
struct Multipart {
    std::string id;
    std::string key;
    std::string principal;
    SystemTime started;
};

struct Part {
    int number = 0;  // 1 to 10,000
    std::uint64_t size = 0;
    std::string etag;
    SystemTime modified;
};

struct PartListing {
    Multipart upload;
    std::vector<Part> parts;
    bool more = false;
};

struct MultipartQuery {
    std::string prefix;
    std::string delimiter;
    std::string afterKey;  // exclusive, or with `afterId` inclusive for uploads of a higher id
    std::string afterId;
    int limit = 1000;
};

struct MultipartListing {
    std::vector<Multipart> uploads;  // by key, then id
    std::vector<std::string> commonPrefixes;
    bool more = false;
    std::string nextKey;
    std::string nextId;
};

struct MultipartEnd {
    std::string account;
    std::string bucket;
    std::string key;
    std::string uploadId;
    std::vector<std::pair<int, std::string>> parts;  // number and etag, as the client lists them
    Precondition precondition;
    Actor actor;
};

// Errors: BucketNotFound (bucket), BucketAlreadyExists, BucketNotEmpty, ObjectNotFound (bucket, key), StorageFull,
// InvalidArgument (names; parameters argument, value), KeyTooLong, PreconditionFailed, UploadNotFound, InvalidPart,
// InvalidPartOrder, PartTooSmall.
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
    // Of several at once, in one transaction.
    [[nodiscard]] virtual Task<Result<void>> removeAll(std::string account, std::string bucket,
                                                       std::vector<std::string> keys, Actor actor) = 0;
    [[nodiscard]] virtual Task<Result<Listing>> list(std::string account, std::string bucket, ListQuery query) = 0;

    // Uploads in parts. What a part's commit acknowledged survives a restart. Returns the upload's id.
    [[nodiscard]] virtual Task<Result<std::string>> beginMultipart(UploadSpec spec) = 0;
    [[nodiscard]] virtual Task<Result<std::unique_ptr<Upload>>> uploadPart(UploadSpec spec, std::string uploadId,
                                                                           int number) = 0;
    // Makes the object of the parts. Ending the same upload twice succeeds while the object is still its own.
    [[nodiscard]] virtual Task<Result<ObjectMeta>> endMultipart(MultipartEnd end) = 0;
    [[nodiscard]] virtual Task<Result<void>> abortMultipart(std::string account, std::string bucket, std::string key,
                                                            std::string uploadId) = 0;
    [[nodiscard]] virtual Task<Result<PartListing>> listParts(std::string account, std::string bucket, std::string key,
                                                              std::string uploadId, int afterNumber, int limit) = 0;
    [[nodiscard]] virtual Task<Result<MultipartListing>> listMultipart(std::string account, std::string bucket,
                                                                       MultipartQuery query) = 0;

    // The folder of the host that holds the objects below `prefix` at their natural paths, for a read-only mount;
    // made when it is missing, and kept though it is empty. Blocks shortly.
    [[nodiscard]] virtual Result<std::string> folder(std::string account, std::string bucket, std::string prefix) = 0;
};

}  // namespace hanshu::objects
