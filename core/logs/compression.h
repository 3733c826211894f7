// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// zstd on whole pieces with their sizes known. Each object one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

struct ZSTD_CCtx_s;

namespace hanshu::logs {

class Compressor {
public:
    explicit Compressor(int level);
    ~Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    // Appends the compressed bytes; returns how many.
    std::uint32_t append(std::string_view bytes, std::string& to);

private:
    ZSTD_CCtx_s* m_context;
};

// Sets `into` to exactly `size` bytes, or returns false. Any thread.
[[nodiscard]] bool decompress(std::string_view bytes, std::size_t size, std::string& into);

}  // namespace hanshu::logs
