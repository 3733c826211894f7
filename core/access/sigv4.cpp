// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// AWS Signature Version 4 as Amazon S3 uses it ("Authenticating Requests", API version 2006-03-01).
#include "access/signature.h"
#include "access/signing_text.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"

namespace hanshu::access {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kUnsigned = "UNSIGNED-PAYLOAD";
constexpr std::int64_t kLongestPresigned = 604'800;  // seconds: a week, as S3 has it

// What the header form and the pre-signed form have in common.
struct Claim {
    std::string accessKeyId;
    std::string scope;  // date/region/s3/aws4_request
    std::string timestamp;
    SystemTime time;
    std::string signedHeaders;
    std::string signature;
    std::string securityToken;
    std::string payload;  // as the canonical request ends
    bool presigned = false;
};

Result<void> takeCredential(std::string_view credential, Claim& claim) {
    // The id may hold slashes; the four parts of the scope do not.
    auto slash = std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
        slash = slash == 0 ? std::string_view::npos : credential.rfind('/', slash - (i == 0 ? 0 : 1));
        if (slash == std::string_view::npos) {
            return signatureMismatch("The credential must be KEY/DATE/REGION/s3/aws4_request");
        }
    }
    claim.accessKeyId = credential.substr(0, slash);
    claim.scope = credential.substr(slash + 1);
    if (claim.accessKeyId.empty() || !claim.scope.ends_with("/s3/aws4_request")) {
        return signatureMismatch("The credential must be KEY/DATE/REGION/s3/aws4_request");
    }
    return {};
}

Result<void> takeTime(std::string_view text, Claim& claim) {
    auto time = parseSignedTime(text);
    if (time) {
        claim.timestamp = text;
    } else if (auto date = parseHttpDate(text)) {
        time = *date;
        claim.timestamp = formatBasicIso8601(*date);
    } else {
        return signatureMismatch("The request's date must be a time such as 20130524T000000Z");
    }
    claim.time = *time;
    if (claim.scope.substr(0, claim.scope.find('/')) != claim.timestamp.substr(0, 8)) {
        return signatureMismatch("The credential's date is not that of the request");
    }
    return {};
}

Result<Claim> headerClaim(const http::Request& request, SystemTime now) {
    const auto parts = parseAuthorization(request.headers.get("authorization"), kAlgorithm);
    if (!parts) {
        return signatureMismatch(
            "The Authorization header must be AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…");
    }
    Claim claim;
    claim.signedHeaders = parts->signedHeaders;
    claim.signature = parts->signature;
    claim.securityToken = request.headers.get("x-amz-security-token");
    claim.payload = request.headers.get("x-amz-content-sha256");
    if (claim.payload.empty()) {
        return missingHeader("x-amz-content-sha256");
    }
    const auto dateHeader = request.headers.has("x-amz-date") ? "x-amz-date" : "date";
    if (!request.headers.has(dateHeader)) {
        return missingHeader("x-amz-date");
    }
    if (!isSigned(claim.signedHeaders, dateHeader)) {
        return signatureMismatch("The signature does not cover the request's date");
    }
    HANSHU_TRY(takeCredential(parts->credential, claim));
    HANSHU_TRY(takeTime(request.headers.get(dateHeader), claim));
    HANSHU_TRY(checkTime(claim.time, claim.timestamp, now));
    return claim;
}

Result<void> checkLifetime(const Claim& claim, std::string_view expires, SystemTime now) {
    std::int64_t seconds = 0;
    for (const char c : expires) {
        seconds =
            c >= '0' && c <= '9' && seconds <= kLongestPresigned ? seconds * 10 + (c - '0') : kLongestPresigned + 1;
    }
    if (seconds < 1 || seconds > kLongestPresigned) {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"message", "X-Amz-Expires must be between 1 and 604800"}, {"field", "X-Amz-Expires"}});
    }
    const auto end = claim.time + std::chrono::seconds{seconds};
    if (now > end) {
        return fail(Code::Unauthenticated, "RequestExpired",
                    {{"time", claim.timestamp},
                     {"message", fmt::format("The pre-signed URL expired at {}", formatRfc3339(end))}});
    }
    // It may be used long after it was made, but not before.
    return claim.time > now ? checkTime(claim.time, claim.timestamp, now) : Result<void>{};
}

Result<Claim> queryClaim(const http::Request& request, SystemTime now) {
    const auto need = [&request](std::string_view name) { return request.queryValue(name).value_or(""); };
    if (need("X-Amz-Algorithm") != kAlgorithm) {
        return signatureMismatch("X-Amz-Algorithm must be AWS4-HMAC-SHA256");
    }
    Claim claim;
    claim.presigned = true;
    claim.signedHeaders = need("X-Amz-SignedHeaders");
    claim.signature = need("X-Amz-Signature");
    claim.securityToken = need("X-Amz-Security-Token");
    claim.payload = request.headers.get("x-amz-content-sha256");
    if (claim.payload.empty()) {
        claim.payload = request.queryValue("X-Amz-Content-Sha256").value_or(std::string(kUnsigned));
    }
    HANSHU_TRY(takeCredential(need("X-Amz-Credential"), claim));
    HANSHU_TRY(takeTime(need("X-Amz-Date"), claim));
    HANSHU_TRY(checkLifetime(claim, need("X-Amz-Expires"), now));
    return claim;
}

