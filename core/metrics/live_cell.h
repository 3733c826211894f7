// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a series has gathered since it was last drained. add, set and record on any thread, without locks; the rest by
// whoever drains.
#pragma once

#include "metrics/batch.h"
#include "metrics/page_arena.h"

namespace hanshu::metrics {

// Bounds of what `le` tells in the text format. 19 of them, and what is above.
inline constexpr std::size_t kBounds = 19;
using Bounds = std::array<std::uint64_t, kBounds>;

class CounterCell {
public:
    explicit CounterCell(SeriesId id) noexcept : m_id(id) {}

    void add(std::uint64_t by) noexcept { m_total.fetch_add(by, std::memory_order_relaxed); }

    [[nodiscard]] SeriesId id() const noexcept { return m_id; }
    [[nodiscard]] std::uint64_t total() const noexcept { return m_total.load(std::memory_order_relaxed); }
    void drain(Batch& into) {
        const auto total = this->total();
        if (total != m_drained) {
            into.add(m_id, Kind::Counter, counterSample(static_cast<std::int64_t>(total - m_drained)));
            m_drained = total;
        }
    }

private:
    SeriesId m_id;
    std::atomic<std::uint64_t> m_total{0};
    std::uint64_t m_drained = 0;
};

class GaugeCell {
public:
    explicit GaugeCell(SeriesId id) noexcept : m_id(id) {}

    void set(std::int64_t value) noexcept;

    [[nodiscard]] SeriesId id() const noexcept { return m_id; }
    // Nothing: it was never set.
    [[nodiscard]] std::optional<std::int64_t> last() const noexcept {
        return m_wasSet.load(std::memory_order_acquire) ? std::optional(m_last.load(std::memory_order_relaxed))
                                                        : std::nullopt;
    }
    void drain(Batch& into);

private:
    SeriesId m_id;
    std::atomic<bool> m_wasSet{false};
    std::atomic<std::int64_t> m_last{0};
    std::atomic<std::int64_t> m_min{INT64_MAX};
    std::atomic<std::int64_t> m_max{INT64_MIN};
    std::atomic<std::int64_t> m_sum{0};
    std::atomic<std::int64_t> m_count{0};
};

class HistogramCell {
public:
    // All since the start, as the text format tells it.
    struct Totals {
        std::array<std::uint64_t, kBounds> upTo{};  // values of each range between bounds, not added up
        std::uint64_t count = 0;
        std::uint64_t sum = 0;
    };

    HistogramCell(SeriesId id, const Bounds& bounds, std::shared_ptr<PageArena> arena) noexcept
        : m_id(id), m_bounds(bounds), m_arena(std::move(arena)) {}
    ~HistogramCell();
    HistogramCell(const HistogramCell&) = delete;
    HistogramCell& operator=(const HistogramCell&) = delete;

    // False: there was no memory for it.
    bool record(std::uint64_t value) noexcept;

    [[nodiscard]] SeriesId id() const noexcept { return m_id; }
    [[nodiscard]] const Bounds& bounds() const noexcept { return m_bounds; }
    [[nodiscard]] const Totals& totals() const noexcept { return m_totals; }
    void drain(Batch& into);

private:
    void drainPage(std::size_t index, BucketWriter& out);
    void detachQuiet(std::size_t index);
    void releaseDetached();

    SeriesId m_id;
    const Bounds& m_bounds;
    std::shared_ptr<PageArena> m_arena;
    std::array<std::atomic<PageArena::PageNumber>, kPages> m_pages{};
    std::atomic<std::uint64_t> m_sum{0};
    std::atomic<std::uint64_t> m_min{UINT64_MAX};
    std::atomic<std::uint64_t> m_max{0};

    // Of the drain under way.
    std::uint64_t m_count = 0;
    Bucket m_first = 0;
    Bucket m_last = 0;
    Totals m_totals;
    // Pages that no slot has any more. A record that found one before may still be writing to it: they wait.
    struct Detached {
        PageArena::PageNumber page;
        std::uint32_t index;
        std::uint32_t drains;
    };
    std::vector<Detached> m_detached;
};

}  // namespace hanshu::metrics
