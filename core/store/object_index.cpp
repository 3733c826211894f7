// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/object_index.h"

#include "store/connection.h"

#include <limits>

namespace hanshu::store {
namespace {

BucketRow bucketOf(const Rows& rows) {
    return {rows.integer(0),
            std::string(rows.text(1)),
            std::string(rows.text(2)),
            std::string(rows.text(3)),
            rows.time(4),
            rows.integer(5),
            rows.integer(6)};
}

constexpr std::string_view kObjectColumns =
    "SELECT key, version, place, size, etag, modified, content_type, metadata, upload FROM object ";

ObjectRow objectOf(std::int64_t bucket, const Rows& rows) {
    return {bucket,
            std::string(rows.text(0)),
            std::string(rows.text(1)),
            static_cast<Place>(rows.integer(2)),
            rows.integer(3),
            std::string(rows.text(4)),
            rows.time(5),
            std::string(rows.text(6)),
            std::string(rows.text(7)),
            std::string(rows.text(8))};
}

MultipartRow multipartOf(std::int64_t bucket, const Rows& rows) {
    return {std::string(rows.text(0)), bucket,
            std::string(rows.text(1)), rows.time(2),
            std::string(rows.text(3)), std::string(rows.text(4)),
            std::string(rows.text(5))};
}

template <class T, class Make>
Result<std::vector<T>> collect(Result<Rows> rows, Make make) {
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    std::vector<T> all;
    for (;;) {
        auto more = rows->next();
        if (!more) {
            return fail(std::move(more.error()));
        }
        if (!*more) {
            return all;
        }
        all.push_back(make(*rows));
    }
}

template <class T, class Make>
Result<std::optional<T>> first(Result<Rows> rows, Make make) {
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    auto more = rows->next();
    if (!more) {
        return fail(std::move(more.error()));
    }
    return *more ? std::optional<T>(make(*rows)) : std::nullopt;
}

Failure bucketGone() {
    return fail(Code::NotFound, "BucketNotFound");
}

}  // namespace

std::string afterPrefix(std::string_view prefix) {
    std::string bound(prefix);
    while (!bound.empty() && static_cast<unsigned char>(bound.back()) == 0xFF) {
        bound.pop_back();
    }
    if (!bound.empty()) {
        bound.back() = static_cast<char>(static_cast<unsigned char>(bound.back()) + 1);
    }
    return bound;
}

Result<std::vector<BucketRow>> ObjectIndex::buckets() {
    return collect<BucketRow>(
        m_connection.query("SELECT id, account, name, folder, created, objects, bytes FROM bucket ORDER BY name"),
        bucketOf);
}

Result<std::optional<BucketRow>> ObjectIndex::bucket(std::int64_t id) {
    return first<BucketRow>(
        m_connection.query("SELECT id, account, name, folder, created, objects, bytes FROM bucket WHERE id = ?", {id}),
        bucketOf);
}

Result<void> ObjectIndex::insertBucket(const BucketRow& row) {
    auto done = m_connection.execute("INSERT INTO bucket (account, name, folder, created) VALUES (?, ?, ?, ?)",
                                     {row.account, row.name, row.folder, row.created});
    if (!done && done.error().code == Code::AlreadyExists) {
        return fail(Code::AlreadyExists, "BucketAlreadyExists", {{"bucket", row.name}});
    }
    HANSHU_TRY(done);
    return {};
}

Result<std::vector<std::string>> ObjectIndex::removeBucket(std::int64_t id) {
    auto used = m_connection.queryInteger("SELECT 1 FROM object WHERE bucket = ? LIMIT 1", {id});
    HANSHU_TRY(used);
    if (*used) {
        return fail(Code::FailedPrecondition, "BucketNotEmpty");
    }
    auto versions = collect<std::string>(
        m_connection.query("SELECT version FROM part WHERE upload IN (SELECT id FROM multipart WHERE bucket = ?)",
                           {id}),
        [](const Rows& rows) { return std::string(rows.text(0)); });
    HANSHU_TRY(versions);
    HANSHU_TRY(
        m_connection.execute("DELETE FROM part WHERE upload IN (SELECT id FROM multipart WHERE bucket = ?)", {id}));
    HANSHU_TRY(m_connection.execute("DELETE FROM multipart WHERE bucket = ?", {id}));
    HANSHU_TRY(m_connection.execute("DELETE FROM object_trash WHERE bucket = ?", {id}));
    HANSHU_TRY(m_connection.execute("DELETE FROM bucket WHERE id = ?", {id}));
    return versions;
}

Result<std::optional<ObjectRow>> ObjectIndex::find(std::int64_t bucket, std::string_view key) {
    static const auto sql = std::string(kObjectColumns) + "WHERE bucket = ? AND key = ?";
    return first<ObjectRow>(m_connection.query(sql, {bucket, key}),
                            [bucket](const Rows& rows) { return objectOf(bucket, rows); });
}

Result<std::optional<ObjectRow>> ObjectIndex::put(const ObjectRow& row) {
    auto old = find(row.bucket, row.key);
    HANSHU_TRY(old);
    auto counted = m_connection.execute("UPDATE bucket SET objects = objects + ?, bytes = bytes + ? WHERE id = ?",
                                        {*old ? 0 : 1, row.size - (*old ? (*old)->size : 0), row.bucket});
    HANSHU_TRY(counted);
    if (*counted == 0) {
        return bucketGone();
    }
    HANSHU_TRY(m_connection.execute(
        "INSERT OR REPLACE INTO object (bucket, key, version, place, size, etag, modified, content_type, metadata, "
        "upload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {row.bucket, row.key, row.version, static_cast<int>(row.place), row.size, row.etag, row.modified,
         row.contentType, row.metadata, row.upload}));
    return old;
}

