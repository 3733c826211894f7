// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Bytes as text and back: hex, Base64, percent-encoding. Any thread.
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>

namespace hanshu {

[[nodiscard]] std::string toHex(std::string_view bytes);  // lower case
[[nodiscard]] Result<std::string> fromHex(std::string_view hex);

[[nodiscard]] std::string toBase64(std::string_view bytes);             // RFC 4648, padded
[[nodiscard]] Result<std::string> fromBase64(std::string_view base64);  // strict: padding needed, no white space

// RFC 3986: everything but A-Z a-z 0-9 - _ . ~ becomes %XX; `keepSlash` leaves '/' as it is.
[[nodiscard]] std::string percentEncode(std::string_view text, bool keepSlash = false);
// Fails on a truncated or non-hex escape. '+' stays '+' unless `plusIsSpace`.
[[nodiscard]] Result<std::string> percentDecode(std::string_view text, bool plusIsSpace = false);

// Whether the text is well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates).
[[nodiscard]] bool isUtf8(std::string_view text) noexcept;

// In time that does not depend on where the two differ; for signatures.
[[nodiscard]] bool equalInConstantTime(std::string_view a, std::string_view b) noexcept;

}  // namespace hanshu
