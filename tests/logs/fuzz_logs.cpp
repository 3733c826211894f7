// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// libFuzzer over the readers of the log store's files. Built by the preset `fuzz`.
#include "logs/seeds.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

// The names are libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto broken = hanshu::test::brokenLogsBy({reinterpret_cast<const char*>(data), size});
    if (!broken.empty()) {
        std::fprintf(stderr, "%s\n", broken.c_str());
        std::abort();
    }
    return 0;
}

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

// Starts anew from what is right once in a while: no chance finds that.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maxSize,
                                               unsigned seed) {
    if (seed % 16 == 0) {
        const int kind = static_cast<int>(seed / 16 % hanshu::test::kSeedKinds);
        const auto seeds = hanshu::test::seedsOf(kind);
        const auto bytes = static_cast<char>(kind) + seeds[seed / 256 % seeds.size()];
        size = std::min(bytes.size(), maxSize);
        std::memcpy(data, bytes.data(), size);
    }
    return LLVMFuzzerMutate(data, size, maxSize);
}
