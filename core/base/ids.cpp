// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/ids.h"

#include "base/encoding.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <span>

namespace hanshu {
namespace {

// Asking the kernel costs a system call; ids ask for a few bytes each, so they share a buffer per thread.
void fillRandom(std::span<unsigned char> into) {
    thread_local std::array<unsigned char, 256> buffer;
    thread_local std::size_t left = 0;
    std::size_t done = 0;
    while (done < into.size()) {
        if (left == 0) {
            if (getrandom(buffer.data(), buffer.size(), 0) != static_cast<ssize_t>(buffer.size())) {
                if (errno == EINTR) {
                    continue;
                }
                std::abort();
            }
            left = buffer.size();
        }
        const auto take = std::min(left, into.size() - done);
        for (std::size_t i = 0; i < take; ++i) {
            auto& byte = buffer.at(buffer.size() - left + i);
            into[done + i] = byte;
            byte = 0;
        }
        left -= take;
        done += take;
    }
}

std::int64_t nowMilliseconds() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

std::string randomHex(std::size_t bytes) {
    std::string raw(bytes, '\0');
    fillRandom({reinterpret_cast<unsigned char*>(raw.data()), raw.size()});
    return toHex(raw);
}

std::string randomToken(std::size_t length) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string token;
    token.reserve(length);
    while (token.size() < length) {
        unsigned char byte = 0;
        fillRandom({&byte, 1});
        // 248 is the largest multiple of 62 in a byte: beyond it the first characters would be likelier.
        if (byte < 248) {
            token += kAlphabet[byte % kAlphabet.size()];
        }
    }
    return token;
}

RequestId newRequestId() {
    return {fmt::format("1-{:08x}-{}", static_cast<std::uint32_t>(nowMilliseconds() / 1000), randomHex(12))};
}

InstanceId newInstanceId() {
    return {fmt::format("c-{:08x}-{}-{}", static_cast<std::uint32_t>(nowMilliseconds() / 1000), randomHex(4),
                        randomHex(6))};
}

EventId newEventId() {
    // Time and a count within it; a clock that steps back goes on where it was.
    constexpr unsigned kCountBits = 20;
    static std::atomic<std::uint64_t> last{0};
    const auto now = static_cast<std::uint64_t>(nowMilliseconds()) << kCountBits;
    auto before = last.load(std::memory_order_relaxed);
    auto next = std::max(before + 1, now);
    while (!last.compare_exchange_weak(before, next, std::memory_order_relaxed)) {
        next = std::max(before + 1, now);
    }
    return {fmt::format("{:017x}{}", next, randomHex(8).substr(1))};
}

std::string newUuid() {
    std::array<unsigned char, 16> bytes{};
    fillRandom(bytes);
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x40U);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
    const auto hex = toHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                       hex.substr(20));
}

}  // namespace hanshu
