// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/file_multipart.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "objects/bucket_listing.h"
#include "objects/staged_file.h"
#include "objects/store_core.h"
#include "store/database.h"

namespace hanshu::objects {
namespace {

using Core = std::shared_ptr<StoreCore>;

constexpr int kMaxParts = 10'000;                          // S3's limit
constexpr std::int64_t kMinPartBytes = 5LL * 1024 * 1024;  // S3's limit, of all parts but the last

// An upload with its parts, as the transaction that reads it sees it.
struct Known {
    store::MultipartRow upload;
    std::vector<store::PartRow> parts;
};

Failure uploadNotFound(const std::string& id) {
    return fail(Code::NotFound, "UploadNotFound", {{"uploadId", id}});
}

Result<Known> readKnown(store::Connection& connection, std::int64_t bucket, const std::string& key,
                        const std::string& id, int afterNumber, int limit) {
    store::ObjectIndex index(connection);
    auto upload = index.multipart(bucket, id);
    HANSHU_TRY(upload);
    if (!*upload || (*upload)->key != key) {
        return uploadNotFound(id);
    }
    auto parts = index.parts(id, afterNumber, limit);
    HANSHU_TRY(parts);
    return Known{std::move(**upload), std::move(*parts)};
}

Task<Result<Known>> known(Core core, BucketRef bucket, PartsOf what) {
    std::function<Result<Known>(store::Connection&)> work = [id = bucket.id, what](store::Connection& connection) {
        return readKnown(connection, id, what.key, what.uploadId, what.afterNumber, what.limit);
    };
    co_return co_await core->options.database.read<Known>(std::move(work));
}

class PartUpload final : public Upload {
public:
    PartUpload(Core core, BucketRef bucket, UploadSpec spec, std::string uploadId, int number)
        : m_core(std::move(core)),
          m_bucket(std::move(bucket)),
          m_uploadId(std::move(uploadId)),
          m_number(number),
          m_file(m_core->folders, m_core->options.disk, {spec.wantSha256, spec.checksum}) {}

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
        auto core = m_core;
        const store::PartRow part{m_number, m_file.version(), static_cast<std::int64_t>(m_file.size()),
                                  toHex(m_file.md5()), core->options.clock.now()};
        auto old = std::make_shared<std::string>();
        store::Database::Write write = [bucket = m_bucket.id, id = m_uploadId, part,
                                        old](store::Connection& connection) -> Result<void> {
            auto replaced = store::ObjectIndex(connection).putPart(bucket, id, part);
            HANSHU_TRY(replaced);
            *old = std::move(*replaced);
            return {};
        };
        auto written = co_await core->options.database.write(std::move(write));
        if (!written) {
            co_return fail(std::move(written.error()));
        }
        m_file.keep();
        if (!old->empty()) {
            auto drop = [core, old] {
                core->folders->removeIncoming(*old);
                return 0;
            };
            co_await core->onDisk(std::move(drop));
        }
        ObjectMeta stored{{}, m_file.size(), part.etag, part.modified, {}, {}};
        co_return stored;
    }

private:
    Core m_core;
    BucketRef m_bucket;
    std::string m_uploadId;
    int m_number;
    StagedFile m_file;
};

// The rows of the parts that the client lists, in its order.
Result<std::vector<store::PartRow>> choose(const std::vector<store::PartRow>& present, const MultipartEnd& end) {
    std::vector<store::PartRow> chosen;
    int previous = 0;
    for (const auto& [number, etag] : end.parts) {
        if (number <= previous) {
            return fail(Code::InvalidArgument, "InvalidPartOrder", {{"part", std::to_string(number)}});
        }
        previous = number;
        const auto part = std::lower_bound(present.begin(), present.end(), number,
                                           [](const store::PartRow& row, int wanted) { return row.number < wanted; });
        if (part == present.end() || part->number != number || part->etag != etag) {
            return fail(Code::InvalidArgument, "InvalidPart", {{"part", std::to_string(number)}});
        }
        chosen.push_back(*part);
    }
    if (chosen.empty()) {
        return fail(Code::InvalidArgument, "InvalidPart", {{"part", "none"}});
    }
    for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
        if (chosen[i].size < kMinPartBytes) {
            return fail(Code::InvalidArgument, "PartTooSmall",
                        {{"part", std::to_string(chosen[i].number)},
                         {"size", std::to_string(chosen[i].size)},
                         {"minimum", std::to_string(kMinPartBytes)}});
        }
    }
    return chosen;
}

// The new file that parts are strung together in; removed unless it is kept.
struct Strung {
    std::shared_ptr<ObjectFolders> folders;
    std::string version = randomHex(16);
    std::unique_ptr<File> file;
    bool kept = false;

    explicit Strung(std::shared_ptr<ObjectFolders> given) : folders(std::move(given)) {}
    ~Strung() {
        if (file && !kept) {
            file.reset();
            folders->removeIncoming(version);
        }
    }

