// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/session_token.h"

#include "base/digest.h"
#include "base/encoding.h"
#include "base/ids.h"

namespace hanshu::access {
namespace {

constexpr std::size_t kMacSize = 32;
// Longer than any token that is issued; keeps junk out of the decoder.
constexpr std::size_t kLongestToken = 4096;

// Fields stand behind one another, each after its length in two bytes, most significant first.
void putField(std::string& out, std::string_view field) {
    const auto size = std::min<std::size_t>(field.size(), 0xffff);
    out += static_cast<char>(size >> 8U);
    out += static_cast<char>(size & 0xffU);
    out += field.substr(0, size);
}

bool takeField(std::string_view& from, std::string& field) {
    if (from.size() < 2) {
        return false;
    }
    const auto size = static_cast<std::size_t>(static_cast<unsigned char>(from[0])) << 8U |
                      static_cast<std::size_t>(static_cast<unsigned char>(from[1]));
    from.remove_prefix(2);
    if (from.size() < size) {
        return false;
    }
    field = from.substr(0, size);
    from.remove_prefix(size);
    return true;
}

}  // namespace

SessionTokens::SessionTokens(std::string_view secret)
    : m_tokenKey(hmacSha256(secret, "hanshu session token")),
      m_idKey(hmacSha256(secret, "hanshu session id")),
      m_secretKey(hmacSha256(secret, "hanshu session secret")) {}

std::string SessionTokens::issue(const SessionClaims& claims) const {
    const auto expires = std::chrono::duration_cast<std::chrono::seconds>(claims.expires.time_since_epoch()).count();
    std::string bytes;
    putField(bytes, claims.account);
    putField(bytes, claims.role);
    putField(bytes, claims.function);
    putField(bytes, std::to_string(expires));
    putField(bytes, randomHex(8));
    return toBase64(bytes + hmacSha256(m_tokenKey, bytes));
}

std::optional<SessionClaims> SessionTokens::verify(std::string_view token) const {
    if (token.size() > kLongestToken) {
        return std::nullopt;
    }
    const auto bytes = fromBase64(token);
    if (!bytes || bytes->size() < kMacSize) {
        return std::nullopt;
    }
    std::string_view body(*bytes);
    const auto mac = body.substr(body.size() - kMacSize);
    body.remove_suffix(kMacSize);
    if (!equalInConstantTime(hmacSha256(m_tokenKey, body), mac)) {
        return std::nullopt;
    }
    SessionClaims claims;
    std::string expires;
    if (!takeField(body, claims.account) || !takeField(body, claims.role) || !takeField(body, claims.function) ||
        !takeField(body, expires)) {
        return std::nullopt;
    }
    claims.expires = SystemTime{std::chrono::seconds{std::stoll(expires)}};
    return claims;
}

std::string SessionTokens::accessKeyIdOf(std::string_view token) const {
    return "STS." + toHex(hmacSha256(m_idKey, token)).substr(0, 24);
}

std::string SessionTokens::secretOf(std::string_view token) const {
    return toHex(hmacSha256(m_secretKey, token));
}

}  // namespace hanshu::access
