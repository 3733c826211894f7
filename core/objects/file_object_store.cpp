// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/file_object_store.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/time_format.h"
#include "objects/bucket_listing.h"
#include "objects/file_multipart.h"
#include "objects/natural_path.h"
#include "objects/staged_file.h"
#include "objects/store_core.h"
#include "store/database.h"

#include <unordered_set>

namespace hanshu::objects {
namespace {

using Core = std::shared_ptr<StoreCore>;

api::Bucket bucketOf(const store::BucketRow& row) {
    api::Bucket bucket;
    bucket.set_bucket_name(row.name);
    bucket.set_created_time(formatRfc3339Millis(row.created));
    bucket.set_object_count(static_cast<double>(row.objects));
    bucket.set_size(static_cast<double>(row.bytes));
    return bucket;
}

class FileUpload final : public Upload {
public:
    FileUpload(Core core, BucketRef bucket, UploadSpec spec)
        : m_core(std::move(core)),
          m_bucket(std::move(bucket)),
          m_spec(std::move(spec)),
          m_file(m_core->folders, m_core->options.disk, {m_spec.wantSha256, m_spec.checksum}) {}

    Task<Result<void>> write(std::string_view bytes) override { return m_file.write(bytes); }
    Task<Result<void>> seal() override { return m_file.seal(); }
    std::string md5Hex() override { return toHex(m_file.md5()); }
    std::string sha256Hex() override { return toHex(m_file.sha256()); }
    std::string checksum() override { return m_file.checksum(); }
    std::uint64_t size() const noexcept override { return m_file.size(); }

    Task<Result<ObjectMeta>> commit() override {
        auto sealed = co_await m_file.seal();
        if (!sealed) {
            co_return fail(std::move(sealed.error()));
        }
        Arrival arrival;
        arrival.bucket = m_bucket;
        arrival.row.key = m_spec.key;
        arrival.row.version = m_file.version();
        arrival.row.size = static_cast<std::int64_t>(m_file.size());
        arrival.row.etag = toHex(m_file.md5());
        arrival.row.contentType = m_spec.contentType;
        arrival.row.metadata = metadataJson(m_spec.metadata);
        arrival.precondition = m_spec.precondition;
        arrival.account = m_spec.account;
        arrival.bucketName = m_spec.bucket;
        arrival.eventName = m_spec.eventName;
        arrival.actor = m_spec.actor;
        std::function<void()> committed = [this] { m_file.keep(); };
        co_return co_await land(m_core, std::move(arrival), std::move(committed));
    }

private:
    Core m_core;
    BucketRef m_bucket;
    UploadSpec m_spec;
    StagedFile m_file;
};

class FileDownload final : public Download {
public:
    FileDownload(Core core, ObjectMeta meta, std::shared_ptr<File> file)
        : m_core(std::move(core)), m_meta(std::move(meta)), m_file(std::move(file)) {}

    const ObjectMeta& meta() const noexcept override { return m_meta; }

    Task<Result<std::size_t>> read(std::uint64_t offset, std::span<char> into) override {
        auto work = [file = m_file, offset, into]() -> Result<std::size_t> {
            std::size_t count = 0;
            if (const auto error = file->readAt(offset, into, count); error != 0) {
                return fileError("read", error);
            }
            return count;
        };
        co_return co_await m_core->onDisk(std::move(work));
    }

private:
    Core m_core;
    ObjectMeta m_meta;
    std::shared_ptr<File> m_file;
};

class FileObjectStore final : public ObjectStore {
public:
    explicit FileObjectStore(Core core) : m_core(std::move(core)) {}

    Task<Result<api::Bucket>> createBucket(std::string account, std::string bucket) override;
    Task<Result<void>> deleteBucket(std::string account, std::string bucket) override;
    Task<Result<std::vector<api::Bucket>>> listBuckets(std::string account) override;
    Task<Result<api::Bucket>> bucket(std::string account, std::string bucket) override;

