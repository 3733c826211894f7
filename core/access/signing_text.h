// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The texts that both signature schemes are made over. Any thread.
#pragma once

#include "base/clock.h"
#include "base/http.h"
#include "base/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace hanshu::access {

// The three parts of `{algorithm} Credential=…,SignedHeaders=…,Signature=…`, views into the header.
struct AuthorizationParts {
    std::string_view credential;
    std::string_view signedHeaders;
    std::string_view signature;
};

// Empty for another algorithm, or when a part is missing.
[[nodiscard]] std::optional<AuthorizationParts> parseAuthorization(std::string_view value, std::string_view algorithm);

// Whether `name` (lower case) is in the list a;b;c.
[[nodiscard]] bool isSigned(std::string_view signedHeaders, std::string_view name) noexcept;

// The first header whose name begins with `prefix` (lower case) and that the signature does not cover; else empty.
[[nodiscard]] std::string_view unsignedHeader(const http::Headers& headers, std::string_view prefix,
                                              std::string_view signedHeaders);

// "name:value\n" for each signed header in the list's order: values trimmed, several of one name joined by commas;
// inner runs of spaces become one where `collapse` (SigV4's Trimall).
void appendHeaders(std::string& out, const http::Headers& headers, std::string_view signedHeaders, bool collapse);

// The pairs decoded, encoded again, sorted and joined; without the pair of the key `except`.
void appendQuery(std::string& out, const http::Request& request, std::string_view except, bool encodeKeys);

// 2006-01-02T15:04:05Z and 20060102T150405Z, the forms of signed dates. Quicker than a general parser: every request
// has one.
[[nodiscard]] std::optional<SystemTime> parseSignedTime(std::string_view text) noexcept;

[[nodiscard]] Failure signatureMismatch(std::string message = {});
[[nodiscard]] Failure missingHeader(std::string_view name);
// RequestExpired unless `time` is within kSignatureWindow of `now`.
[[nodiscard]] Result<void> checkTime(SystemTime time, std::string_view asWritten, SystemTime now);

}  // namespace hanshu::access
