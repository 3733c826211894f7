// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/digest.h"

#include "base/encoding.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <array>
#include <cstdlib>

namespace hanshu {
namespace {

// What OpenSSL sets up with its first use stays with the thread that made it, and is lost when that thread ends before
// the process: so the main thread is the first.
const int kReady = OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, nullptr);

// Fetched once: otherwise OpenSSL 3 looks an algorithm up, under locks, with every operation.
const EVP_MD* fetched(const char* name) {
    EVP_MD* const found = EVP_MD_fetch(nullptr, name, nullptr);
    if (kReady != 1 || found == nullptr) {
        std::abort();
    }
    return found;
}

const EVP_MD* algorithm(DigestKind kind) {
    static const EVP_MD* const md5 = fetched("MD5");
    static const EVP_MD* const sha1 = fetched("SHA1");
    static const EVP_MD* const sha256 = fetched("SHA256");
    switch (kind) {
        case DigestKind::Md5:
            return md5;
        case DigestKind::Sha1:
            return sha1;
        case DigestKind::Sha256:
            return sha256;
    }
    std::abort();
}

// A context that a thread keeps for digests of bytes that are all there.
std::string digestOf(DigestKind kind, std::size_t size, std::string_view bytes) {
    struct Freed {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    thread_local const std::unique_ptr<EVP_MD_CTX, Freed> context(EVP_MD_CTX_new());
    std::string out(size, '\0');
    if (EVP_DigestInit_ex2(context.get(), algorithm(kind), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) != 1) {
        std::abort();
    }
    return out;
}

EVP_MAC_CTX* newHmacSha256() {
    EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    EVP_MAC_CTX* const context = EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
        OSSL_PARAM_construct_end()};
    if (context == nullptr || EVP_MAC_CTX_set_params(context, parameters.data()) != 1) {
        std::abort();
    }
    return context;
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
    return digestOf(DigestKind::Sha256, 32, bytes);
}

std::string sha256Hex(std::string_view bytes) {
    return toHex(sha256(bytes));
}

std::string md5(std::string_view bytes) {
    return digestOf(DigestKind::Md5, 16, bytes);
}

std::string hmacSha256(std::string_view key, std::string_view bytes) {
    struct Freed {
        void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    };
    thread_local const std::unique_ptr<EVP_MAC_CTX, Freed> context(newHmacSha256());
    // A null key means the one before: an empty key needs an address.
    const auto* const keyBytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
    std::string out(32, '\0');
    std::size_t size = 0;
    if (EVP_MAC_init(context.get(), keyBytes, key.size(), nullptr) != 1 ||
        EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()) != 1 ||
        EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) != 1) {
        std::abort();
    }
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