    Task<Result<std::unique_ptr<Upload>>> upload(UploadSpec spec) override;
    Task<Result<std::unique_ptr<Download>>> open(std::string account, std::string bucket, std::string key) override;
    Task<Result<ObjectMeta>> head(std::string account, std::string bucket, std::string key) override;
    Task<Result<void>> remove(std::string account, std::string bucket, std::string key, Actor actor) override;
    Task<Result<void>> removeAll(std::string account, std::string bucket, std::vector<std::string> keys,
                                 Actor actor) override;
    Task<Result<Listing>> list(std::string account, std::string bucket, ListQuery query) override;

    Task<Result<std::string>> beginMultipart(UploadSpec spec) override {
        return objects::beginMultipart(m_core, std::move(spec));
    }
    Task<Result<std::unique_ptr<Upload>>> uploadPart(UploadSpec spec, std::string uploadId, int number) override {
        return objects::uploadPart(m_core, std::move(spec), std::move(uploadId), number);
    }
    Task<Result<ObjectMeta>> endMultipart(MultipartEnd end) override {
        return objects::endMultipart(m_core, std::move(end));
    }
    Task<Result<void>> abortMultipart(std::string account, std::string bucket, std::string key,
                                      std::string uploadId) override {
        return objects::abortMultipart(m_core, std::move(account), std::move(bucket), std::move(key),
                                       std::move(uploadId));
    }
    Task<Result<PartListing>> listParts(std::string account, std::string bucket, std::string key, std::string uploadId,
                                        int afterNumber, int limit) override {
        return objects::listParts(m_core, PartsOf{std::move(account), std::move(bucket), std::move(key),
                                                  std::move(uploadId), afterNumber, limit});
    }
    Task<Result<MultipartListing>> listMultipart(std::string account, std::string bucket,
                                                 MultipartQuery query) override {
        return objects::listMultipart(m_core, std::move(account), std::move(bucket), std::move(query));
    }

    Result<std::string> folder(std::string account, std::string bucket, std::string prefix) override {
        auto found = m_core->find(account, bucket);
        HANSHU_TRY(found);
        return m_core->folders->keepFolder(found->folder, prefix);
    }

private:
    Task<Result<std::optional<store::ObjectRow>>> row(BucketRef bucket, std::string key);
    Task<Result<void>> removeKeys(std::string account, std::string bucket, std::vector<std::string> keys, Actor actor,
                                  std::string eventName);

