// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One S3 request on its way: what it names, who makes it, and how it is answered. One io thread.
#pragma once

#include "access/signature.h"
#include "objects/s3_service.h"

#include <map>
#include <string>
#include <string_view>

namespace hanshu::objects {

struct S3Call {
    http::Exchange& exchange;
    const S3Service::Rooms& rooms;
    access::SigV4Session session;
    std::string requestId;
    std::string bucket;  // empty: the service
    std::string key;     // empty: the bucket
    std::multimap<std::string, std::string, std::less<>> query;

    [[nodiscard]] const http::Headers& headers() const noexcept { return exchange.request.headers; }
    [[nodiscard]] const std::string& account() const noexcept { return session.caller.account; }
    [[nodiscard]] bool has(std::string_view parameter) const { return query.contains(parameter); }
    // Empty where it is missing.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;
    // `fallback` where it is missing; InvalidArgument where it is no number of that range.
    [[nodiscard]] Result<int> number(std::string_view name, int fallback, int least, int most) const;
    [[nodiscard]] Actor actor() const;

    // May the caller do this? AccessDenied, which is logged and told to `onDenied`.
    [[nodiscard]] Result<void> authorize(std::string_view action,
                                         std::map<std::string, std::string, std::less<>> context = {}) const {
        return authorizeFor(action, bucket, key, std::move(context));
    }
    [[nodiscard]] Result<void> authorizeFor(std::string_view action, std::string_view bucketName,
                                            std::string_view objectKey,
                                            std::map<std::string, std::string, std::less<>> context = {}) const;

    [[nodiscard]] Task<Result<void>> send(unsigned status, http::Headers headers = {}, std::string body = {});
    [[nodiscard]] Task<Result<void>> sendXml(std::string document);
    [[nodiscard]] Task<void> sendError(Error error);
    // Answers with the document that `work` makes. When it takes long the answer is begun, and kept alive by white
    // space, as S3 does; an error then comes as a document under status 200.
    [[nodiscard]] Task<Result<void>> sendXmlWhenDone(Task<Result<std::string>> work);
};

void tellDenied(const S3Service::Rooms& rooms, const access::Caller& caller, std::string_view action,
                std::string_view resource, std::string_view reason);
[[nodiscard]] std::string arnOf(const S3Call& call, std::string_view bucket, std::string_view key);
[[nodiscard]] std::string quotedEtag(std::string_view etag);

}  // namespace hanshu::objects