Result<std::optional<ObjectRow>> ObjectIndex::erase(std::int64_t bucket, std::string_view key) {
    auto old = find(bucket, key);
    HANSHU_TRY(old);
    if (!*old) {
        return old;
    }
    HANSHU_TRY(m_connection.execute("DELETE FROM object WHERE bucket = ? AND key = ?", {bucket, key}));
    HANSHU_TRY(m_connection.execute("UPDATE bucket SET objects = objects - 1, bytes = bytes - ? WHERE id = ?",
                                    {(*old)->size, bucket}));
    HANSHU_TRY(m_connection.execute("INSERT OR IGNORE INTO object_trash (bucket, key, version) VALUES (?, ?, ?)",
                                    {bucket, key, (*old)->version}));
    return old;
}

Result<bool> ObjectIndex::settle(std::int64_t bucket, std::string_view key, std::string_view version, Place place) {
    auto changed = m_connection.execute("UPDATE object SET place = ? WHERE bucket = ? AND key = ? AND version = ?",
                                        {static_cast<int>(place), bucket, key, version});
    HANSHU_TRY(changed);
    return *changed != 0;
}

Result<void> ObjectIndex::scan(std::int64_t bucket, std::string_view prefix, std::string_view from, bool inclusive,
                               const std::function<bool(ObjectRow&)>& each) {
    static const auto base = std::string(kObjectColumns) + "WHERE bucket = ? AND key ";
    static const auto after = base + "> ? ORDER BY key";
    static const auto atLeast = base + ">= ? ORDER BY key";
    const bool beforePrefix = from < prefix;
    auto rows = m_connection.query(beforePrefix || inclusive ? atLeast : after, {bucket, beforePrefix ? prefix : from});
    if (!rows) {
        return fail(std::move(rows.error()));
    }
    for (;;) {
        auto more = rows->next();
        HANSHU_TRY(more);
        if (!*more || !rows->text(0).starts_with(prefix)) {
            return {};
        }
        auto row = objectOf(bucket, *rows);
        if (!each(row)) {
            return {};
        }
    }
}

Result<std::vector<ObjectRow>> ObjectIndex::at(Place place) {
    // The literal is needed: SQLite uses a partial index only where it can prove its condition.
    const auto* sql = place == Place::Incoming ? "SELECT bucket, key, version FROM object WHERE place = 0"
                                               : "SELECT bucket, key, version FROM object WHERE place = 2";
    return collect<ObjectRow>(m_connection.query(sql), [place](const Rows& rows) {
        ObjectRow row;
        row.bucket = rows.integer(0);
        row.key = rows.text(1);
        row.version = rows.text(2);
        row.place = place;
        return row;
    });
}

