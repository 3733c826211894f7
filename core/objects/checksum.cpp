// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "objects/checksum.h"

#include "base/http.h"

#include <array>
#include <bit>
#include <cstring>
#include <type_traits>

namespace hanshu::objects {
namespace {

struct Name {
    ChecksumKind kind;
    std::string_view name;
    std::string_view header;
    std::size_t size;
};

constexpr std::array<Name, 5> kNames{{
    {ChecksumKind::Crc32, "crc32", "x-amz-checksum-crc32", 4},
    {ChecksumKind::Crc32c, "crc32c", "x-amz-checksum-crc32c", 4},
    {ChecksumKind::Crc64Nvme, "crc64nvme", "x-amz-checksum-crc64nvme", 8},
    {ChecksumKind::Sha1, "sha1", "x-amz-checksum-sha1", 20},
    {ChecksumKind::Sha256, "sha256", "x-amz-checksum-sha256", 32},
}};

const Name& nameOf(ChecksumKind kind) noexcept {
    return kNames[static_cast<std::size_t>(kind)];
}

// Reflected polynomials, as the catalogue of parametrised CRC algorithms lists them.
constexpr std::uint64_t kCrc32 = 0xEDB88320U;
constexpr std::uint64_t kCrc32c = 0x82F63B78U;
constexpr std::uint64_t kCrc64Nvme = 0x9A6C9329AC4BC9B5U;

// Eight bytes a step: table[k][b] is the remainder of byte b followed by k zero bytes.
using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

constexpr Tables makeTables(std::uint64_t polynomial) {
    Tables tables{};
    for (std::uint64_t byte = 0; byte < 256; ++byte) {
        auto crc = byte;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? crc >> 1U ^ polynomial : crc >> 1U;
        }
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const auto before = tables[k - 1][byte];
            tables[k][byte] = before >> 8U ^ tables[0][before & 0xFFU];
        }
    }
    return tables;
}

const Tables& tablesOf(ChecksumKind kind) {
    static const Tables crc32 = makeTables(kCrc32);
    static const Tables crc32c = makeTables(kCrc32c);
    static const Tables crc64 = makeTables(kCrc64Nvme);
    return kind == ChecksumKind::Crc32 ? crc32 : kind == ChecksumKind::Crc32c ? crc32c : crc64;
}

std::uint64_t initialOf(ChecksumKind kind) noexcept {
    return kind == ChecksumKind::Crc64Nvme ? ~std::uint64_t{0} : 0xFFFFFFFFU;
}

std::uint64_t advance(const Tables& tables, std::uint64_t crc, std::string_view bytes) noexcept {
    static_assert(std::endian::native == std::endian::little);
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        word ^= crc;
        crc = 0;
        for (std::size_t k = 0; k < 8; ++k) {
            crc ^= tables[7 - k][word >> (8 * k) & 0xFFU];
        }
        bytes.remove_prefix(8);
    }
    for (const auto byte : bytes) {
        crc = crc >> 8U ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xFFU];
    }
    return crc;
}

}  // namespace

std::optional<ChecksumKind> checksumKind(std::string_view name) noexcept {
    for (const auto& entry : kNames) {
        if (http::equalsIgnoringCase(entry.name, name)) {
            return entry.kind;
        }
    }
    return std::nullopt;
}

std::string_view checksumHeader(ChecksumKind kind) noexcept {
    return nameOf(kind).header;
}

std::size_t checksumSize(ChecksumKind kind) noexcept {
    return nameOf(kind).size;
}

Checksum::Checksum(ChecksumKind kind) : m_kind(kind), m_crc(initialOf(kind)) {
    if (kind == ChecksumKind::Sha1) {
        m_digest.emplace(DigestKind::Sha1);
    } else if (kind == ChecksumKind::Sha256) {
        m_digest.emplace(DigestKind::Sha256);
    }
}

void Checksum::update(std::string_view bytes) {
    if (m_digest) {
        m_digest->update(bytes);
    } else {
        m_crc = advance(tablesOf(m_kind), m_crc, bytes);
    }
}

std::string Checksum::finish() {
    if (m_digest) {
        return m_digest->finish();
    }
    const auto value = m_crc ^ initialOf(m_kind);
    std::string raw;
    for (auto shift = 8 * (checksumSize(m_kind) - 1);; shift -= 8) {
        raw.push_back(static_cast<char>(value >> shift & 0xFFU));
        if (shift == 0) {
            return raw;
        }
    }
}

}  // namespace hanshu::objects
