// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The samples of one series in one file, as bytes. Values; any thread.
//
//   chunk: run…
//   run:   samples that are left out before it, then twice their number, plus one if they are all the same, then each
//          of them, or the one (sample.h)
#pragma once

#include "metrics/sample.h"

#include <span>

namespace hanshu::metrics {

struct ChunkSample {
    std::uint32_t offset = 0;  // in samples from the start of the file's span
    Sample sample;
    std::string_view buckets;
};

// Samples with growing offsets.
void writeChunk(Kind kind, bool isRaw, std::span<const ChunkSample> samples, std::string& out);

// Calls found(sample) for each sample below offset `end`, in order; false: the chunk is malformed from there on. The
// buckets are views of the chunk.
template <class Found>
[[nodiscard]] bool readChunk(Kind kind, bool isRaw, std::string_view chunk, std::uint32_t end, Found&& found) {
    ByteReader in(chunk);
    ChunkSample next;
    Sample before;
    std::uint64_t offset = 0;
    while (in.left() > 0) {
        offset += in.varint32(end);
        const auto header = in.varint();
        const auto times = header >> 1U;
        const auto isRepeated = (header & 1U) != 0;
        if (!in.ok() || times == 0 || times > end || offset + times > end) {
            return false;
        }
        for (std::uint64_t i = 0; i < times; ++i) {
            if ((i == 0 || !isRepeated) && !readSample(kind, isRaw, in, next.sample, next.buckets, before)) {
                return false;
            }
            before = next.sample;
            next.offset = static_cast<std::uint32_t>(offset++);
            found(static_cast<const ChunkSample&>(next));
        }
    }
    return true;
}

}  // namespace hanshu::metrics
