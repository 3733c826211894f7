// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The live side of metrics: what is counted, seen and timed now, gathered in memory until somebody drains it. Any
// thread; adding, setting and recording through a handle takes no lock and tens of nanoseconds at most.
#pragma once

#include "metrics/live_cell.h"

#include <shared_mutex>

namespace hanshu::metrics {

// Handles: kept by who measures often, since making one looks names up. An empty one does nothing. They may outlive the
// registry and the end of their series; what they are told then goes nowhere.
class Counter {
public:
    Counter() = default;
    explicit Counter(std::shared_ptr<CounterCell> cell) : m_cell(std::move(cell)) {}
    void add(std::uint64_t by = 1) const noexcept {
        if (m_cell) {
            m_cell->add(by);
        }
    }

private:
    std::shared_ptr<CounterCell> m_cell;
};

class Gauge {
public:
    Gauge() = default;
    explicit Gauge(std::shared_ptr<GaugeCell> cell) : m_cell(std::move(cell)) {}
    // What is so now; a period in which nobody sets it has no data.
    void set(std::int64_t value) const noexcept {
        if (m_cell) {
            m_cell->set(value);
        }
    }

private:
    std::shared_ptr<GaugeCell> m_cell;
};

class Timing {
public:
    Timing() = default;
    explicit Timing(std::shared_ptr<HistogramCell> cell) : m_cell(std::move(cell)) {}
    // Any quantity that has a distribution; a duration in microseconds.
    void record(std::uint64_t value) const noexcept {
        if (m_cell) {
            (void)m_cell->record(value);
        }
    }
    void record(std::chrono::microseconds duration) const noexcept {
        record(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)));
    }

private:
    std::shared_ptr<HistogramCell> m_cell;
};

class Registry {
public:
    // The book outlives the registry.
    explicit Registry(SeriesBook& book) : m_book(book) {}

    // The errors are those of SeriesBook::intern. Units are those that names.h says.
    [[nodiscard]] Result<Counter> counter(std::string_view metric, const Dimensions& dimensions);
    [[nodiscard]] Result<Gauge> gauge(std::string_view metric, const Dimensions& dimensions);
    [[nodiscard]] Result<Timing> timing(std::string_view metric, const Dimensions& dimensions);

    // Appends all that came since the last call, and goes on with nothing. One thread at a time.
    void drain(Batch& into);
    // Forgets the wanted series after what they have is drained into `into`; a handle that is made afterwards begins a
    // new life. `last` is the period of the batch.
    std::size_t end(const SeriesFilter& filter, Period last, Batch& into);

    // What is live, for the text format; histograms as of the last drain. In order of ids.
    struct Live {
        SeriesId id = 0;
        const CounterCell* counter = nullptr;
        const GaugeCell* gauge = nullptr;
        const HistogramCell* histogram = nullptr;
    };
    void visit(const std::function<void(const Live&)>& found) const;
    [[nodiscard]] const SeriesBook& book() const noexcept { return m_book; }
    // Pages of buckets that live histograms hold, 260 bytes each.
    [[nodiscard]] std::size_t pagesUsed() const { return m_arena->used(); }

private:
    template <class Cell>
    using Cells = std::vector<std::vector<std::shared_ptr<Cell>>>;  // by metric, then by number

    template <class Cell, class Make>
    [[nodiscard]] Result<std::shared_ptr<Cell>> find(Cells<Cell>& cells, std::string_view metric, Kind kind,
                                                     const Dimensions& dimensions, Make&& make);

    SeriesBook& m_book;
    std::shared_ptr<PageArena> m_arena = std::make_shared<PageArena>();
    mutable std::mutex m_draining;      // totals of histograms; taken before m_mutex
    mutable std::shared_mutex m_mutex;  // of what follows
    Cells<CounterCell> m_counters;
    Cells<GaugeCell> m_gauges;
    Cells<HistogramCell> m_histograms;
};

}  // namespace hanshu::metrics
