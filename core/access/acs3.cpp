// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// ACS3-HMAC-SHA256 (reference 2.2).
#include "access/signature.h"
#include "access/signing_text.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"

namespace hanshu::access {
namespace {

constexpr std::string_view kAlgorithm = "ACS3-HMAC-SHA256";
constexpr std::string_view kPrefix = "x-acs-";

// The path of the wire, with what clients leave as it is written as RFC 3986 has it.
void appendPath(std::string& out, std::string_view path) {
    if (path.empty()) {
        out += '/';
        return;
    }
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '+') {
            out += "%20";
        } else if (path[i] == '*') {
            out += "%2A";
        } else if (path.substr(i, 3) == "%7E" || path.substr(i, 3) == "%7e") {
            out += '~';
            i += 2;
        } else {
            out += path[i];
        }
    }
}

std::string signatureOf(const http::Request& request, std::string_view signedHeaders, std::string_view bodyHash,
                        std::string_view secret) {
    // Kept, so that a request costs no growing of it.
    thread_local std::string text;
    text.assign(request.method);
    text += '\n';
    appendPath(text, request.path);
    text += '\n';
    appendQuery(text, request, {}, false);
    text += '\n';
    appendHeaders(text, request.headers, signedHeaders, false);
    text += '\n';
    text += signedHeaders;
    text += '\n';
    text += bodyHash;
    const auto hash = sha256Hex(text);
    text.assign(kAlgorithm);
    text += '\n';
    text += hash;
    return toHex(hmacSha256(secret, text));
}

Result<void> checkCoverage(const http::Request& request, std::string_view signedHeaders) {
    if (!isSigned(signedHeaders, "host")) {
        return signatureMismatch("The signature does not cover the header host");
    }
    if (const auto open = unsignedHeader(request.headers, kPrefix, signedHeaders); !open.empty()) {
        return signatureMismatch(fmt::format("The signature does not cover the header {}", open));
    }
    return {};
}

Result<void> checkNonce(NonceCache& nonces, std::string_view key, std::string_view nonce, SystemTime time,
                        std::string_view date) {
    switch (nonces.remember(key, nonce, time)) {
        case NonceCache::Outcome::Fresh:
            return {};
        case NonceCache::Outcome::Seen:
            return fail(Code::Unauthenticated, "RequestReplayed", {{"nonce", std::string(nonce)}});
        case NonceCache::Outcome::TooOld:
            return fail(Code::Unauthenticated, "RequestExpired",
                        {{"message", fmt::format("The request's time {} lies so far back that this busy server no "
                                                 "longer remembers which requests of it were used",
                                                 date)}});
    }
    return internalError("unknown outcome of a nonce");
}

}  // namespace

Result<Caller> verifyAcs3(const http::Request& request, std::string_view body, const Keyring& keyring,
                          NonceCache& nonces, const Clock& clock) {
    const auto authorization = request.headers.get("authorization");
    const auto date = request.headers.get("x-acs-date");
    const auto nonce = request.headers.get("x-acs-signature-nonce");
    const auto bodyHash = request.headers.get("x-acs-content-sha256");
    for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"Authorization", authorization},
                                      {"x-acs-date", date},
                                      {"x-acs-signature-nonce", nonce},
                                      {"x-acs-content-sha256", bodyHash}}) {
        if (value.empty()) {
            return missingHeader(name);
        }
    }
    const auto parts = parseAuthorization(authorization, kAlgorithm);
    if (!parts) {
        return signatureMismatch(
            "The Authorization header must be ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…");
    }
    const auto time = parseSignedTime(date);
    if (!time) {
        return signatureMismatch("The header x-acs-date must be a time such as 2024-01-02T03:04:05Z");
    }
    HANSHU_TRY(checkTime(*time, date, clock.now()));
    HANSHU_TRY(checkCoverage(request, parts->signedHeaders));
    auto identity = keyring.find(parts->credential, request.headers.get("x-acs-security-token"));
    if (!identity) {
        return fail(std::move(identity.error()));
    }
    const auto expected = signatureOf(request, parts->signedHeaders, bodyHash, identity->secret);
    if (!equalInConstantTime(expected, parts->signature)) {
        return signatureMismatch();
    }
    if (!equalInConstantTime(sha256Hex(body), bodyHash)) {
        return signatureMismatch("The SHA-256 of the body is not the one in x-acs-content-sha256");
    }
    HANSHU_TRY(checkNonce(nonces, parts->credential, nonce, *time, date));
    return std::move(identity->caller);
}

void signAcs3(http::Request& request, std::string_view body, const AccessKey& key, std::string_view securityToken,
              SystemTime now, std::string_view nonce) {
    auto& headers = request.headers;
    const auto bodyHash = sha256Hex(body);
    headers.set("x-acs-date", formatRfc3339(now));
    headers.set("x-acs-signature-nonce", std::string(nonce));
    headers.set("x-acs-content-sha256", bodyHash);
    if (!headers.has("x-acs-version")) {
        headers.set("x-acs-version", "2023-03-30");
    }
    if (!securityToken.empty()) {
        headers.set("x-acs-accesskey-id", key.id);
        headers.set("x-acs-security-token", std::string(securityToken));
    }
    std::set<std::string> names;
    for (const auto& [name, value] : headers.fields()) {
        auto lowered = name;
        std::ranges::transform(lowered, lowered.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (lowered == "host" || lowered == "content-type" || lowered.starts_with(kPrefix)) {
            names.insert(std::move(lowered));
        }
    }
    const auto signedHeaders = fmt::format("{}", fmt::join(names, ";"));
    const auto signature = signatureOf(request, signedHeaders, bodyHash, key.secret);
    headers.set("Authorization", fmt::format("{} Credential={},SignedHeaders={},Signature={}", kAlgorithm, key.id,
                                             signedHeaders, signature));
}

}  // namespace hanshu::access
