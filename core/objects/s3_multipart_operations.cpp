// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/s3_body.h"
#include "objects/s3_conditions.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"
#include "objects/s3_xml.h"

#include <charconv>

namespace hanshu::objects {
namespace {

constexpr int kMaxParts = 10'000;                // S3's limit
constexpr std::size_t kMaxDocument = 4U << 20U;  // 10,000 parts with every checksum

Result<std::vector<std::pair<int, std::string>>> partsOf(std::string_view document) {
    const auto request = parseXml(document);
    if (!request || request->name != "CompleteMultipartUpload") {
        return s3Fail("MalformedXML");
    }
    std::vector<std::pair<int, std::string>> parts;
    for (const auto& part : request->children) {
        if (part.name != "Part") {
            return s3Fail("MalformedXML");
        }
        const auto text = part.childText("PartNumber");
        int number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size() || number < 1 || number > kMaxParts) {
            return s3Fail("MalformedXML");
        }
        parts.emplace_back(number, bareEtag(part.childText("ETag")));
    }
    if (parts.empty()) {
        return s3Fail("MalformedXML");
    }
    return parts;
}

Task<Result<std::string>> end(S3Call& call, MultipartEnd what) {
    auto meta = co_await call.rooms.store.endMultipart(std::move(what));
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    XmlWriter xml("CompleteMultipartUploadResult");
    xml.text("Location", call.exchange.request.path).text("Bucket", call.bucket).text("Key", call.key);
    xml.text("ETag", quotedEtag(meta->etag));
    co_return xml.take();
}

}  // namespace

Result<int> partNumberOf(const S3Call& call) {
    return call.number("partNumber", 0, 1, kMaxParts);
}

Operation beginMultipart(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    auto spec = specOf(call);
    if (!spec) {
        co_return fail(std::move(spec.error()));
    }
    auto id = co_await call.rooms.store.beginMultipart(std::move(*spec));
    if (!id) {
        co_return fail(std::move(id.error()));
    }
    XmlWriter xml("InitiateMultipartUploadResult");
    xml.text("Bucket", call.bucket).text("Key", call.key).text("UploadId", *id);
    co_return co_await call.sendXml(xml.take());
}

Operation putPart(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    const auto number = partNumberOf(call);
    HANSHU_CO_TRY(number);
    const auto checksum = announcedChecksum(call);
    HANSHU_CO_TRY(checksum);
    UploadSpec spec;
    spec.account = call.account();
    spec.bucket = call.bucket;
    spec.key = call.key;
    spec.actor = call.actor();
    spec.checksum = *checksum;
    spec.wantSha256 = call.session.mode == access::PayloadMode::Signed;
    auto upload =
        co_await call.rooms.store.uploadPart(std::move(spec), std::string(call.parameter("uploadId")), *number);
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

Operation endMultipart(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    auto precondition = preconditionOf(call);
    HANSHU_CO_TRY(precondition);
    auto document = co_await receiveDocument(call, kMaxDocument);
    if (!document) {
        co_return fail(std::move(document.error()));
    }
    auto parts = partsOf(*document);
    if (!parts) {
        co_return fail(std::move(parts.error()));
    }
    MultipartEnd what{
        call.account(),           call.bucket, call.key, std::string(call.parameter("uploadId")), std::move(*parts),
        std::move(*precondition), call.actor()};
    co_return co_await call.sendXmlWhenDone(end(call, std::move(what)));
}

Operation abortMultipart(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:AbortMultipartUpload"));
    auto aborted = co_await call.rooms.store.abortMultipart(call.account(), call.bucket, call.key,
                                                            std::string(call.parameter("uploadId")));
    if (!aborted) {
        co_return fail(std::move(aborted.error()));
    }
    co_return co_await call.send(204);
}

}  // namespace hanshu::objects
