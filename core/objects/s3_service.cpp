// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_service.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "base/log.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"

#include <array>

namespace hanshu::objects {
namespace {

// The path style: /bucket/key, percent-encoded.
Result<void> readPath(S3Call& call) {
    std::string_view path = call.exchange.request.path;
    if (path.starts_with('/')) {
        path.remove_prefix(1);
    }
    const auto slash = path.find('/');
    auto bucket = percentDecode(path.substr(0, slash));
    auto key = percentDecode(slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1));
    if (!bucket || !key || (bucket->empty() && !key->empty())) {
        return s3Fail("InvalidURI");
    }
    call.bucket = std::move(*bucket);
    call.key = std::move(*key);
    return {};
}

// The session, or why there is none. A pre-signed request that came too late is refused in other words.
Result<access::SigV4Session> sessionOf(const S3Call& call) {
    auto session = access::verifySigV4(call.exchange.request, call.rooms.keyring, call.rooms.clock);
    if (!session && session.error().reason == "RequestExpired" && call.has("X-Amz-Signature")) {
        return fail(Code::PermissionDenied, "AccessDenied", {{"decision", "RequestExpired"}});
    }
    return session;
}

Result<void> checkDoor(const S3Call& call, const std::optional<S3Service::Door>& door) {
    const auto& caller = call.session.caller;
    if (!door || (caller.kind == access::Caller::Kind::Role && caller.account == door->account &&
                  caller.sessionFunction == door->function)) {
        return {};
    }
    const auto resource = arnOf(call, call.bucket, call.key);
    tellDenied(call.rooms, caller, call.exchange.request.method, resource, "ForeignCredentials");
    return fail(Code::PermissionDenied, "AccessDenied", {{"decision", "ForeignCredentials"}});
}

Result<void> checkExpectedOwner(const S3Call& call) {
    const auto owner = call.headers().get("x-amz-expected-bucket-owner");
    if (!owner.empty() && owner != call.account()) {
        return fail(Code::PermissionDenied, "AccessDenied", {{"decision", "ExpectedBucketOwner"}});
    }
    return {};
}

Operation refused(std::string_view code) {
    co_return s3Fail(code);
}

// The query parameter that makes a request one about a setting rather than about the thing itself; empty: none.
std::string_view settingOf(const S3Call& call) {
    constexpr std::array<std::string_view, 32> kSettings{"accelerate",
                                                         "acl",
                                                         "analytics",
                                                         "cors",
                                                         "encryption",
                                                         "intelligent-tiering",
                                                         "inventory",
                                                         "legal-hold",
                                                         "lifecycle",
                                                         "location",
                                                         "logging",
                                                         "metrics",
                                                         "notification",
                                                         "object-lock",
                                                         "ownershipControls",
                                                         "policy",
                                                         "policyStatus",
                                                         "publicAccessBlock",
                                                         "replication",
                                                         "requestPayment",
                                                         "retention",
                                                         "restore",
                                                         "select",
                                                         "tagging",
                                                         "torrent",
                                                         "versioning",
                                                         "versions",
                                                         "website",
                                                         "attributes",
                                                         "delete",
                                                         "uploads",
                                                         "append"};
    for (const auto setting : kSettings) {
        if (call.has(setting)) {
            return setting;
        }
    }
    return {};
}

Operation onService(S3Call& call) {
    return call.exchange.request.method == "GET" ? listBuckets(call) : refused("MethodNotAllowed");
}

Operation onBucketSetting(S3Call& call, std::string_view setting) {
    const auto& method = call.exchange.request.method;
    if (method == "GET" && setting == "location") {
        return getLocation(call);
    }
    if (method == "GET" && setting == "uploads") {
        return listMultipart(call);
    }
    if (method == "POST" && setting == "delete") {
        return deleteObjects(call);
    }
    if (setting == "acl") {
        return method == "GET"   ? getBucketAcl(call)
               : method == "PUT" ? putBucketAcl(call)
                                 : refused("MethodNotAllowed");
    }
    return method == "GET" ? getBucketSetting(call, setting) : refused("NotImplemented");
}

Operation onBucket(S3Call& call) {
    const auto& method = call.exchange.request.method;
    if (const auto setting = settingOf(call); !setting.empty()) {
        return onBucketSetting(call, setting);
    }
    if (method == "GET") {
        const auto type = call.parameter("list-type");
        return type == "2" ? listObjectsV2(call) : type.empty() ? listObjectsV1(call) : refused("InvalidArgument");
    }
    if (method == "HEAD") {
        return headBucket(call);
    }
    if (method == "PUT") {
        return createBucket(call);
    }
    if (method == "DELETE") {
        return deleteBucket(call);
    }
    return refused(method == "POST" ? "NotImplemented" : "MethodNotAllowed");
}

Operation onUpload(S3Call& call) {
    const auto& method = call.exchange.request.method;
    if (method == "GET") {
        return listParts(call);
    }
    if (method == "PUT") {
        return call.headers().has("x-amz-copy-source") ? copyPart(call) : putPart(call);
    }
    if (method == "POST") {
        return endMultipart(call);
    }
    return method == "DELETE" ? abortMultipart(call) : refused("MethodNotAllowed");
}

Operation onObject(S3Call& call) {
    const auto& method = call.exchange.request.method;
    if (call.has("uploadId")) {
        return onUpload(call);
    }
    if (const auto setting = settingOf(call); !setting.empty()) {
        if (setting == "uploads" && method == "POST") {
            return beginMultipart(call);
        }
        if (setting == "acl" && (method == "GET" || method == "PUT")) {
            return method == "GET" ? getObjectAcl(call) : putObjectAcl(call);
        }
        return setting == "tagging" && method == "GET" ? getObjectTags(call) : refused("NotImplemented");
    }
    if (method == "GET") {
        return getObject(call);
    }
    if (method == "HEAD") {
        return headObject(call);
    }
    if (method == "PUT") {
        return call.headers().has("x-amz-copy-source") ? copyObject(call) : putObject(call);
    }
    return method == "DELETE" ? deleteObject(call) : refused("MethodNotAllowed");
}

Operation answer(S3Call& call, std::optional<S3Service::Door> door) {
    HANSHU_CO_TRY(readPath(call));
    auto session = sessionOf(call);
    if (!session) {
        co_return fail(std::move(session.error()));
    }
    call.session = std::move(*session);
    HANSHU_CO_TRY(checkDoor(call, door));
    HANSHU_CO_TRY(checkExpectedOwner(call));
    if (call.bucket.empty()) {
        co_return co_await onService(call);
    }
    if (call.key.empty()) {
        co_return co_await onBucket(call);
    }
    co_return co_await onObject(call);
}

}  // namespace

S3Service::S3Service(Rooms rooms) : m_rooms(std::move(rooms)) {}

S3Service::~S3Service() = default;

Task<void> S3Service::handle(http::Exchange& exchange, std::optional<Door> door) {
    S3Call call{exchange, m_rooms, {}, newRequestId().value, {}, {}, {}};
    for (auto& [name, value] : exchange.request.queryPairs()) {
        call.query.emplace(std::move(name), std::move(value));
    }
    auto answered = co_await answer(call, std::move(door));
    if (answered) {
        co_return;
    }
    if (!exchange.reply.begun()) {
        co_await call.sendError(std::move(answered.error()));
    } else if (answered.error().code != Code::Cancelled) {
        log::warning("objects", "an answer broke off: {}", answered.error().describe());
    }
}

}  // namespace hanshu::objects
