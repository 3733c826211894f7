// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Security tokens that carry their own claims, so that none needs to be stored. Any thread.
//
// A token is base64(claims || HMAC-SHA256(key, claims)); the access key's id and secret are further HMACs over the
// token, under keys that only this installation knows.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace hanshu::access {

struct SessionClaims {
    std::string account;
    std::string role;
    std::string function;
    SystemTime expires;  // whole seconds
};

class SessionTokens {
public:
    explicit SessionTokens(std::string_view secret);

    // Two tokens for the same claims differ.
    [[nodiscard]] std::string issue(const SessionClaims& claims) const;
    // Empty for what this installation did not issue. Does not look at the time.
    [[nodiscard]] std::optional<SessionClaims> verify(std::string_view token) const;
    [[nodiscard]] std::string accessKeyIdOf(std::string_view token) const;  // STS. and 24 hex digits
    [[nodiscard]] std::string secretOf(std::string_view token) const;

private:
    std::string m_tokenKey;
    std::string m_idKey;
    std::string m_secretKey;
};

}  // namespace hanshu::access
