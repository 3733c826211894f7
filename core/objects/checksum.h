// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The checksums that S3 clients may send beside a body (x-amz-checksum-*). Values; one thread at a time.
#pragma once

#include "base/digest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::objects {

enum class ChecksumKind { Crc32, Crc32c, Crc64Nvme, Sha1, Sha256 };

// crc32, crc32c, crc64nvme, sha1, sha256, in either case.
[[nodiscard]] std::optional<ChecksumKind> checksumKind(std::string_view name) noexcept;
[[nodiscard]] std::string_view checksumHeader(ChecksumKind kind) noexcept;  // x-amz-checksum-…
[[nodiscard]] std::size_t checksumSize(ChecksumKind kind) noexcept;         // raw bytes

class Checksum {
public:
    explicit Checksum(ChecksumKind kind);
    void update(std::string_view bytes);
    [[nodiscard]] std::string finish();  // raw, most significant byte first

private:
    ChecksumKind m_kind;
    std::uint64_t m_crc = 0;
    std::optional<Digest> m_digest;
};

}  // namespace hanshu::objects
