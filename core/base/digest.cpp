// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/digest.h"

#include "base/encoding.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <array>
#include <cstdlib>

namespace hanshu {
namespace {

const EVP_MD* algorithm(DigestKind kind) {
    switch (kind) {
        case DigestKind::Md5:
            return EVP_md5();
        case DigestKind::Sha1:
            return EVP_sha1();
        case DigestKind::Sha256:
            return EVP_sha256();
    }
    std::abort();
}

constexpr std::array<std::uint64_t, 256> makeCrc64Table() {
    constexpr std::uint64_t kReflectedPolynomial = 0xC96C5795D7870F42U;
    std::array<std::uint64_t, 256> table{};
    for (std::uint64_t i = 0; i < table.size(); ++i) {
        auto crc = i;
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc & 1U) != 0 ? crc >> 1U ^ kReflectedPolynomial : crc >> 1U;
        }
        table[i] = crc;
    }
    return table;
}

constexpr auto kCrc64Table = makeCrc64Table();

}  // namespace

struct Digest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestKind kind) : m_state(std::make_unique<State>()) {
    if (EVP_DigestInit_ex(m_state->context, algorithm(kind), nullptr) != 1) {
        std::abort();
    }
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
    EVP_DigestUpdate(m_state->context, bytes.data(), bytes.size());
}

std::string Digest::finish() {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int size = 0;
    EVP_DigestFinal_ex(m_state->context, reinterpret_cast<unsigned char*>(out.data()), &size);
    out.resize(size);
    return out;
}

std::string sha256(std::string_view bytes) {
    std::string out(32, '\0');
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
               nullptr);
    return out;
}

std::string sha256Hex(std::string_view bytes) {
    return toHex(sha256(bytes));
}

std::string md5(std::string_view bytes) {
    std::string out(16, '\0');
    EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_md5(), nullptr);
    return out;
}

std::string hmacSha256(std::string_view key, std::string_view bytes) {
    std::string out(32, '\0');
    unsigned int size = 32;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
         bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size);
    return out;
}

std::uint64_t crc64(std::string_view bytes, std::uint64_t previous) noexcept {
    auto crc = ~previous;
    for (const char c : bytes) {
        crc = kCrc64Table[(crc ^ static_cast<unsigned char>(c)) & 0xffU] ^ crc >> 8U;
    }
    return ~crc;
}

}  // namespace hanshu
