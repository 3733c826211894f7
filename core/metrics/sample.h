// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a series was in some time: one value for all kinds, how several become one, and its bytes. Values; any thread.
#pragma once

#include "metrics/histogram.h"
#include "metrics/series.h"

namespace hanshu::metrics {

// In the metric's stored unit (names.h), whole numbers, so that sums are exact whatever the order.
//   counter:   sum of all, min and max of the sums of single periods, count of periods that were not quiet
//   gauge:     sum, min, max, last and count of the values that were seen
//   histogram: sum, min, max and count of the values; their buckets stand beside it
struct Sample {
    std::int64_t sum = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::int64_t last = 0;
    std::int64_t count = 0;

    bool operator==(const Sample&) const = default;
};
[[nodiscard]] constexpr Sample counterSample(std::int64_t sum) noexcept {
    return {sum, sum, sum, 0, 1};
}
[[nodiscard]] constexpr Sample gaugeSample(std::int64_t value) noexcept {
    return {value, value, value, value, 1};
}

// Makes one of two of different times, `later` being the later one.
void join(Sample& into, const Sample& later) noexcept;
// Makes one of two of the same period: what came before and after a restart, or late.
void joinWithin(Kind kind, Sample& into, const Sample& other) noexcept;

// Bytes of a sample, given the one before it in its chunk (or a Sample{}); `isRaw`: of one period. The buckets of a
// histogram of one value are empty: the value is its sum.
void writeSample(Kind kind, bool isRaw, const Sample& sample, std::string_view buckets, const Sample& before,
                 std::string& out);
// False: it is malformed. Any bytes give a sample whose parts are defined.
[[nodiscard]] bool readSample(Kind kind, bool isRaw, ByteReader& in, Sample& sample, std::string_view& buckets,
                              const Sample& before);

// Adds the values of a histogram's sample. False: its buckets are damaged.
[[nodiscard]] bool addTo(Histogram& histogram, const Sample& sample, std::string_view buckets);
// The sample of a histogram; its buckets are appended to `out`.
[[nodiscard]] Sample sampleOf(const Histogram& histogram, std::string& out);

}  // namespace hanshu::metrics
