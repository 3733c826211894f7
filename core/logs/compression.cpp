// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/compression.h"

#include <zstd.h>
#include <memory>
#include <new>

namespace hanshu::logs {

Compressor::Compressor(int level) : m_context(ZSTD_createCCtx()) {
    if (m_context == nullptr) {
        throw std::bad_alloc();
    }
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_compressionLevel, level);
}

Compressor::~Compressor() {
    ZSTD_freeCCtx(m_context);
}

std::uint32_t Compressor::append(std::string_view bytes, std::string& to) {
    const auto before = to.size();
    const auto room = ZSTD_compressBound(bytes.size());
    to.resize(before + room);
    // Can't fail: the room is the library's own bound.
    const auto size = ZSTD_compress2(m_context, to.data() + before, room, bytes.data(), bytes.size());
    to.resize(before + (ZSTD_isError(size) != 0 ? 0 : size));
    return static_cast<std::uint32_t>(to.size() - before);
}

bool decompress(std::string_view bytes, std::size_t size, std::string& into) {
    // One a thread: making one costs more than a block.
    thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    into.resize(size);
    return ZSTD_decompressDCtx(context.get(), into.data(), size, bytes.data(), bytes.size()) == size;
}

}  // namespace hanshu::logs
