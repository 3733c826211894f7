// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Checksums and message authentication, by OpenSSL. Values; any thread, each object one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hanshu {

enum class DigestKind { Md5, Sha1, Sha256 };

// Takes bytes in pieces; `finish` ends it and returns the raw digest.
class Digest {
public:
    explicit Digest(DigestKind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;

    void update(std::string_view bytes);
    [[nodiscard]] std::string finish();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

[[nodiscard]] std::string sha256(std::string_view bytes);     // 32 raw bytes
[[nodiscard]] std::string sha256Hex(std::string_view bytes);  // lower hex
[[nodiscard]] std::string md5(std::string_view bytes);        // 16 raw bytes
[[nodiscard]] std::string hmacSha256(std::string_view key, std::string_view bytes);

// CRC-64/XZ (ECMA-182, reflected, as OSS and Function Compute use). `previous` continues an earlier result.
[[nodiscard]] std::uint64_t crc64(std::string_view bytes, std::uint64_t previous = 0) noexcept;

}  // namespace hanshu
