// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which keys and bucket names are what. Pure; any thread.
#pragma once

#include <string_view>

namespace hanshu::objects {

// S3's limit of a key in bytes.
inline constexpr std::size_t kMaxKeyBytes = 1024;

// Whether the key itself can be a path below the bucket's folder: no empty, `.` or `..` component, none over 255 bytes
// (the limit of Linux's file systems), no control characters. Two such keys never mean the same file.
[[nodiscard]] bool hasNaturalPath(std::string_view key) noexcept;

// S3's rule: 3 to 63 of a-z 0-9 . -, letter or digit at both ends, no two dots in a row, not like an IPv4 address.
[[nodiscard]] bool isBucketName(std::string_view name) noexcept;

}  // namespace hanshu::objects
