// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_body.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"
#include "objects/s3_xml.h"

#include <array>

namespace hanshu::objects {
namespace {

constexpr std::size_t kMaxDocument = 64U << 10U;  // of a bucket's configuration; S3's own limit for policies is 20 KB

// The document or the error that S3 gives for a bucket whose setting was never made.
struct Setting {
    std::string_view name;
    std::string_view document;  // its root
    std::string_view error;     // where there is no document
};

constexpr std::array<Setting, 16> kSettings{{
    {"versioning", "VersioningConfiguration", {}},
    {"notification", "NotificationConfiguration", {}},
    {"logging", "BucketLoggingStatus", {}},
    {"accelerate", "AccelerateConfiguration", {}},
    {"requestPayment", "RequestPaymentConfiguration", {}},
    {"tagging", {}, "NoSuchTagSet"},
    {"policy", {}, "NoSuchBucketPolicy"},
    {"policyStatus", {}, "NoSuchBucketPolicy"},
    {"lifecycle", {}, "NoSuchLifecycleConfiguration"},
    {"cors", {}, "NoSuchCORSConfiguration"},
    {"website", {}, "NoSuchWebsiteConfiguration"},
    {"replication", {}, "ReplicationConfigurationNotFoundError"},
    {"encryption", {}, "ServerSideEncryptionConfigurationNotFoundError"},
    {"object-lock", {}, "ObjectLockConfigurationNotFoundError"},
    {"publicAccessBlock", {}, "NoSuchPublicAccessBlockConfiguration"},
    {"ownershipControls", {}, "OwnershipControlsNotFoundError"},
}};

bool isOwner(const S3Call& call, const XmlElement& grantee) {
    return grantee.childText("ID") == call.account();
}

}  // namespace

Operation listBuckets(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:ListBuckets"));
    auto buckets = co_await call.rooms.store.listBuckets(call.account());
    if (!buckets) {
        co_return fail(std::move(buckets.error()));
    }
    XmlWriter xml("ListAllMyBucketsResult");
    xml.open("Owner").text("ID", call.account()).text("DisplayName", call.account()).close();
    xml.open("Buckets");
    for (const auto& bucket : *buckets) {
        xml.open("Bucket").text("Name", bucket.bucket_name()).text("CreationDate", bucket.created_time()).close();
    }
    co_return co_await call.sendXml(xml.take());
}

Operation createBucket(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutBucket"));
    HANSHU_CO_TRY(checkAclHeaders(call));
    if (http::equalsIgnoringCase(call.headers().get("x-amz-bucket-object-lock-enabled"), "true")) {
        co_return s3Fail("NotImplemented", {{"header", "x-amz-bucket-object-lock-enabled"}});
    }
    auto document = co_await receiveDocument(call, kMaxDocument);
    if (!document) {
        co_return fail(std::move(document.error()));
    }
    if (!document->empty()) {
        // There is one location: whichever the client names is this one.
        const auto parsed = parseXml(*document);
        if (!parsed || parsed->name != "CreateBucketConfiguration") {
            co_return s3Fail("MalformedXML");
        }
    }
    auto created = co_await call.rooms.store.createBucket(call.account(), call.bucket);
    if (!created) {
        co_return fail(std::move(created.error()));
    }
    http::Headers headers;
    headers.set("Location", "/" + call.bucket);
    co_return co_await call.send(200, std::move(headers));
}

Operation headBucket(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:GetBucketInfo"));
    auto bucket = co_await call.rooms.store.bucket(call.account(), call.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    http::Headers headers;
    headers.set("x-amz-bucket-region", call.rooms.region);
    headers.set("Content-Type", "application/xml");
    co_return co_await call.send(200, std::move(headers));
}

Operation deleteBucket(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:DeleteBucket"));
    auto deleted = co_await call.rooms.store.deleteBucket(call.account(), call.bucket);
    if (!deleted) {
        co_return fail(std::move(deleted.error()));
    }
    co_return co_await call.send(204);
}

Operation getLocation(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:GetBucketLocation"));
    auto bucket = co_await call.rooms.store.bucket(call.account(), call.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    // The document is its root alone: text directly inside, which the writer has no other need for.
    co_return co_await call.sendXml(
        fmt::format("{}<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{}</LocationConstraint>",
                    kXmlDeclaration, call.rooms.region));
}

std::string privateAcl(const S3Call& call) {
    XmlWriter xml("AccessControlPolicy");
    xml.open("Owner").text("ID", call.account()).text("DisplayName", call.account()).close();
    xml.open("AccessControlList").open("Grant");
    xml.open("Grantee", "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"");
    xml.text("ID", call.account()).text("DisplayName", call.account()).close();
    xml.text("Permission", "FULL_CONTROL");
    return xml.take();
}

Result<void> checkAclHeaders(const S3Call& call) {
    const auto acl = call.headers().get("x-amz-acl");
    // What the last two add is for the owner of the bucket, who is the same.
    const bool isPrivate =
        acl.empty() || acl == "private" || acl == "bucket-owner-full-control" || acl == "bucket-owner-read";
    if (!isPrivate) {
        return s3Fail("AccessControlListNotSupported");
    }
    for (const auto& [name, value] : call.headers().fields()) {
        constexpr std::string_view kGrant = "x-amz-grant-";
        if (name.size() > kGrant.size() &&
            http::equalsIgnoringCase(std::string_view(name).substr(0, kGrant.size()), kGrant)) {
            return s3Fail("AccessControlListNotSupported");
        }
    }
    return {};
}

Operation acceptPrivateAcl(S3Call& call) {
    HANSHU_CO_TRY(checkAclHeaders(call));
    auto document = co_await receiveDocument(call, kMaxDocument);
    if (!document) {
        co_return fail(std::move(document.error()));
    }
    if (!document->empty()) {
        const auto policy = parseXml(*document);
        if (!policy || policy->name != "AccessControlPolicy") {
            co_return s3Fail("MalformedXML");
        }
        const auto* list = policy->child("AccessControlList");
        for (const auto& grant : list == nullptr ? std::vector<XmlElement>{} : list->children) {
            const auto* grantee = grant.child("Grantee");
            if (grantee == nullptr || !isOwner(call, *grantee)) {
                co_return s3Fail("AccessControlListNotSupported");
            }
        }
    }
    co_return co_await call.send(200);
}

Operation getBucketAcl(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:GetBucketAcl"));
    auto bucket = co_await call.rooms.store.bucket(call.account(), call.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    co_return co_await call.sendXml(privateAcl(call));
}

Operation putBucketAcl(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutBucketAcl"));
    auto bucket = co_await call.rooms.store.bucket(call.account(), call.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    co_return co_await acceptPrivateAcl(call);
}

Operation getBucketSetting(S3Call& call, std::string_view setting) {
    HANSHU_CO_TRY(call.authorize("oss:GetBucketInfo"));
    auto bucket = co_await call.rooms.store.bucket(call.account(), call.bucket);
    if (!bucket) {
        co_return fail(std::move(bucket.error()));
    }
    for (const auto& known : kSettings) {
        if (known.name != setting) {
            continue;
        }
        if (known.document.empty()) {
            co_return s3Fail(known.error, {{"bucket", call.bucket}});
        }
        XmlWriter xml(known.document);
        if (setting == "requestPayment") {
            xml.text("Payer", "BucketOwner");
        }
        co_return co_await call.sendXml(xml.take());
    }
    co_return s3Fail("NotImplemented");
}

}  // namespace hanshu::objects
