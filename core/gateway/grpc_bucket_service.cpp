// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/time_format.h"
#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "objects/object_store.h"
#include "objects/user_metadata.h"
#include "services.grpc.pb.h"

namespace hanshu::gateway {
namespace {

// A piece of an object, well under the limit of a message.
constexpr std::size_t kPiece = 512 * 1024;

api::Object objectOf(const objects::ObjectMeta& meta) {
    api::Object object;
    object.set_key(meta.key);
    object.set_size(static_cast<double>(meta.size));
    object.set_etag(meta.etag);
    object.set_last_modified(formatRfc3339Millis(meta.modified));
    object.set_content_type(meta.contentType);
    const auto named = objects::namedMetadata(meta.metadata);
    object.mutable_metadata()->insert(named.begin(), named.end());
    return object;
}

objects::Actor actorOf(const GrpcCall& call) {
    return {call.caller.principal, call.requestId.value, call.peer};
}

Task<Result<api::Bucket>> createBucket(GrpcCall call, api::NameRequest request) {
    co_return co_await call.rooms().objects.createBucket(call.account(), request.name());
}

Task<Result<api::ListBucketsOutput>> listBuckets(GrpcCall call, api::ListRequest request) {
    auto options = listOptions(request.prefix(), request.limit(), request.next_token());
    if (!options) {
        co_return fail(std::move(options.error()));
    }
    auto all = co_await call.rooms().objects.listBuckets(call.account());
    if (!all) {
        co_return fail(std::move(all.error()));
    }
    std::ranges::sort(*all, {}, &api::Bucket::bucket_name);
    api::ListBucketsOutput output;
    for (auto& bucket : *all) {
        if (!bucket.bucket_name().starts_with(options->prefix) || bucket.bucket_name() < options->startAt) {
            continue;
        }
        if (output.buckets_size() == options->limit) {
            output.set_next_token(bucket.bucket_name());
            break;
        }
        output.add_buckets()->Swap(&bucket);
    }
    co_return output;
}

Task<Result<api::Empty>> deleteBucket(GrpcCall call, api::NameRequest request) {
    auto done = co_await call.rooms().objects.deleteBucket(call.account(), request.name());
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return api::Empty();
}

Task<Result<api::ListObjectsOutput>> listObjects(GrpcCall call, api::ListObjectsRequest request) {
    auto limit = pageLimit(request.limit(), 100, 1000);
    if (!limit) {
        co_return fail(std::move(limit.error()));
    }
    objects::ListQuery query{request.prefix(), request.delimiter(), request.next_token(), *limit};
    auto listing = co_await call.rooms().objects.list(call.account(), request.bucket_name(), std::move(query));
    if (!listing) {
        co_return fail(std::move(listing.error()));
    }
    api::ListObjectsOutput output;
    for (const auto& meta : listing->objects) {
        *output.add_objects() = objectOf(meta);
    }
    for (auto& prefix : listing->commonPrefixes) {
        output.add_common_prefixes(std::move(prefix));
    }
    if (!listing->next.empty()) {
        output.set_next_token(std::move(listing->next));
    }
    co_return output;
}

Task<Result<api::Object>> putObject(GrpcCall call, ReadStream<api::PutObjectRequest>& stream) {
    api::PutObjectRequest piece;
    const bool begun = co_await stream.read(piece);
    if (!begun) {
        co_return invalidField("bucketName", "must be in the first message");
    }
    objects::UploadSpec spec;
    spec.account = call.account();
    spec.bucket = piece.bucket_name();
    spec.key = piece.key();
    spec.contentType = piece.content_type().empty() ? "application/octet-stream" : piece.content_type();
    const objects::Metadata named(piece.metadata().begin(), piece.metadata().end());
    auto kept = objects::keptMetadata(named);
    if (!kept) {
        co_return fail(std::move(kept.error()));
    }
    spec.metadata = std::move(*kept);
    HANSHU_CO_TRY(objects::checkKept(spec.metadata, spec.contentType));
    spec.actor = actorOf(call);
    auto upload = co_await call.rooms().objects.upload(std::move(spec));
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    while (true) {
        if (!piece.data().empty()) {
            auto written = co_await (*upload)->write(piece.data());
            if (!written) {
                co_return fail(std::move(written.error()));
            }
        }
        if (piece.last()) {
            break;
        }
        const bool more = co_await stream.read(piece);
        if (!more) {
            co_return fail(Code::Cancelled, "ClientClosedRequest");
        }
    }
    auto meta = co_await (*upload)->commit();
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    co_return objectOf(*meta);
}

Task<Result<void>> getObject(GrpcCall call, api::ObjectRequest request, WriteStream<api::ObjectChunk>& stream) {
    auto download = co_await call.rooms().objects.open(call.account(), request.bucket_name(), request.key());
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    api::ObjectChunk chunk;
    *chunk.mutable_object() = objectOf((*download)->meta());
    bool more = co_await stream.write(chunk);
    chunk.clear_object();
    std::uint64_t offset = 0;
    while (more) {
        auto& data = *chunk.mutable_data();
        data.resize(kPiece);
        auto count = co_await (*download)->read(offset, data);
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            if (offset != (*download)->meta().size) {
                co_return internalError(fmt::format("object '{}' is shorter than its record says", request.key()));
            }
            break;
        }
        data.resize(*count);
        offset += *count;
        more = co_await stream.write(chunk);
    }
    co_return Result<void>{};
}

Task<Result<api::Empty>> deleteObject(GrpcCall call, api::ObjectRequest request) {
    auto done =
        co_await call.rooms().objects.remove(call.account(), request.bucket_name(), request.key(), actorOf(call));
    if (!done) {
        co_return fail(std::move(done.error()));
    }
    co_return api::Empty();
}

class Service final : public api::BucketService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::BucketService::service_full_name()) {}

    grpc::ServerUnaryReactor* CreateBucket(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                           api::Bucket* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, createBucket);
    }
    grpc::ServerUnaryReactor* ListBuckets(grpc::CallbackServerContext* context, const api::ListRequest* request,
                                          api::ListBucketsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, listBuckets);
    }
    grpc::ServerUnaryReactor* DeleteBucket(grpc::CallbackServerContext* context, const api::NameRequest* request,
                                           api::Empty* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, deleteBucket);
    }
    grpc::ServerUnaryReactor* ListObjects(grpc::CallbackServerContext* context, const api::ListObjectsRequest* request,
                                          api::ListObjectsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, listObjects);
    }
    grpc::ServerReadReactor<api::PutObjectRequest>* PutObject(grpc::CallbackServerContext* context,
                                                              api::Object* reply) override {
        return clientStream(m_door.enter(context, __func__), reply, putObject);
    }
    grpc::ServerWriteReactor<api::ObjectChunk>* GetObject(grpc::CallbackServerContext* context,
                                                          const api::ObjectRequest* request) override {
        return serverStream(m_door.enter(context, __func__), request, getObject);
    }
    grpc::ServerUnaryReactor* DeleteObject(grpc::CallbackServerContext* context, const api::ObjectRequest* request,
                                           api::Empty* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, deleteObject);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcBucketService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