Result<PayloadMode> modeOf(std::string_view payload) {
    constexpr std::array<std::pair<std::string_view, PayloadMode>, 4> kNames{{
        {kUnsigned, PayloadMode::Unsigned},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadMode::Chunked},
        {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadMode::ChunkedTrailer},
        {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadMode::UnsignedTrailer},
    }};
    for (const auto& [name, mode] : kNames) {
        if (payload == name) {
            return mode;
        }
    }
    const auto isLowerHex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (payload.size() == 64 && std::ranges::all_of(payload, isLowerHex)) {
        return PayloadMode::Signed;
    }
    return fail(Code::InvalidArgument, "InvalidArgument",
                {{"message",
                  "x-amz-content-sha256 must be a SHA-256 in lower-case hex, UNSIGNED-PAYLOAD or one of the "
                  "STREAMING-… values of AWS Signature Version 4"},
                 {"field", "x-amz-content-sha256"}});
}

Result<void> checkCoverage(const http::Request& request, const Claim& claim) {
    if (!isSigned(claim.signedHeaders, "host")) {
        return signatureMismatch("The signature does not cover the header host");
    }
    const auto open = unsignedHeader(request.headers, "x-amz-", claim.signedHeaders);
    // The payload's hash takes part in the signature anyway.
    if (!open.empty() && !http::equalsIgnoringCase(open, "x-amz-content-sha256")) {
        return signatureMismatch(fmt::format("The signature does not cover the header {}", open));
    }
    return {};
}

// AWS4{secret} → date → region → service → aws4_request. Four HMACs that change once a day.
std::string deriveKey(const std::string& secret, std::string_view scope) {
    std::string key = "AWS4" + secret;
    while (!scope.empty()) {
        const auto slash = scope.find('/');
        key = hmacSha256(key, scope.substr(0, slash));
        scope = slash == std::string_view::npos ? std::string_view{} : scope.substr(slash + 1);
    }
    return key;
}

std::string signingKey(const std::string& secret, const std::string& scope) {
    constexpr std::size_t kMaxKeys = 256;  // of one thread; more callers than that a day just derive again
    thread_local std::unordered_map<std::string, std::string> cache;
    auto name = secret + '\n' + scope;
    if (const auto known = cache.find(name); known != cache.end()) {
        return known->second;
    }
    if (cache.size() >= kMaxKeys) {
        cache.clear();
    }
    return cache.emplace(std::move(name), deriveKey(secret, scope)).first->second;
}

std::string signatureOf(const http::Request& request, const Claim& claim, std::string_view path,
                        const std::string& key) {
    thread_local std::string text;
    text.assign(request.method);
    text += '\n';
    text += path;
    text += '\n';
    appendQuery(text, request, claim.presigned ? "X-Amz-Signature" : "", true);
    text += '\n';
    appendHeaders(text, request.headers, claim.signedHeaders, true);
    text += '\n';
    text += claim.signedHeaders;
    text += '\n';
    text += claim.payload;
    const auto hash = sha256Hex(text);
    text.assign(kAlgorithm);
    for (const std::string_view line :
         {std::string_view(claim.timestamp), std::string_view(claim.scope), std::string_view(hash)}) {
        text += '\n';
        text += line;
    }
    return toHex(hmacSha256(key, text));
}

// S3's canonical path is encoded once. Clients differ in what they encode on the wire, and a few sign the path as they
// sent it: both name the same object.
bool hasRightSignature(const http::Request& request, const Claim& claim, const std::string& key) {
    const auto decoded = percentDecode(request.path);
    const auto path = decoded ? percentEncode(*decoded, true) : request.path;
    return equalInConstantTime(signatureOf(request, claim, path.empty() ? "/" : path, key), claim.signature) ||
           (path != request.path && !request.path.empty() &&
            equalInConstantTime(signatureOf(request, claim, request.path, key), claim.signature));
}

std::string streamSignature(const SigV4Session& session, std::string_view kind, std::string_view previous,
                            std::string_view tail) {
    return toHex(hmacSha256(session.signingKey, fmt::format("{}-{}\n{}\n{}\n{}\n{}", kAlgorithm, kind,
                                                            session.timestamp, session.scope, previous, tail)));
}

}  // namespace

Result<SigV4Session> verifySigV4(const http::Request& request, const Keyring& keyring, const Clock& clock) {
    const bool inHeader = request.headers.has("authorization");
    if (!inHeader && !request.queryValue("X-Amz-Signature")) {
        return missingHeader("Authorization");
    }
    auto claim = inHeader ? headerClaim(request, clock.now()) : queryClaim(request, clock.now());
    if (!claim) {
        return fail(std::move(claim.error()));
    }
    auto mode = modeOf(claim->payload);
    if (!mode) {
        return fail(std::move(mode.error()));
    }
    HANSHU_TRY(checkCoverage(request, *claim));
    auto identity = keyring.find(claim->accessKeyId, claim->securityToken);
    if (!identity) {
        return fail(std::move(identity.error()));
    }
    auto key = signingKey(identity->secret, claim->scope);
    if (!hasRightSignature(request, *claim, key)) {
        return signatureMismatch();
    }
    SigV4Session session;
    session.caller = std::move(identity->caller);
    session.mode = *mode;
    session.payloadSha256 = *mode == PayloadMode::Signed ? std::move(claim->payload) : std::string{};
    session.signingKey = std::move(key);
    session.seedSignature = std::move(claim->signature);
    session.scope = std::move(claim->scope);
    session.timestamp = std::move(claim->timestamp);
    return session;
}

std::string chunkSignature(const SigV4Session& session, std::string_view previousSignature,
                           std::string_view chunkSha256Hex) {
    return streamSignature(session, "PAYLOAD", previousSignature, fmt::format("{}\n{}", kEmptyHash, chunkSha256Hex));
}

std::string trailerSignature(const SigV4Session& session, std::string_view previousSignature,
                             std::string_view trailerSha256Hex) {
    return streamSignature(session, "TRAILER", previousSignature, trailerSha256Hex);
}

}  // namespace hanshu::access
