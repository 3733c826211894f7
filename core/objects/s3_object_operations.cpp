// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "base/time_format.h"
#include "objects/natural_path.h"
#include "objects/s3_body.h"
#include "objects/s3_conditions.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"
#include "objects/s3_xml.h"
#include "objects/user_metadata.h"

#include <fmt/format.h>
#include <array>

namespace hanshu::objects {
namespace {

constexpr std::string_view kDefaultType = "binary/octet-stream";  // S3's
constexpr std::size_t kPiece = 256U << 10U;                       // memory of a download
constexpr std::size_t kMaxDeleteDocument = 2U << 20U;             // 1000 keys of 1024 bytes, escaped

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return out;
}

// aws-chunked is how the body travelled, not what the object is.
std::string withoutAwsChunked(std::string_view encodings) {
    std::string kept;
    while (!encodings.empty()) {
        const auto comma = encodings.find(',');
        auto one = encodings.substr(0, comma);
        encodings.remove_prefix(comma == std::string_view::npos ? encodings.size() : comma + 1);
        while (one.starts_with(' ')) {
            one.remove_prefix(1);
        }
        if (!http::equalsIgnoringCase(one, "aws-chunked") && !one.empty()) {
            kept += fmt::format("{}{}", kept.empty() ? "" : ", ", one);
        }
    }
    return kept;
}

Result<void> refuseUnkept(const S3Call& call) {
    constexpr std::array<std::string_view, 6> kUnkept{"x-amz-server-side-encryption",
                                                      "x-amz-server-side-encryption-customer-algorithm",
                                                      "x-amz-tagging",
                                                      "x-amz-website-redirect-location",
                                                      "x-amz-object-lock-mode",
                                                      "x-amz-object-lock-legal-hold"};
    for (const auto name : kUnkept) {
        if (!call.headers().get(name).empty()) {
            return s3Fail("NotImplemented", {{"header", std::string(name)}});
        }
    }
    const auto storageClass = call.headers().get("x-amz-storage-class");
    if (!storageClass.empty() && storageClass != "STANDARD") {
        return s3Fail("InvalidStorageClass");
    }
    return {};
}

void addMeta(http::Headers& headers, const ObjectMeta& meta, bool withChecksums) {
    headers.set("ETag", quotedEtag(meta.etag));
    headers.set("Last-Modified", formatHttpDate(meta.modified));
    headers.set("Accept-Ranges", "bytes");
    headers.set("Content-Type", meta.contentType.empty() ? std::string(kDefaultType) : meta.contentType);
    for (const auto& [name, value] : meta.metadata) {
        if (isKeptHeader(name) && (withChecksums || !name.starts_with("x-amz-checksum-"))) {
            headers.set(name, value);
        }
    }
}

// A signed request may choose some fields of its answer.
void overrideHeaders(const S3Call& call, http::Headers& headers) {
    constexpr std::array<std::string_view, 6> kNames{"Content-Type",  "Content-Language",    "Expires",
                                                     "Cache-Control", "Content-Disposition", "Content-Encoding"};
    for (const auto name : kNames) {
        const auto parameter = "response-" + lower(name);
        if (call.has(parameter)) {
            const auto value = call.parameter(parameter);
            if (isHeaderValue(value)) {
                headers.set(name, std::string(value));
            }
        }
    }
}

Result<void> checkVersion(std::string_view version) {
    return version.empty() || version == "null" ? Result<void>() : s3Fail("NoSuchVersion");
}

struct Reply {
    http::Headers headers;
    unsigned status = 200;
    ByteRange range;
};

// What is to be sent of an object, if the request's conditions let it.
Result<Reply> replyTo(const S3Call& call, const ObjectMeta& meta) {
    HANSHU_TRY(checkConditions(call.headers(), {}, meta));
    Reply reply{{}, 200, {0, meta.size}};
    const bool isWhole = call.headers().has("if-range") && bareEtag(call.headers().get("if-range")) != meta.etag &&
                         call.headers().get("if-range") != formatHttpDate(meta.modified);
    auto range = requestedRange(isWhole ? std::string_view{} : call.headers().get("range"), meta.size);
    HANSHU_TRY(range);
    addMeta(reply.headers, meta, !*range && call.headers().get("x-amz-checksum-mode") == "ENABLED");
    overrideHeaders(call, reply.headers);
    if (*range) {
        reply.status = 206;
        reply.range = **range;
        reply.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", reply.range.first,
                                                       reply.range.first + reply.range.length - 1, meta.size));
    }
    reply.headers.set("x-amz-request-id", call.requestId);
    return reply;
}