Result<std::vector<TrashRow>> ObjectIndex::trash() {
    return collect<TrashRow>(m_connection.query("SELECT bucket, key, version FROM object_trash"), [](const Rows& rows) {
        return TrashRow{rows.integer(0), std::string(rows.text(1)), std::string(rows.text(2))};
    });
}

Result<void> ObjectIndex::dropTrash(std::int64_t bucket, std::string_view key, std::string_view version) {
    HANSHU_TRY(m_connection.execute("DELETE FROM object_trash WHERE bucket = ? AND key = ? AND version = ?",
                                    {bucket, key, version}));
    return {};
}

Result<void> ObjectIndex::insertMultipart(const MultipartRow& row) {
    auto done = m_connection.execute(
        "INSERT INTO multipart (id, bucket, key, started, principal, content_type, metadata) "
        "SELECT ?, id, ?, ?, ?, ?, ? FROM bucket WHERE id = ?",
        {row.id, row.key, row.started, row.principal, row.contentType, row.metadata, row.bucket});
    HANSHU_TRY(done);
    if (*done == 0) {
        return bucketGone();
    }
    return {};
}

Result<std::optional<MultipartRow>> ObjectIndex::multipart(std::int64_t bucket, std::string_view id) {
    return first<MultipartRow>(
        m_connection.query("SELECT id, key, started, principal, content_type, metadata FROM multipart "
                           "WHERE id = ? AND bucket = ?",
                           {id, bucket}),
        [bucket](const Rows& rows) { return multipartOf(bucket, rows); });
}

Result<std::vector<MultipartRow>> ObjectIndex::multiparts(std::int64_t bucket, std::string_view prefix,
                                                          std::string_view key, std::string_view id, int limit) {
    const auto bound = afterPrefix(prefix);
    return collect<MultipartRow>(
        m_connection.query("SELECT id, key, started, principal, content_type, metadata FROM multipart "
                           "WHERE bucket = ?1 AND (key, id) > (?2, ?3) AND key >= ?4 AND (?5 = '' OR key < ?5) "
                           "ORDER BY key, id LIMIT ?6",
                           {bucket, key, id, prefix, bound, limit}),
        [bucket](const Rows& rows) { return multipartOf(bucket, rows); });
}

Result<std::string> ObjectIndex::putPart(std::int64_t bucket, std::string_view upload, const PartRow& row) {
    auto known = multipart(bucket, upload);
    HANSHU_TRY(known);
    if (!*known) {
        return fail(Code::NotFound, "UploadNotFound");
    }
    auto old = first<std::string>(
        m_connection.query("SELECT version FROM part WHERE upload = ? AND number = ?", {upload, row.number}),
        [](const Rows& rows) { return std::string(rows.text(0)); });
    HANSHU_TRY(old);
    HANSHU_TRY(m_connection.execute(
        "INSERT OR REPLACE INTO part (upload, number, version, size, etag, modified) VALUES (?, ?, ?, ?, ?, ?)",
        {upload, row.number, row.version, row.size, row.etag, row.modified}));
    return old->value_or(std::string{});
}

Result<std::vector<PartRow>> ObjectIndex::parts(std::string_view upload, int afterNumber, int limit) {
    return collect<PartRow>(m_connection.query("SELECT number, version, size, etag, modified FROM part "
                                               "WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
                                               {upload, afterNumber, limit}),
                            [](const Rows& rows) {
                                return PartRow{static_cast<int>(rows.integer(0)), std::string(rows.text(1)),
                                               rows.integer(2), std::string(rows.text(3)), rows.time(4)};
                            });
}

Result<bool> ObjectIndex::removeMultipart(std::int64_t bucket, std::string_view id) {
    HANSHU_TRY(m_connection.execute(
        "DELETE FROM part WHERE upload IN (SELECT id FROM multipart WHERE id = ? AND bucket = ?)", {id, bucket}));
    auto removed = m_connection.execute("DELETE FROM multipart WHERE id = ? AND bucket = ?", {id, bucket});
    HANSHU_TRY(removed);
    return *removed != 0;
}

Result<std::vector<std::string>> ObjectIndex::partVersions() {
    return collect<std::string>(m_connection.query("SELECT version FROM part"),
                                [](const Rows& rows) { return std::string(rows.text(0)); });
}

}  // namespace hanshu::store