    Result<void> append(const std::string& part) {
        auto& files = folders->files();
        if (!file) {
            if (const auto error = files.create(folders->incoming(version), file); error != 0) {
                return fileError("create " + version, error);
            }
        }
        std::unique_ptr<File> source;
        if (const auto error = files.open(folders->incoming(part), OpenMode::Read, source); error != 0) {
            // The upload was ended or aborted by somebody else meanwhile.
            return error == ENOENT ? fail(Code::NotFound, "UploadNotFound") : fileError("open " + part, error);
        }
        if (const auto error = file->appendFile(*source); error != 0) {
            return fileError("append to " + version, error);
        }
        return {};
    }

    Result<void> seal() {
        if (const auto error = file->sync(); error != 0) {
            return fileError("fsync " + version, error);
        }
        if (const auto error = folders->files().syncDirectory(folders->incomingFolder()); error != 0) {
            return fileError("fsync incoming", error);
        }
        return {};
    }
};

// S3's rule: the MD5 of the parts' MD5s, and their number.
std::string etagOf(const std::vector<store::PartRow>& parts) {
    std::string digests;
    for (const auto& part : parts) {
        digests += fromHex(part.etag).value_or(std::string{});
    }
    return fmt::format("{}-{}", toHex(md5(digests)), parts.size());
}

Task<Result<void>> string(Core core, std::shared_ptr<Strung> target, std::vector<store::PartRow> parts) {
    // One hop a part, so that others get their turn on the disk threads.
    for (const auto& part : parts) {
        auto append = [target, version = part.version] { return target->append(version); };
        auto appended = co_await core->onDisk(std::move(append));
        if (!appended) {
            co_return fail(std::move(appended.error()));
        }
    }
    auto seal = [target] { return target->seal(); };
    co_return co_await core->onDisk(std::move(seal));
}

// The object, when it was this upload that made it: a client repeats the call when the answer got lost.
Task<Result<ObjectMeta>> endedBefore(Core core, BucketRef bucket, MultipartEnd end) {
    std::function<Result<ObjectMeta>(store::Connection&)> work =
        [id = bucket.id, end](store::Connection& connection) -> Result<ObjectMeta> {
        auto object = store::ObjectIndex(connection).find(id, end.key);
        HANSHU_TRY(object);
        if (!*object || (*object)->upload != end.uploadId) {
            return uploadNotFound(end.uploadId);
        }
        return metaOf(**object);
    };
    co_return co_await core->options.database.read<ObjectMeta>(std::move(work));
}

Arrival arrivalOf(const BucketRef& bucket, const MultipartEnd& end, const store::MultipartRow& upload) {
    Arrival arrival;
    arrival.bucket = bucket;
    arrival.row.key = end.key;
    arrival.row.contentType = upload.contentType;
    arrival.row.metadata = upload.metadata;
    arrival.row.upload = end.uploadId;
    arrival.precondition = end.precondition;
    arrival.account = end.account;
    arrival.bucketName = end.bucket;
    arrival.eventName = "ObjectCreated:CompleteMultipartUpload";
    arrival.actor = end.actor;
    arrival.also = [id = bucket.id, uploadId = end.uploadId](store::Connection& connection) -> Result<void> {
        auto removed = store::ObjectIndex(connection).removeMultipart(id, uploadId);
        HANSHU_TRY(removed);
        if (!*removed) {
            return uploadNotFound(uploadId);
        }
        return {};
    };
    return arrival;
}

Task<void> dropParts(Core core, std::vector<store::PartRow> parts) {
    auto drop = [core, parts = std::move(parts)] {
        for (const auto& part : parts) {
            core->folders->removeIncoming(part.version);
        }
        return 0;
    };
    co_await core->onDisk(std::move(drop));
}

}  // namespace