    Core m_core;
};

Failure objectNotFound(const std::string& bucket, const std::string& key) {
    return fail(Code::NotFound, "ObjectNotFound", {{"bucket", bucket}, {"key", key}});
}

Task<Result<api::Bucket>> FileObjectStore::createBucket(std::string account, std::string bucket) {
    if (!isBucketName(bucket)) {
        co_return fail(Code::InvalidArgument, "InvalidBucketName", {{"bucket", bucket}});
    }
    const auto guard = co_await m_core->bucketChanges.lock();
    if (m_core->find(account, bucket)) {
        co_return fail(Code::AlreadyExists, "BucketAlreadyExists", {{"bucket", bucket}});
    }
    store::BucketRow row;
    row.account = account;
    row.name = bucket;
    row.folder = randomHex(16);
    row.created = m_core->options.clock.now();
    auto core = m_core;
    auto make = [core, folder = row.folder] { return core->folders->makeBucket(folder); };
    auto made = co_await core->onDisk(std::move(make));
    if (!made) {
        co_return fail(std::move(made.error()));
    }
    store::Database::Write write = [row](store::Connection& connection) {
        return store::ObjectIndex(connection).insertBucket(row);
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        auto drop = [core, folder = row.folder] {
            core->folders->removeBucket(folder);
            return 0;
        };
        co_await core->onDisk(std::move(drop));
        co_return fail(std::move(written.error()));
    }
    auto load = [core] { return core->loadBuckets(); };
    auto loaded = co_await core->onDisk(std::move(load));
    if (!loaded) {
        co_return fail(std::move(loaded.error()));
    }
    co_return bucketOf(row);
}

Task<Result<void>> FileObjectStore::deleteBucket(std::string account, std::string bucket) {
    const auto guard = co_await m_core->bucketChanges.lock();
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    auto core = m_core;
    auto versions = std::make_shared<std::vector<std::string>>();
    store::Database::Write write = [id = found->id, versions](store::Connection& connection) -> Result<void> {
        auto removed = store::ObjectIndex(connection).removeBucket(id);
        HANSHU_TRY(removed);
        *versions = std::move(*removed);
        return {};
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        co_return named(std::move(written.error()), bucket);
    }
    auto drop = [core, versions, folder = found->folder] {
        core->folders->removeBucket(folder);
        for (const auto& version : *versions) {
            core->folders->removeIncoming(version);
        }
        return core->loadBuckets();
    };
    co_return co_await core->onDisk(std::move(drop));
}

Task<Result<std::vector<api::Bucket>>> FileObjectStore::listBuckets(std::string account) {
    std::function<Result<std::vector<api::Bucket>>(store::Connection&)> work =
        [account](store::Connection& connection) -> Result<std::vector<api::Bucket>> {
        auto rows = store::ObjectIndex(connection).buckets();
        HANSHU_TRY(rows);
        std::vector<api::Bucket> buckets;
        for (const auto& row : *rows) {
            if (row.account == account) {
                buckets.push_back(bucketOf(row));
            }
        }
        return buckets;
    };
    co_return co_await m_core->options.database.read<std::vector<api::Bucket>>(std::move(work));
}

Task<Result<api::Bucket>> FileObjectStore::bucket(std::string account, std::string bucket) {
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    std::function<Result<api::Bucket>(store::Connection&)> work =
        [id = found->id, bucket](store::Connection& connection) -> Result<api::Bucket> {
        auto row = store::ObjectIndex(connection).bucket(id);
        HANSHU_TRY(row);
        if (!*row) {
            return fail(Code::NotFound, "BucketNotFound", {{"bucket", bucket}});
        }
        return bucketOf(**row);
    };
    co_return co_await m_core->options.database.read<api::Bucket>(std::move(work));
}

Task<Result<std::unique_ptr<Upload>>> FileObjectStore::upload(UploadSpec spec) {
    auto fits = checkKey(spec.key);
    if (!fits) {
        co_return fail(std::move(fits.error()));
    }
    auto found = m_core->find(spec.account, spec.bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return std::unique_ptr<Upload>(std::make_unique<FileUpload>(m_core, std::move(*found), std::move(spec)));
}

Task<Result<std::optional<store::ObjectRow>>> FileObjectStore::row(BucketRef bucket, std::string key) {
    std::function<Result<std::optional<store::ObjectRow>>(store::Connection&)> work =
        [id = bucket.id, key](store::Connection& connection) { return store::ObjectIndex(connection).find(id, key); };
    co_return co_await m_core->options.database.read<std::optional<store::ObjectRow>>(std::move(work));
}

Task<Result<std::unique_ptr<Download>>> FileObjectStore::open(std::string account, std::string bucket,
                                                              std::string key) {
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    // Between the commit of a new version and its arrival at the natural path nobody may look.
    const auto guard = co_await m_core->locks.lock(lockName(*found, key));
    // The place can change once more under the lock, when the settler moves it on.
    constexpr int kLooks = 3;
    Errno error = 0;
    for (int look = 0; look < kLooks; ++look) {
        auto object = co_await row(*found, key);
        if (!object) {
            co_return fail(std::move(object.error()));
        }
        if (!*object) {
            co_return objectNotFound(bucket, key);
        }
        auto file = std::make_shared<std::unique_ptr<File>>();
        auto work = [core = m_core, file, path = m_core->folders->path(found->folder, **object)] {
            return core->folders->files().open(path, OpenMode::Read, *file);
        };
        error = co_await m_core->onDisk(std::move(work));
        if (error == 0) {
            co_return std::unique_ptr<Download>(
                std::make_unique<FileDownload>(m_core, metaOf(**object), std::shared_ptr<File>(std::move(*file))));
        }
        if (error != ENOENT) {
            break;
        }
    }
    log::error("objects", "the file of an object in bucket folder {} can't be opened: errno {}", found->folder, error);
    co_return fail(Code::DataLoss, "ObjectDamaged", {{"bucket", bucket}, {"key", key}});
}

Task<Result<ObjectMeta>> FileObjectStore::head(std::string account, std::string bucket, std::string key) {
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    auto object = co_await row(*found, key);
    if (!object) {
        co_return fail(std::move(object.error()));
    }
    if (!*object) {
        co_return objectNotFound(bucket, key);
    }
    co_return metaOf(**object);
}

Task<Result<void>> FileObjectStore::remove(std::string account, std::string bucket, std::string key, Actor actor) {
    std::vector<std::string> keys;
    keys.push_back(std::move(key));
    return removeKeys(std::move(account), std::move(bucket), std::move(keys), std::move(actor),
                      "ObjectRemoved:DeleteObject");
}

Task<Result<void>> FileObjectStore::removeAll(std::string account, std::string bucket, std::vector<std::string> keys,
                                              Actor actor) {
    return removeKeys(std::move(account), std::move(bucket), std::move(keys), std::move(actor),
                      "ObjectRemoved:DeleteObjects");
}

struct Removal {
    std::vector<store::ObjectRow> rows;
    std::vector<store::Event> events;
};

Task<Result<void>> FileObjectStore::removeKeys(std::string account, std::string bucket, std::vector<std::string> keys,
                                               Actor actor, std::string eventName) {
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    // In order, so that two such calls can't wait for each other.
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::vector<KeyLocks::Guard> guards;
    for (const auto& key : keys) {
        guards.push_back(co_await m_core->locks.lock(lockName(*found, key)));
    }
    auto core = m_core;
    std::function<Result<std::vector<store::ObjectRow>>(store::Connection&)> look =
        [keys, id = found->id](store::Connection& connection) -> Result<std::vector<store::ObjectRow>> {
        std::vector<store::ObjectRow> rows;
        store::ObjectIndex index(connection);
        for (const auto& key : keys) {
            auto object = index.find(id, key);
            HANSHU_TRY(object);
            if (*object) {
                rows.push_back(std::move(**object));
            }
        }
        return rows;
    };
    auto rows = co_await core->options.database.read<std::vector<store::ObjectRow>>(std::move(look));
    if (!rows) {
        co_return fail(std::move(rows.error()));
    }
    if (rows->empty()) {
        co_return Result<void>();
    }
    auto removal = std::make_shared<Removal>();
    removal->rows = std::move(*rows);
    for (const auto& object : removal->rows) {
        if (!core->options.onChange) {
            break;
        }
        auto events = core->options.onChange(
            Change{account, bucket, object.key, eventName, static_cast<std::uint64_t>(object.size), object.etag,
                   core->options.clock.now(), actor.requestId, actor.remoteAddress, actor.principal});
        std::move(events.begin(), events.end(), std::back_inserter(removal->events));
    }
    store::Database::Write write = [core, removal](store::Connection& connection) -> Result<void> {
        store::ObjectIndex index(connection);
        for (const auto& object : removal->rows) {
            HANSHU_TRY(index.erase(object.bucket, object.key));
        }
        if (!removal->events.empty()) {
            HANSHU_TRY(core->options.queue.appendWithin(connection, removal->events));
        }
        return {};
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        co_return fail(std::move(written.error()));
    }
    auto drop = [core, removal, folder = found->folder] {
        for (const auto& object : removal->rows) {
            core->folders->removeNatural(folder, object.key);
            if (object.place == store::Place::Escaped) {
                core->folders->removeEscaped(folder, object.version);
            } else if (object.place == store::Place::Incoming) {
                core->folders->removeIncoming(object.version);
            }
            core->settler.add({Unsettled::What::Removed, object.bucket, folder, object.key, object.version});
        }
        return 0;
    };
    co_await core->onDisk(std::move(drop));
    if (!removal->events.empty()) {
        core->options.queue.appended();
    }
    co_return Result<void>();
}

Task<Result<Listing>> FileObjectStore::list(std::string account, std::string bucket, ListQuery query) {
    auto found = m_core->find(account, bucket);
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    std::function<Result<Listing>(store::Connection&)> work = [id = found->id, query](store::Connection& connection) {
        return listObjects(connection, id, query);
    };
    co_return co_await m_core->options.database.read<Listing>(std::move(work));
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> makeObjectStore(FileObjectStoreOptions options) {
    auto core = std::make_shared<StoreCore>(std::move(options));
    HANSHU_TRY(recover(*core));
    return std::unique_ptr<ObjectStore>(std::make_unique<FileObjectStore>(std::move(core)));
}

}  // namespace hanshu::objects