Result<void> checkRead(const S3Call& call) {
    HANSHU_TRY(call.authorize("oss:GetObject"));
    if (call.has("partNumber")) {
        return s3Fail("NotImplemented", {{"argument", "partNumber"}});
    }
    return checkVersion(call.parameter("versionId"));
}

Operation stream(S3Call& call, Download& download, Reply reply) {
    auto& writer = call.exchange.reply;
    http::Response response{reply.status, std::move(reply.headers), {}};
    auto sent = co_await writer.begin(std::move(response), reply.range.length);
    std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, reply.range.length)));
    auto offset = reply.range.first;
    auto left = reply.range.length;
    while (sent && left > 0) {
        const std::span<char> room(buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(left, kPiece)));
        auto count = co_await download.read(offset, room);
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            co_return fail(Code::DataLoss, "ObjectDamaged", {{"bucket", call.bucket}, {"key", call.key}});
        }
        offset += *count;
        left -= *count;
        sent = co_await writer.write({buffer.data(), *count});
    }
    if (!sent) {
        co_return sent;
    }
    co_return co_await writer.finish();
}

}  // namespace

Result<Precondition> preconditionOf(const S3Call& call) {
    Precondition wanted;
    const auto absent = call.headers().get("if-none-match");
    if (!absent.empty() && absent != "*") {
        return s3Fail("NotImplemented", {{"header", "If-None-Match"}});
    }
    wanted.mustBeAbsent = !absent.empty();
    wanted.etag = bareEtag(call.headers().get("if-match"));
    return wanted;
}

Result<UploadSpec> specOf(const S3Call& call) {
    HANSHU_TRY(refuseUnkept(call));
    HANSHU_TRY(checkAclHeaders(call));
    UploadSpec spec;
    spec.account = call.account();
    spec.bucket = call.bucket;
    spec.key = call.key;
    spec.actor = call.actor();
    spec.contentType = call.headers().get("content-type");
    if (spec.contentType.empty()) {
        spec.contentType = kDefaultType;
    }
    for (const auto& [name, value] : call.headers().fields()) {
        const auto known = lower(name);
        const bool isMeta = known.starts_with(kMetaPrefix);
        if (!isMeta && (known.starts_with("x-amz-") || !isKeptHeader(known))) {
            continue;
        }
        auto kept = known == "content-encoding" ? withoutAwsChunked(value) : value;
        if (!kept.empty() || isMeta) {
            spec.metadata[known] = std::move(kept);
        }
    }
    HANSHU_TRY(checkKept(spec.metadata, spec.contentType));
    return spec;
}

Operation getObject(S3Call& call) {
    HANSHU_CO_TRY(checkRead(call));
    auto download = co_await call.rooms.store.open(call.account(), call.bucket, call.key);
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    auto reply = replyTo(call, (*download)->meta());
    if (!reply) {
        co_return fail(std::move(reply.error()));
    }
    co_return co_await stream(call, **download, std::move(*reply));
}

Operation headObject(S3Call& call) {
    HANSHU_CO_TRY(checkRead(call));
    auto meta = co_await call.rooms.store.head(call.account(), call.bucket, call.key);
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    auto reply = replyTo(call, *meta);
    if (!reply) {
        co_return fail(std::move(reply.error()));
    }
    reply->headers.set("Content-Length", std::to_string(reply->range.length));
    co_return co_await call.send(reply->status, std::move(reply->headers));
}

