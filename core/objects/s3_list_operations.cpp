// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "base/time_format.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"
#include "objects/s3_xml.h"

#include <limits>

namespace hanshu::objects {
namespace {

constexpr int kMaxPage = 1000;  // S3's limit; more may be asked for, and is not given

// Writes names as the client wants them: percent-encoded where it asked for that, because XML 1.0 can't carry every
// key.
class Names {
public:
    static Result<Names> of(const S3Call& call) {
        const auto type = call.parameter("encoding-type");
        if (!type.empty() && type != "url") {
            return s3Fail("InvalidArgument", {{"argument", "encoding-type"}, {"value", std::string(type)}});
        }
        return Names(!type.empty());
    }
    void write(XmlWriter& xml, std::string_view element, std::string_view name) const {
        xml.text(element, m_encoded ? percentEncode(name, true) : std::string(name));
    }
    void writeType(XmlWriter& xml) const {
        if (m_encoded) {
            xml.text("EncodingType", "url");
        }
    }

private:
    explicit Names(bool encoded) : m_encoded(encoded) {}
    bool m_encoded;
};

Result<void> authorizeListing(const S3Call& call) {
    return call.authorizeFor("oss:ListObjects", call.bucket, {},
                             {{"oss:Prefix", std::string(call.parameter("prefix"))},
                              {"oss:Delimiter", std::string(call.parameter("delimiter"))}});
}

void writeListing(const S3Call& call, XmlWriter& xml, const Names& names, const Listing& listing, bool withOwner) {
    for (const auto& object : listing.objects) {
        xml.open("Contents");
        names.write(xml, "Key", object.key);
        xml.text("LastModified", formatRfc3339Millis(object.modified));
        xml.text("ETag", quotedEtag(object.etag)).text("Size", std::to_string(object.size));
        if (withOwner) {
            xml.open("Owner").text("ID", call.account()).text("DisplayName", call.account()).close();
        }
        xml.text("StorageClass", "STANDARD").close();
    }
    for (const auto& prefix : listing.commonPrefixes) {
        xml.open("CommonPrefixes");
        names.write(xml, "Prefix", prefix);
        xml.close();
    }
}

const char* boolean(bool value) {
    return value ? "true" : "false";
}

}  // namespace

Operation listObjectsV1(S3Call& call) {
    HANSHU_CO_TRY(authorizeListing(call));
    const auto names = Names::of(call);
    HANSHU_CO_TRY(names);
    const auto limit = call.number("max-keys", kMaxPage, 0, std::numeric_limits<int>::max());
    HANSHU_CO_TRY(limit);
    ListQuery query{std::string(call.parameter("prefix")), std::string(call.parameter("delimiter")),
                    std::string(call.parameter("marker")), std::min(*limit, kMaxPage)};
    auto listing = co_await call.rooms.store.list(call.account(), call.bucket, query);
    if (!listing) {
        co_return fail(std::move(listing.error()));
    }
    XmlWriter xml("ListBucketResult");
    xml.text("Name", call.bucket);
    names->write(xml, "Prefix", query.prefix);
    names->write(xml, "Marker", query.startAfter);
    if (!query.delimiter.empty()) {
        names->write(xml, "Delimiter", query.delimiter);
    }
    xml.text("MaxKeys", std::to_string(query.limit));
    names->writeType(xml);
    xml.text("IsTruncated", boolean(!listing->next.empty()));
    if (!listing->next.empty()) {
        names->write(xml, "NextMarker", listing->next);
    }
    writeListing(call, xml, *names, *listing, true);
    co_return co_await call.sendXml(xml.take());
}

Operation listObjectsV2(S3Call& call) {
    HANSHU_CO_TRY(authorizeListing(call));
    const auto names = Names::of(call);
    HANSHU_CO_TRY(names);
    const auto limit = call.number("max-keys", kMaxPage, 0, std::numeric_limits<int>::max());
    HANSHU_CO_TRY(limit);
    const auto token = call.parameter("continuation-token");
    const auto resumeAt = fromHex(token);
    if (!resumeAt || (call.has("continuation-token") && token.empty())) {
        co_return s3Fail("InvalidArgument", {{"argument", "continuation-token"}, {"value", std::string(token)}});
    }
    const std::string startAfter(call.parameter("start-after"));
    ListQuery query{std::string(call.parameter("prefix")), std::string(call.parameter("delimiter")),
                    token.empty() ? startAfter : *resumeAt, std::min(*limit, kMaxPage)};
    auto listing = co_await call.rooms.store.list(call.account(), call.bucket, query);
    if (!listing) {
        co_return fail(std::move(listing.error()));
    }
    XmlWriter xml("ListBucketResult");
    xml.text("Name", call.bucket);
    names->write(xml, "Prefix", query.prefix);
    if (!query.delimiter.empty()) {
        names->write(xml, "Delimiter", query.delimiter);
    }
    xml.text("MaxKeys", std::to_string(query.limit));
    names->writeType(xml);
    xml.text("KeyCount", std::to_string(listing->objects.size() + listing->commonPrefixes.size()));
    xml.text("IsTruncated", boolean(!listing->next.empty()));
    if (!token.empty()) {
        xml.text("ContinuationToken", token);
    }
    if (!listing->next.empty()) {
        xml.text("NextContinuationToken", toHex(listing->next));
    }
    if (!startAfter.empty()) {
        names->write(xml, "StartAfter", startAfter);
    }
    writeListing(call, xml, *names, *listing, call.parameter("fetch-owner") == "true");
    co_return co_await call.sendXml(xml.take());
}

Operation listParts(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:ListParts"));
    const auto limit = call.number("max-parts", kMaxPage, 0, std::numeric_limits<int>::max());
    HANSHU_CO_TRY(limit);
    const auto after = call.number("part-number-marker", 0, 0, std::numeric_limits<int>::max());
    HANSHU_CO_TRY(after);
    const auto page = std::min(*limit, kMaxPage);
    auto listing = co_await call.rooms.store.listParts(call.account(), call.bucket, call.key,
                                                       std::string(call.parameter("uploadId")), *after, page);
    if (!listing) {
        co_return fail(std::move(listing.error()));
    }
    XmlWriter xml("ListPartsResult");
    xml.text("Bucket", call.bucket).text("Key", call.key).text("UploadId", listing->upload.id);
    xml.open("Initiator").text("ID", listing->upload.principal).text("DisplayName", listing->upload.principal).close();
    xml.open("Owner").text("ID", call.account()).text("DisplayName", call.account()).close();
    xml.text("StorageClass", "STANDARD").text("PartNumberMarker", std::to_string(*after));
    if (listing->more && !listing->parts.empty()) {
        xml.text("NextPartNumberMarker", std::to_string(listing->parts.back().number));
    }
    xml.text("MaxParts", std::to_string(page)).text("IsTruncated", boolean(listing->more));
    for (const auto& part : listing->parts) {
        xml.open("Part").text("PartNumber", std::to_string(part.number));
        xml.text("LastModified", formatRfc3339Millis(part.modified));
        xml.text("ETag", quotedEtag(part.etag)).text("Size", std::to_string(part.size)).close();
    }
    co_return co_await call.sendXml(xml.take());
}

Operation listMultipart(S3Call& call) {
    HANSHU_CO_TRY(call.authorizeFor("oss:ListMultipartUploads", call.bucket, {},
                                    {{"oss:Prefix", std::string(call.parameter("prefix"))}}));
    const auto names = Names::of(call);
    HANSHU_CO_TRY(names);
    const auto limit = call.number("max-uploads", kMaxPage, 0, std::numeric_limits<int>::max());
    HANSHU_CO_TRY(limit);
    MultipartQuery query{std::string(call.parameter("prefix")), std::string(call.parameter("delimiter")),
                         std::string(call.parameter("key-marker")), std::string(call.parameter("upload-id-marker")),
                         std::min(*limit, kMaxPage)};
    auto listing = co_await call.rooms.store.listMultipart(call.account(), call.bucket, query);
    if (!listing) {
        co_return fail(std::move(listing.error()));
    }
    XmlWriter xml("ListMultipartUploadsResult");
    xml.text("Bucket", call.bucket);
    names->write(xml, "KeyMarker", query.afterKey);
    xml.text("UploadIdMarker", query.afterId);
    if (listing->more) {
        names->write(xml, "NextKeyMarker", listing->nextKey);
        xml.text("NextUploadIdMarker", listing->nextId);
    }
    names->write(xml, "Prefix", query.prefix);
    if (!query.delimiter.empty()) {
        names->write(xml, "Delimiter", query.delimiter);
    }
    xml.text("MaxUploads", std::to_string(query.limit));
    names->writeType(xml);
    xml.text("IsTruncated", boolean(listing->more));
    for (const auto& upload : listing->uploads) {
        xml.open("Upload");
        names->write(xml, "Key", upload.key);
        xml.text("UploadId", upload.id);
        xml.open("Initiator").text("ID", upload.principal).text("DisplayName", upload.principal).close();
        xml.open("Owner").text("ID", call.account()).text("DisplayName", call.account()).close();
        xml.text("StorageClass", "STANDARD").text("Initiated", formatRfc3339Millis(upload.started)).close();
    }
    for (const auto& prefix : listing->commonPrefixes) {
        xml.open("CommonPrefixes");
        names->write(xml, "Prefix", prefix);
        xml.close();
    }
    co_return co_await call.sendXml(xml.take());
}

}  // namespace hanshu::objects
