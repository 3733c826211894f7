// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What SQLite knows of buckets, objects and uploads in parts: rows and the statements on them, for closures of
// Database. Where the files are, and when they move, is the business of the object store. One connection, one thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::store {

class Connection;

struct BucketRow {
    std::int64_t id = 0;
    std::string account;
    std::string name;
    std::string folder;
    SystemTime created;
    std::int64_t objects = 0;
    std::int64_t bytes = 0;
};

// Where the bytes of an object are: still where they arrived, at the key's natural path, or under an escaped name.
enum class Place : int { Incoming = 0, Natural = 1, Escaped = 2 };

struct ObjectRow {
    std::int64_t bucket = 0;
    std::string key;
    std::string version;
    Place place = Place::Incoming;
    std::int64_t size = 0;
    std::string etag;
    SystemTime modified;
    std::string contentType;
    std::string metadata;  // JSON
    std::string upload;
};

struct TrashRow {
    std::int64_t bucket = 0;
    std::string key;
    std::string version;
};

struct MultipartRow {
    std::string id;
    std::int64_t bucket = 0;
    std::string key;
    SystemTime started;
    std::string principal;
    std::string contentType;
    std::string metadata;
};

struct PartRow {
    int number = 0;
    std::string version;
    std::int64_t size = 0;
    std::string etag;
    SystemTime modified;
};

class ObjectIndex {
public:
    explicit ObjectIndex(Connection& connection) noexcept : m_connection(connection) {}

    [[nodiscard]] Result<std::vector<BucketRow>> buckets();
    [[nodiscard]] Result<std::optional<BucketRow>> bucket(std::int64_t id);
    // BucketAlreadyExists (bucket).
    [[nodiscard]] Result<void> insertBucket(const BucketRow& row);
    // BucketNotEmpty. Uploads in parts go with it: their parts' versions are returned.
    [[nodiscard]] Result<std::vector<std::string>> removeBucket(std::int64_t id);

    [[nodiscard]] Result<std::optional<ObjectRow>> find(std::int64_t bucket, std::string_view key);
    // Replaces what there is, which is returned. NotFound `BucketNotFound` when the bucket has gone.
    [[nodiscard]] Result<std::optional<ObjectRow>> put(const ObjectRow& row);
    // Returns what there was, and notes its natural path as trash.
    [[nodiscard]] Result<std::optional<ObjectRow>> erase(std::int64_t bucket, std::string_view key);
    // False when the object has another version by now.
    [[nodiscard]] Result<bool> settle(std::int64_t bucket, std::string_view key, std::string_view version, Place place);
    // In the order of the keys' bytes, from `from` (itself included when `inclusive`), below `prefix`; calls `each`
    // with rows without metadata until it returns false.
    [[nodiscard]] Result<void> scan(std::int64_t bucket, std::string_view prefix, std::string_view from, bool inclusive,
                                    const std::function<bool(ObjectRow&)>& each);
    // Of every bucket, those at one of the astray places.
    [[nodiscard]] Result<std::vector<ObjectRow>> at(Place place);

    [[nodiscard]] Result<std::vector<TrashRow>> trash();
    [[nodiscard]] Result<void> dropTrash(std::int64_t bucket, std::string_view key, std::string_view version);

    [[nodiscard]] Result<void> insertMultipart(const MultipartRow& row);  // BucketNotFound
    [[nodiscard]] Result<std::optional<MultipartRow>> multipart(std::int64_t bucket, std::string_view id);
    // Of the bucket, by key and id, from after (`key`, `id`); at most `limit`.
    [[nodiscard]] Result<std::vector<MultipartRow>> multiparts(std::int64_t bucket, std::string_view prefix,
                                                               std::string_view key, std::string_view id, int limit);
    // Returns the version of the part that it replaces, or an empty one. UploadNotFound.
    [[nodiscard]] Result<std::string> putPart(std::int64_t bucket, std::string_view upload, const PartRow& row);
    [[nodiscard]] Result<std::vector<PartRow>> parts(std::string_view upload, int afterNumber, int limit);
    // False when there is none.
    [[nodiscard]] Result<bool> removeMultipart(std::int64_t bucket, std::string_view id);
    // Versions of the parts of all uploads.
    [[nodiscard]] Result<std::vector<std::string>> partVersions();

private:
    Connection& m_connection;
};

// The least string that is greater than every string that starts with `prefix`; empty where there is none.
[[nodiscard]] std::string afterPrefix(std::string_view prefix);

}  // namespace hanshu::store
