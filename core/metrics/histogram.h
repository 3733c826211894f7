// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How often which value came: log-linear buckets that merge without loss, so that a percentile of any merge is right
// to one part in 128. One thread at a time.
//
// Buckets as in HdrHistogram (Gil Tene, hdrhistogram.org) with 64 of equal width to each doubling: a value below 128
// has a bucket of its own; above, with e = floor(log2 value) - 6, the bucket is 64 e + floor(value / 2^e). A bucket is
// at most 1/64 of its lower edge wide, and its middle stands for all its values.
#pragma once

#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

namespace hanshu::metrics {

using Bucket = std::uint16_t;
inline constexpr std::size_t kBucketsPerPage = 64;
// Larger values count as this one (8 years in microseconds, 256 TiB); their sum is exact all the same.
inline constexpr std::uint64_t kMaxValue = (std::uint64_t{1} << 48U) - 1;

[[nodiscard]] constexpr Bucket bucketOf(std::uint64_t value) noexcept {
    value = std::min(value, kMaxValue);
    if (value < 2 * kBucketsPerPage) {
        return static_cast<Bucket>(value);
    }
    const auto e = static_cast<unsigned>(std::bit_width(value)) - 7;
    return static_cast<Bucket>(kBucketsPerPage * e + (value >> e));
}
inline constexpr std::size_t kBuckets = bucketOf(kMaxValue) + std::size_t{1};
inline constexpr std::size_t kPages = kBuckets / kBucketsPerPage;

// The least and the greatest value of a bucket.
[[nodiscard]] constexpr std::uint64_t lowerEdge(Bucket bucket) noexcept {
    if (bucket < 2 * kBucketsPerPage) {
        return bucket;
    }
    const auto e = bucket / kBucketsPerPage - 1;
    return (bucket - kBucketsPerPage * e) << e;
}
[[nodiscard]] constexpr std::uint64_t upperEdge(Bucket bucket) noexcept {
    return bucket < 2 * kBucketsPerPage ? bucket
                                        : lowerEdge(bucket) + (std::uint64_t{1} << (bucket / kBucketsPerPage - 1)) - 1;
}

class Histogram {
public:
    void record(std::uint64_t value, std::uint64_t times = 1);
    void merge(const Histogram& other);
    void clear();

    [[nodiscard]] std::uint64_t count() const noexcept { return m_count; }
    [[nodiscard]] bool empty() const noexcept { return m_count == 0; }
    // Exact; at most 2^64 - 1. Least and greatest are exact, and 0 when it is empty.
    [[nodiscard]] std::uint64_t sum() const noexcept { return m_sum; }
    [[nodiscard]] std::uint64_t min() const noexcept { return empty() ? 0 : m_min; }
    [[nodiscard]] std::uint64_t max() const noexcept { return m_max; }
    // The value below or at which `percent` (0–100) of all values lie: the ceil(percent/100 · count)-th of them, the
    // inverse of the empirical distribution (Hyndman and Fan 1996, definition 1). 0 when it is empty.
    [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

    // Calls found(bucket, times) for each bucket with values, in order.
    template <class Found>
    void forEach(Found&& found) const {
        for (std::size_t page = 0; page < kPages; ++page) {
            if (m_pages[page] == nullptr) {
                continue;
            }
            for (std::size_t i = 0; i < kBucketsPerPage; ++i) {
                if (const auto times = (*m_pages[page])[i]; times > 0) {
                    found(static_cast<Bucket>(page * kBucketsPerPage + i), times);
                }
            }
        }
    }

    // What mergeBuckets reads; sum, least and greatest go beside it. A number for each bucket: twice the distance to
    // the one before, plus one if a number follows with what is above one.
    void writeBuckets(std::string& out) const;
    // Adds buckets, and what is known of their values. False, and nothing is added: they are damaged.
    [[nodiscard]] bool mergeBuckets(std::string_view bytes, std::uint64_t sum, std::uint64_t min, std::uint64_t max);

private:
    using Page = std::array<std::uint64_t, kBucketsPerPage>;

    void add(Bucket bucket, std::uint64_t times);

    std::array<std::unique_ptr<Page>, kPages> m_pages;
    std::uint64_t m_count = 0;
    std::uint64_t m_sum = 0;
    std::uint64_t m_min = UINT64_MAX;
    std::uint64_t m_max = 0;
};

// Writes buckets in growing order.
class BucketWriter {
public:
    explicit BucketWriter(std::string& out) : m_out(out) {}
    void add(Bucket bucket, std::uint64_t times) {
        const auto step = static_cast<std::uint64_t>(bucket - m_next);
        m_next = static_cast<Bucket>(bucket + 1);
        m_out.varint(step << 1U | (times > 1 ? 1U : 0U));
        if (times > 1) {
            m_out.varint(times - 2);
        }
    }

private:
    ByteWriter m_out;
    Bucket m_next = 0;
};

// Calls found(bucket, times) for each bucket; false: they are damaged from there on.
template <class Found>
[[nodiscard]] bool readBuckets(std::string_view bytes, Found&& found) {
    ByteReader in(bytes);
    std::uint64_t bucket = 0;
    while (in.left() > 0) {
        const auto step = in.varint();
        const auto times = (step & 1U) != 0 ? in.varint() + 2 : 1;
        bucket += step >> 1U;
        // More in one bucket than a damaged number can make: sums of a few million of them still fit.
        if (!in.ok() || step >> 1U >= kBuckets || bucket >= kBuckets || times > std::uint64_t{1} << 42U) {
            return false;
        }
        found(static_cast<Bucket>(bucket), times);
        ++bucket;
    }
    return true;
}

}  // namespace hanshu::metrics
