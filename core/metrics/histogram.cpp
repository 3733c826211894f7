// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/histogram.h"

#include <cmath>

namespace hanshu::metrics {
namespace {

std::uint64_t saturatingAdd(std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

}  // namespace

void Histogram::add(Bucket bucket, std::uint64_t times) {
    auto& page = m_pages[bucket / kBucketsPerPage];
    if (page == nullptr) {
        page = std::make_unique<Page>();
    }
    (*page)[bucket % kBucketsPerPage] += times;
    m_count += times;
}

void Histogram::record(std::uint64_t value, std::uint64_t times) {
    if (times == 0) {
        return;
    }
    add(bucketOf(value), times);
    std::uint64_t product = 0;
    m_sum = saturatingAdd(m_sum, __builtin_mul_overflow(value, times, &product) ? UINT64_MAX : product);
    m_min = std::min(m_min, value);
    m_max = std::max(m_max, value);
}

void Histogram::merge(const Histogram& other) {
    for (std::size_t page = 0; page < kPages; ++page) {
        if (other.m_pages[page] == nullptr) {
            continue;
        }
        if (m_pages[page] == nullptr) {
            m_pages[page] = std::make_unique<Page>(*other.m_pages[page]);
            continue;
        }
        for (std::size_t i = 0; i < kBucketsPerPage; ++i) {
            (*m_pages[page])[i] += (*other.m_pages[page])[i];
        }
    }
    m_count += other.m_count;
    m_sum = saturatingAdd(m_sum, other.m_sum);
    m_min = std::min(m_min, other.m_min);
    m_max = std::max(m_max, other.m_max);
}

void Histogram::clear() {
    for (auto& page : m_pages) {
        if (page != nullptr) {
            page->fill(0);  // kept: what comes next is of the same sizes
        }
    }
    m_count = 0;
    m_sum = 0;
    m_min = UINT64_MAX;
    m_max = 0;
}

std::uint64_t Histogram::percentile(double percent) const noexcept {
    if (empty()) {
        return 0;
    }
    const auto wanted = std::ceil(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(m_count));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, m_count);
    std::uint64_t passed = 0;
    for (std::size_t page = 0; page < kPages; ++page) {
        for (std::size_t i = 0; m_pages[page] != nullptr && i < kBucketsPerPage; ++i) {
            passed += (*m_pages[page])[i];
            if (passed >= rank) {
                const auto bucket = static_cast<Bucket>(page * kBucketsPerPage + i);
                const auto middle = lowerEdge(bucket) + (upperEdge(bucket) - lowerEdge(bucket)) / 2;
                return m_min <= m_max ? std::clamp(middle, m_min, m_max) : middle;
            }
        }
    }
    return m_max;
}

void Histogram::writeBuckets(std::string& out) const {
    BucketWriter writer(out);
    forEach([&](Bucket bucket, std::uint64_t times) { writer.add(bucket, times); });
}

bool Histogram::mergeBuckets(std::string_view bytes, std::uint64_t sum, std::uint64_t min, std::uint64_t max) {
    std::uint64_t times = 0;
    if (!readBuckets(bytes, [&](Bucket, std::uint64_t more) { times += more; }) || times == 0 || min > max) {
        return false;
    }
    (void)readBuckets(bytes, [&](Bucket bucket, std::uint64_t more) { add(bucket, more); });
    m_sum = saturatingAdd(m_sum, sum);
    m_min = std::min(m_min, min);
    m_max = std::max(m_max, max);
    return true;
}

}  // namespace hanshu::metrics