Task<Result<std::string>> beginMultipart(Core core, UploadSpec spec) {
    auto fits = checkKey(spec.key);
    if (!fits) {
        co_return fail(std::move(fits.error()));
    }
    auto bucket = core->find(spec.account, spec.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    store::MultipartRow row;
    row.id = randomToken(48);
    row.bucket = bucket->id;
    row.key = spec.key;
    row.started = core->options.clock.now();
    row.principal = spec.actor.principal;
    row.contentType = spec.contentType;
    row.metadata = metadataJson(spec.metadata);
    store::Database::Write write = [row](store::Connection& connection) {
        return store::ObjectIndex(connection).insertMultipart(row);
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        co_return named(std::move(written.error()), spec.bucket);
    }
    co_return row.id;
}

Task<Result<std::unique_ptr<Upload>>> uploadPart(Core core, UploadSpec spec, std::string uploadId, int number) {
    if (number < 1 || number > kMaxParts) {
        co_return fail(Code::InvalidArgument, "InvalidArgument",
                       {{"argument", "partNumber"}, {"value", std::to_string(number)}});
    }
    auto bucket = core->find(spec.account, spec.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    PartsOf what{spec.account, spec.bucket, spec.key, uploadId, kMaxParts, 1};
    auto upload = co_await known(core, *bucket, std::move(what));
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    co_return std::unique_ptr<Upload>(std::make_unique<PartUpload>(std::move(core), std::move(*bucket), std::move(spec),
                                                                   std::move(uploadId), number));
}

Task<Result<ObjectMeta>> endMultipart(Core core, MultipartEnd end) {
    auto bucket = core->find(end.account, end.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    PartsOf what{end.account, end.bucket, end.key, end.uploadId, 0, kMaxParts};
    auto upload = co_await known(core, *bucket, std::move(what));
    if (!upload && upload.error().reason == "UploadNotFound") {
        co_return co_await endedBefore(core, *bucket, end);
    }
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    auto parts = choose(upload->parts, end);
    if (!parts) {
        co_return fail(std::move(parts.error()));
    }
    auto target = std::make_shared<Strung>(core->folders);
    auto strung = co_await string(core, target, *parts);
    if (!strung) {
        co_return named(std::move(strung.error()), end.bucket);
    }
    auto arrival = arrivalOf(*bucket, end, upload->upload);
    arrival.row.version = target->version;
    arrival.row.etag = etagOf(*parts);
    for (const auto& part : *parts) {
        arrival.row.size += part.size;
    }
    std::function<void()> committed = [target] { target->kept = true; };
    auto landed = co_await land(core, std::move(arrival), std::move(committed));
    if (landed) {
        co_await dropParts(core, std::move(upload->parts));
    }
    co_return landed;
}

Task<Result<void>> abortMultipart(Core core, std::string account, std::string bucketName, std::string key,
                                  std::string uploadId) {
    auto bucket = core->find(account, bucketName);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    auto parts = std::make_shared<std::vector<store::PartRow>>();
    store::Database::Write write = [id = bucket->id, key, uploadId,
                                    parts](store::Connection& connection) -> Result<void> {
        auto found = readKnown(connection, id, key, uploadId, 0, kMaxParts);
        HANSHU_TRY(found);
        *parts = std::move(found->parts);
        HANSHU_TRY(store::ObjectIndex(connection).removeMultipart(id, uploadId));
        return {};
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        co_return fail(std::move(written.error()));
    }
    co_await dropParts(core, std::move(*parts));
    co_return Result<void>();
}

Task<Result<PartListing>> listParts(Core core, PartsOf what) {
    auto bucket = core->find(what.account, what.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    const auto limit = static_cast<std::size_t>(std::max(what.limit, 0));
    auto oneMore = what;
    ++oneMore.limit;
    auto found = co_await known(core, *bucket, std::move(oneMore));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    auto& upload = found->upload;
    PartListing listing{{upload.id, upload.key, upload.principal, upload.started}, {}, found->parts.size() > limit};
    found->parts.resize(std::min(found->parts.size(), limit));
    for (auto& part : found->parts) {
        listing.parts.push_back({part.number, static_cast<std::uint64_t>(part.size), part.etag, part.modified});
    }
    co_return listing;
}

namespace {

Result<MultipartListing> readMultiparts(store::Connection& connection, std::int64_t bucket,
                                        const MultipartQuery& query) {
    constexpr int kRows = 1000;
    MultipartListing listing;
    store::ObjectIndex index(connection);
    auto key = query.afterKey;
    // Without an id every upload of the key counts as seen; ids are shorter than that.
    auto id = query.afterId.empty() && !key.empty() ? std::string("\x7f") : query.afterId;
    int count = 0;
    for (;;) {
        auto rows = index.multiparts(bucket, query.prefix, key, id, kRows);
        HANSHU_TRY(rows);
        for (auto& row : *rows) {
            key = row.key;
            id = row.id;
            const std::string rolled(commonPrefix(row.key, query.prefix, query.delimiter));
            const bool seen =
                !rolled.empty() && !listing.commonPrefixes.empty() && listing.commonPrefixes.back() == rolled;
            if (count == query.limit && !seen) {
                listing.more = true;
                return listing;
            }
            listing.nextKey = row.key;
            listing.nextId = row.id;
            if (seen) {
                continue;
            }
            ++count;
            if (rolled.empty()) {
                listing.uploads.push_back({row.id, row.key, row.principal, row.started});
            } else {
                listing.commonPrefixes.push_back(rolled);
            }
        }
        if (rows->size() < static_cast<std::size_t>(kRows)) {
            return listing;
        }
    }
}

}  // namespace

Task<Result<MultipartListing>> listMultipart(Core core, std::string account, std::string bucketName,
                                             MultipartQuery query) {
    auto bucket = core->find(account, bucketName);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    std::function<Result<MultipartListing>(store::Connection&)> work =
        [id = bucket->id, query](store::Connection& connection) { return readMultiparts(connection, id, query); };
    co_return co_await core->options.database.read<MultipartListing>(std::move(work));
}

}  // namespace hanshu::objects
