// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/chunk.h"

namespace hanshu::metrics {
namespace {

// A run of equal samples costs two bytes more than leaving them among others.
constexpr std::size_t kLeastRepeats = 4;

// How many samples from the first on follow each other without a gap and are the same.
std::size_t repeats(std::span<const ChunkSample> samples) {
    std::size_t count = 1;
    while (count < samples.size() && samples[count].offset == samples[0].offset + count &&
           samples[count].sample == samples[0].sample && samples[count].buckets == samples[0].buckets) {
        ++count;
    }
    return count;
}

// How many from the first on follow each other, up to where a run of equal ones is worth its own.
std::size_t plain(std::span<const ChunkSample> samples) {
    std::size_t count = 1;
    while (count < samples.size() && samples[count].offset == samples[0].offset + count &&
           repeats(samples.subspan(count, std::min(kLeastRepeats, samples.size() - count))) < kLeastRepeats) {
        ++count;
    }
    return count;
}

}  // namespace

void writeChunk(Kind kind, bool isRaw, std::span<const ChunkSample> samples, std::string& out) {
    ByteWriter bytes(out);
    std::uint32_t next = 0;
    Sample before;
    while (!samples.empty()) {
        const auto same = repeats(samples);
        const auto isRepeated = same >= kLeastRepeats;
        const auto times = isRepeated ? same : plain(samples);
        bytes.varint(samples[0].offset - next);
        bytes.varint(times << 1U | (isRepeated ? 1U : 0U));
        for (std::size_t i = 0; i < (isRepeated ? 1 : times); ++i) {
            writeSample(kind, isRaw, samples[i].sample, samples[i].buckets, before, out);
            before = samples[i].sample;
        }
        next = samples[times - 1].offset + 1;
        samples = samples.subspan(times);
    }
}

}  // namespace hanshu::metrics
