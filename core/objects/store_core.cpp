// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/store_core.h"

#include "base/encoding.h"
#include "base/log.h"
#include "objects/natural_path.h"
#include "store/database.h"

#include <boost/json.hpp>

namespace hanshu::objects {

StoreCore::StoreCore(FileObjectStoreOptions given)
    : options(std::move(given)),
      folders(std::make_shared<ObjectFolders>(
          options.files != nullptr ? *options.files : hostFileOps(FileReaders::Everyone), options.root.string())),
      settler(*folders, options.database, options.disk),
      buckets(std::make_shared<const BucketMap>()) {}

Result<BucketRef> StoreCore::find(const std::string& account, const std::string& bucket) const {
    const auto map = buckets.load();
    const auto found = map->find({account, bucket});
    if (found == map->end()) {
        return fail(Code::NotFound, "BucketNotFound", {{"bucket", bucket}});
    }
    return found->second;
}

Result<void> StoreCore::loadBuckets() {
    auto rows = options.database.readAndWait<std::vector<store::BucketRow>>(
        [](store::Connection& connection) { return store::ObjectIndex(connection).buckets(); });
    HANSHU_TRY(rows);
    auto map = std::make_shared<BucketMap>();
    for (auto& row : *rows) {
        map->emplace(std::pair{std::move(row.account), std::move(row.name)}, BucketRef{row.id, std::move(row.folder)});
    }
    buckets.store(std::move(map));
    return {};
}

std::string lockName(const BucketRef& bucket, std::string_view key) {
    return fmt::format("{}/{}", bucket.id, key);
}

std::string metadataJson(const std::map<std::string, std::string>& metadata) {
    boost::json::object object;
    for (const auto& [name, value] : metadata) {
        object.emplace(name, value);
    }
    return boost::json::serialize(object);
}

ObjectMeta metaOf(const store::ObjectRow& row) {
    ObjectMeta meta{row.key, static_cast<std::uint64_t>(row.size), row.etag, row.modified, row.contentType, {}};
    boost::system::error_code error;
    const auto value = boost::json::parse(row.metadata, error);
    if (!error && value.is_object()) {
        for (const auto& member : value.get_object()) {
            if (member.value().is_string()) {
                meta.metadata.emplace(std::string(member.key()), std::string(member.value().get_string()));
            }
        }
    }
    return meta;
}

Failure named(Error error, const std::string& bucket, const std::string& key) {
    if (error.params.empty() && (error.reason.starts_with("Bucket") || error.reason == "UploadNotFound")) {
        error.params.emplace_back("bucket", bucket);
    } else if (error.params.empty() && (error.reason == "ObjectNotFound" || error.reason == "PreconditionFailed")) {
        error.params = {{"bucket", bucket}, {"key", key}};
    }
    return fail(std::move(error));
}

Result<void> checkKey(std::string_view key) {
    if (key.size() > kMaxKeyBytes) {
        return fail(Code::InvalidArgument, "KeyTooLong",
                    {{"limit", std::to_string(kMaxKeyBytes)}, {"size", std::to_string(key.size())}});
    }
    if (key.empty() || key.find('\0') != std::string_view::npos || !isUtf8(key)) {
        return fail(Code::InvalidArgument, "InvalidArgument", {{"argument", "key"}, {"value", std::string(key)}});
    }
    return {};
}

namespace {

Result<void> checkPrecondition(store::ObjectIndex index, const Arrival& arrival) {
    const auto& wanted = arrival.precondition;
    if (!wanted.mustBeAbsent && wanted.etag.empty()) {
        return {};
    }
    auto present = index.find(arrival.row.bucket, arrival.row.key);
    HANSHU_TRY(present);
    if (wanted.mustBeAbsent && *present) {
        return fail(Code::FailedPrecondition, "PreconditionFailed", {{"condition", "If-None-Match"}});
    }
    if (!wanted.etag.empty() && !*present) {
        return fail(Code::NotFound, "ObjectNotFound");
    }
    if (!wanted.etag.empty() && (*present)->etag != wanted.etag) {
        return fail(Code::FailedPrecondition, "PreconditionFailed", {{"condition", "If-Match"}});
    }
    return {};
}

// What a transaction works with and leaves behind; shared, because the closure runs on the writer's thread.
struct Landing {
    Arrival arrival;
    std::vector<store::Event> events;
    std::optional<store::ObjectRow> old;
};

Result<void> commitLanding(store::Connection& connection, store::EventQueue& queue, Landing& landing) {
    store::ObjectIndex index(connection);
    HANSHU_TRY(checkPrecondition(index, landing.arrival));
    if (landing.arrival.also) {
        HANSHU_TRY(landing.arrival.also(connection));
    }
    auto old = index.put(landing.arrival.row);
    HANSHU_TRY(old);
    landing.old = std::move(*old);
    if (!landing.events.empty()) {
        HANSHU_TRY(queue.appendWithin(connection, landing.events));
    }
    return {};
}

// A failure here costs nothing but the natural path: the object is committed, and readable where it arrived.
int placeLanded(StoreCore& core, const Landing& landing) {
    const auto& arrival = landing.arrival;
    auto& folders = *core.folders;
    auto place = folders.place(arrival.bucket.folder, arrival.row.key, arrival.row.version);
    if (place) {
        core.settler.add({Unsettled::What::Placed, arrival.bucket.id, arrival.bucket.folder, arrival.row.key,
                          arrival.row.version, *place});
    } else {
        log::error("objects", "a file stays in incoming: {}", place.error().describe());
        folders.removeNatural(arrival.bucket.folder, arrival.row.key);
    }
    if (landing.old && landing.old->place == store::Place::Escaped) {
        folders.removeEscaped(arrival.bucket.folder, landing.old->version);
    } else if (landing.old && landing.old->place == store::Place::Incoming) {
        folders.removeIncoming(landing.old->version);
    }
    return 0;
}

}  // namespace

Task<Result<ObjectMeta>> land(std::shared_ptr<StoreCore> core, Arrival arrival, std::function<void()> committed) {
    auto landing = std::make_shared<Landing>();
    landing->arrival = std::move(arrival);
    auto& row = landing->arrival.row;
    row.bucket = landing->arrival.bucket.id;
    row.place = store::Place::Incoming;
    const auto guard = co_await core->locks.lock(lockName(landing->arrival.bucket, row.key));
    // Under the lock, so that the times of a key's versions grow with them.
    row.modified = core->options.clock.now();
    if (core->options.onChange) {
        const auto& what = landing->arrival;
        landing->events = core->options.onChange(
            Change{what.account, what.bucketName, row.key, what.eventName, static_cast<std::uint64_t>(row.size),
                   row.etag, row.modified, what.actor.requestId, what.actor.remoteAddress, what.actor.principal});
    }
    store::Database::Write write = [core, landing](store::Connection& connection) {
        return commitLanding(connection, core->options.queue, *landing);
    };
    auto written = co_await core->options.database.write(std::move(write));
    if (!written) {
        co_return named(std::move(written.error()), landing->arrival.bucketName, row.key);
    }
    committed();
    auto place = [core, landing] { return placeLanded(*core, *landing); };
    co_await core->onDisk(std::move(place));
    if (!landing->events.empty()) {
        core->options.queue.appended();
    }
    co_return metaOf(row);
}

}  // namespace hanshu::objects
