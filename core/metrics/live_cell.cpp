// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/live_cell.h"

namespace hanshu::metrics {
namespace {

// A minute without a value of its range: the page goes to others.
constexpr std::uint32_t kQuietPeriods = 6;
// Drains, ten seconds apart, that a detached page waits: a record takes some ten nanoseconds.
constexpr std::uint32_t kDetachedDrains = 2;

template <class T, class Better>
void improve(std::atomic<T>& best, T value, Better better) noexcept {
    auto current = best.load(std::memory_order_relaxed);
    while (better(value, current) && !best.compare_exchange_weak(current, value, std::memory_order_relaxed)) {
    }
}

}  // namespace

void GaugeCell::set(std::int64_t value) noexcept {
    m_last.store(value, std::memory_order_relaxed);
    m_sum.fetch_add(value, std::memory_order_relaxed);
    improve(m_min, value, std::less<>());
    improve(m_max, value, std::greater<>());
    m_wasSet.store(true, std::memory_order_release);
    m_count.fetch_add(1, std::memory_order_release);
}

void GaugeCell::drain(Batch& into) {
    // A value that is set meanwhile may have its parts in two periods; none is lost, and limits are put right here.
    const auto count = m_count.exchange(0, std::memory_order_acquire);
    if (count == 0) {
        return;
    }
    Sample sample;
    sample.count = count;
    sample.sum = m_sum.exchange(0, std::memory_order_relaxed);
    sample.last = m_last.load(std::memory_order_relaxed);
    sample.min = std::min(m_min.exchange(INT64_MAX, std::memory_order_relaxed), sample.last);
    sample.max = std::max(m_max.exchange(INT64_MIN, std::memory_order_relaxed), sample.last);
    into.add(m_id, Kind::Gauge, sample);
}

HistogramCell::~HistogramCell() {
    const auto giveBack = [this](PageArena::PageNumber number) {
        for (auto& count : m_arena->page(number).counts) {
            count.store(0, std::memory_order_relaxed);
        }
        m_arena->release(number);
    };
    for (auto& slot : m_pages) {
        if (const auto number = slot.load(std::memory_order_relaxed); number != 0) {
            giveBack(number);
        }
    }
    for (const auto& detached : m_detached) {
        giveBack(detached.page);
    }
}

bool HistogramCell::record(std::uint64_t value) noexcept {
    const auto bucket = bucketOf(value);
    auto& slot = m_pages[bucket / kBucketsPerPage];
    auto number = slot.load(std::memory_order_acquire);
    if (number == 0) {
        number = m_arena->attach(slot);
        if (number == 0) {
            return false;
        }
    }
    m_sum.fetch_add(value, std::memory_order_relaxed);
    improve(m_min, value, std::less<>());
    improve(m_max, value, std::greater<>());
    m_arena->page(number).counts[bucket % kBucketsPerPage].fetch_add(1, std::memory_order_release);
    return true;
}

void HistogramCell::drainPage(std::size_t index, BucketWriter& out) {
    const auto number = m_pages[index].load(std::memory_order_acquire);
    if (number == 0) {
        return;
    }
    auto& page = m_arena->page(number);
    bool isQuiet = true;
    for (std::size_t i = 0; i < kBucketsPerPage; ++i) {
        if (page.counts[i].load(std::memory_order_relaxed) == 0) {
            continue;
        }
        const auto times = page.counts[i].exchange(0, std::memory_order_acquire);
        const auto bucket = static_cast<Bucket>(index * kBucketsPerPage + i);
        m_first = m_count == 0 ? bucket : m_first;
        m_last = bucket;
        m_count += times;
        out.add(bucket, times);
        // By the lower edge, so that a value at a bound is below it; one above it by up to 1/64 is, too.
        const auto bound = std::ranges::lower_bound(m_bounds, lowerEdge(bucket));
        if (bound != m_bounds.end()) {
            m_totals.upTo[static_cast<std::size_t>(bound - m_bounds.begin())] += times;
        }
        isQuiet = false;
    }
    page.quietPeriods = isQuiet ? page.quietPeriods + 1 : 0;
}

void HistogramCell::drain(Batch& into) {
    const auto at = into.buckets.size();
    m_count = 0;
    {
        BucketWriter out(into.buckets);
        for (std::size_t index = 0; index < kPages; ++index) {
            drainPage(index, out);
            detachQuiet(index);
        }
    }
    releaseDetached();
    if (m_count == 0) {
        return;
    }
    // A value that is recorded meanwhile may have its sum in the period after; none is lost. Limits are put right.
    Sample sample;
    sample.count = static_cast<std::int64_t>(m_count);
    const auto sum = m_sum.exchange(0, std::memory_order_relaxed);
    sample.sum = static_cast<std::int64_t>(sum);
    const auto least = m_min.exchange(UINT64_MAX, std::memory_order_relaxed);
    const auto greatest = m_max.exchange(0, std::memory_order_relaxed);
    const auto top = m_last + std::size_t{1} == kBuckets ? std::max(greatest, upperEdge(m_last)) : upperEdge(m_last);
    sample.min = static_cast<std::int64_t>(std::clamp(least, lowerEdge(m_first), upperEdge(m_first)));
    sample.max = static_cast<std::int64_t>(std::clamp(greatest, lowerEdge(m_last), top));
    if (m_count == 1) {
        into.buckets.resize(at);  // the value says it all
        const auto value = std::clamp(sum, lowerEdge(m_first), top);
        m_sum.fetch_add(sum - value, std::memory_order_relaxed);
        sample = {static_cast<std::int64_t>(value), static_cast<std::int64_t>(value), static_cast<std::int64_t>(value),
                  0, 1};
    }
    m_totals.count += m_count;
    m_totals.sum += static_cast<std::uint64_t>(sample.sum);
    into.entries.push_back({m_id, Kind::Histogram, sample, static_cast<std::uint32_t>(at),
                            static_cast<std::uint32_t>(into.buckets.size() - at)});
}

void HistogramCell::detachQuiet(std::size_t index) {
    const auto number = m_pages[index].load(std::memory_order_relaxed);
    if (number != 0 && m_arena->page(number).quietPeriods >= kQuietPeriods) {
        m_pages[index].store(0, std::memory_order_relaxed);
        m_detached.push_back({number, static_cast<std::uint32_t>(index), 0});
    }
}

void HistogramCell::releaseDetached() {
    std::erase_if(m_detached, [this](Detached& detached) {
        if (++detached.drains <= kDetachedDrains) {
            return false;
        }
        auto& page = m_arena->page(detached.page);
        auto& slot = m_pages[detached.index];
        for (std::size_t i = 0; i < kBucketsPerPage; ++i) {
            // Of a record that began before it was detached; its sum was told already.
            const auto late = page.counts[i].exchange(0, std::memory_order_acquire);
            const auto number = late != 0 ? m_arena->attach(slot) : 0;
            if (number != 0) {
                m_arena->page(number).counts[i].fetch_add(late, std::memory_order_relaxed);
            }
        }
        m_arena->release(detached.page);
        return true;
    });
}

}  // namespace hanshu::metrics
