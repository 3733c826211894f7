// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/encoding.h"
#include "base/time_format.h"
#include "objects/s3_conditions.h"
#include "objects/s3_error.h"
#include "objects/s3_operations.h"
#include "objects/s3_xml.h"

namespace hanshu::objects {
namespace {

constexpr std::size_t kPiece = 1U << 20U;  // memory of a copy; one hop to the disk threads each way

struct Source {
    std::string bucket;
    std::string key;
};

// x-amz-copy-source: /bucket/key or bucket/key, percent-encoded, with the version behind a `?`.
Result<Source> sourceOf(const S3Call& call) {
    auto text = call.headers().get("x-amz-copy-source");
    const auto version = text.find("?versionId=");
    if (version != std::string_view::npos) {
        if (text.substr(version) != "?versionId=null") {
            return s3Fail("NoSuchVersion");
        }
        text = text.substr(0, version);
    }
    auto path = percentDecode(text);
    if (!path) {
        return s3Fail("InvalidArgument", {{"argument", "x-amz-copy-source"}, {"value", std::string(text)}});
    }
    const std::string_view plain = path->starts_with('/') ? std::string_view(*path).substr(1) : *path;
    const auto slash = plain.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == plain.size()) {
        return s3Fail("InvalidArgument", {{"argument", "x-amz-copy-source"}, {"value", std::string(text)}});
    }
    return Source{std::string(plain.substr(0, slash)), std::string(plain.substr(slash + 1))};
}

Task<Result<std::unique_ptr<Download>>> openSource(S3Call& call, Source source) {
    auto allowed = call.authorizeFor("oss:GetObject", source.bucket, source.key);
    if (!allowed) {
        co_return fail(std::move(allowed.error()));
    }
    auto download = co_await call.rooms.store.open(call.account(), source.bucket, source.key);
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    auto fits = checkConditions(call.headers(), "x-amz-copy-source-", (*download)->meta());
    if (!fits) {
        co_return fail(std::move(fits.error()));
    }
    co_return std::move(*download);
}

// Copies the range, commits, and describes what came of it under `root`.
Task<Result<std::string>> copy(std::shared_ptr<Download> source, ByteRange range, std::shared_ptr<Upload> target,
                               std::string_view root) {
    std::vector<char> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, range.length)));
    while (range.length > 0) {
        const std::span<char> room(buffer.data(),
                                   static_cast<std::size_t>(std::min<std::uint64_t>(range.length, buffer.size())));
        auto count = co_await source->read(range.first, room);
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            co_return fail(Code::DataLoss, "ObjectDamaged", {{"key", source->meta().key}});
        }
        auto written = co_await target->write({buffer.data(), *count});
        if (!written) {
            co_return fail(std::move(written.error()));
        }
        range.first += *count;
        range.length -= *count;
    }
    auto meta = co_await target->commit();
    if (!meta) {
        co_return fail(std::move(meta.error()));
    }
    XmlWriter xml(root);
    xml.text("LastModified", formatRfc3339Millis(meta->modified)).text("ETag", quotedEtag(meta->etag));
    co_return xml.take();
}

}  // namespace

Operation copyObject(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    auto source = sourceOf(call);
    if (!source) {
        co_return fail(std::move(source.error()));
    }
    const auto directive = call.headers().get("x-amz-metadata-directive");
    if (!directive.empty() && directive != "COPY" && directive != "REPLACE") {
        co_return s3Fail("InvalidArgument", {{"argument", "x-amz-metadata-directive"}});
    }
    const bool isReplacing = directive == "REPLACE";
    if (!isReplacing && source->bucket == call.bucket && source->key == call.key) {
        co_return s3Fail("InvalidRequest");  // a copy onto itself that changes nothing
    }
    auto spec = specOf(call);
    if (!spec) {
        co_return fail(std::move(spec.error()));
    }
    auto precondition = preconditionOf(call);
    HANSHU_CO_TRY(precondition);
    spec->precondition = std::move(*precondition);
    spec->eventName = "ObjectCreated:CopyObject";
    auto download = co_await openSource(call, std::move(*source));
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    const auto& meta = (*download)->meta();
    if (!isReplacing) {
        spec->contentType = meta.contentType;
        spec->metadata = meta.metadata;
    }
    const ByteRange whole{0, meta.size};
    auto upload = co_await call.rooms.store.upload(std::move(*spec));
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    co_return co_await call.sendXmlWhenDone(copy(std::shared_ptr<Download>(std::move(*download)), whole,
                                                 std::shared_ptr<Upload>(std::move(*upload)), "CopyObjectResult"));
}

Operation copyPart(S3Call& call) {
    HANSHU_CO_TRY(call.authorize("oss:PutObject"));
    const auto number = partNumberOf(call);
    HANSHU_CO_TRY(number);
    auto source = sourceOf(call);
    if (!source) {
        co_return fail(std::move(source.error()));
    }
    auto download = co_await openSource(call, std::move(*source));
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    const auto size = (*download)->meta().size;
    ByteRange range{0, size};
    if (const auto text = call.headers().get("x-amz-copy-source-range"); !text.empty()) {
        auto wanted = requestedRange(text, size);
        HANSHU_CO_TRY(wanted);
        // Unlike a read, a part must be exactly what was asked for.
        if (!*wanted ||
            text != fmt::format("bytes={}-{}", (*wanted)->first, (*wanted)->first + (*wanted)->length - 1)) {
            co_return s3Fail("InvalidArgument",
                             {{"argument", "x-amz-copy-source-range"}, {"value", std::string(text)}});
        }
        range = **wanted;
    }
    UploadSpec spec;
    spec.account = call.account();
    spec.bucket = call.bucket;
    spec.key = call.key;
    spec.actor = call.actor();
    auto upload =
        co_await call.rooms.store.uploadPart(std::move(spec), std::string(call.parameter("uploadId")), *number);
    if (!upload) {
        co_return fail(std::move(upload.error()));
    }
    co_return co_await call.sendXmlWhenDone(copy(std::shared_ptr<Download>(std::move(*download)), range,
                                                 std::shared_ptr<Upload>(std::move(*upload)), "CopyPartResult"));
}

}  // namespace hanshu::objects