Operation putObject(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    auto spec = specOf(call);
    if (!spec) {
        co_return fail(std::move(spec.error()));
    }
    auto precondition = preconditionOf(call);
    HANSHU_CO_TRY(precondition);
    spec->precondition = std::move(*precondition);
    const auto checksum = announcedChecksum(call);
    HANSHU_CO_TRY(checksum);
    spec->checksum = *checksum;
    spec->wantSha256 = call.session.mode == access::PayloadMode::Signed;
    if (const auto name = call.headers().get(*checksum ? checksumHeader(**checksum) : ""); !name.empty()) {
        spec->metadata.emplace(checksumHeader(**checksum), name);
    }
    auto upload = co_await call.rooms.store.upload(std::move(*spec));
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    auto received = co_await receive(call, **upload, *checksum);
    if (!received) {
        co_return fail(std::move(received.error()));
    }
    auto meta = co_await (*upload)->commit();
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    http::Headers headers;
    headers.set("ETag", quotedEtag(meta->etag));
    if (!received->first.empty()) {
        headers.set(received->first, received->second);
    }
    co_return co_await call.send(200, std::move(headers));
}

Operation deleteObject(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:DeleteObject"));
    HANSHU_CO_TRY(checkVersion(call.parameter("versionId")));
    auto removed = co_await call.rooms.store.remove(call.account(), call.bucket, call.key, call.actor());
    if (!removed) {
        co_return fail(std::move(removed.error()));
    }
    co_return co_await call.send(204);
}

Operation deleteObjects(S3Call& call) {
    constexpr std::size_t kMaxKeys = 1000;  // S3's limit
    auto document = co_await receiveDocument(call, kMaxDeleteDocument);
    if (!document) {
        co_return fail(std::move(document.error()));
    }
    const auto request = parseXml(*document);
    if (!request || request->name != "Delete") {
        co_return s3Fail("MalformedXML");
    }
    const bool isQuiet = request->childText("Quiet") == "true";
    std::vector<std::string> keys;
    XmlWriter xml("DeleteResult");
    const auto refuse = [&](std::string_view key, const Error& error) {
        const auto known = s3ErrorOf(error);
        xml.open("Error").text("Key", key).text("Code", known.code).text("Message", known.message).close();
    };
    std::size_t count = 0;
    for (const auto& object : request->children) {
        if (object.name != "Object") {
            continue;
        }
        const auto* key = object.child("Key");
        if (key == nullptr || key->text.empty() || ++count > kMaxKeys) {
            co_return s3Fail("MalformedXML");
        }
        auto allowed = call.authorizeFor("oss:DeleteObject", call.bucket, key->text);
        if (allowed) {
            allowed = checkVersion(object.childText("VersionId"));
        }
        if (allowed) {
            keys.push_back(key->text);
        } else {
            refuse(key->text, allowed.error());
        }
    }
    if (count == 0) {
        co_return s3Fail("MalformedXML");
    }
    auto removed = co_await call.rooms.store.removeAll(call.account(), call.bucket, keys, call.actor());
    if (!removed) {
        co_return fail(std::move(removed.error()));
    }
    for (const auto& key : keys) {
        if (!isQuiet) {
            xml.open("Deleted").text("Key", key).close();
        }
    }
    co_return co_await call.sendXml(xml.take());
}

Operation getObjectAcl(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:GetObjectAcl"));
    auto meta = co_await call.rooms.store.head(call.account(), call.bucket, call.key);
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    co_return co_await call.sendXml(privateAcl(call));
}

Operation putObjectAcl(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObjectAcl"));
    auto meta = co_await call.rooms.store.head(call.account(), call.bucket, call.key);
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    co_return co_await acceptPrivateAcl(call);
}

Operation getObjectTags(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:GetObjectTagging"));
    auto meta = co_await call.rooms.store.head(call.account(), call.bucket, call.key);
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    XmlWriter xml("Tagging");
    xml.open("TagSet");
    co_return co_await call.sendXml(xml.take());
}

}  // namespace hanshu::objects
