// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/registry.h"

#include "metrics/names.h"

namespace hanshu::metrics {
namespace {

template <class Cells>
auto* cellAt(const Cells& cells, SeriesId id) {
    const auto metric = metricOf(id);
    const auto number = numberOf(id);
    return metric < cells.size() && number < cells[metric].size() ? cells[metric][number].get() : nullptr;
}

template <class Cells, class Work>
void eachOf(const Cells& cells, std::size_t metric, Work&& work) {
    if (metric >= cells.size()) {
        return;
    }
    for (const auto& cell : cells[metric]) {
        if (cell) {
            work(*cell);
        }
    }
}

}  // namespace

template <class Cell, class Make>
Result<std::shared_ptr<Cell>> Registry::find(Cells<Cell>& cells, std::string_view metric, Kind kind,
                                             const Dimensions& dimensions, Make&& make) {
    const auto id = m_book.intern(metric, kind, dimensions);
    if (!id) {
        return fail(id.error());
    }
    {
        const std::shared_lock lock(m_mutex);
        if (cellAt(cells, *id) != nullptr) {
            return cells[metricOf(*id)][numberOf(*id)];
        }
    }
    const std::unique_lock lock(m_mutex);
    cells.resize(std::max<std::size_t>(cells.size(), metricOf(*id) + std::size_t{1}));
    auto& ofMetric = cells[metricOf(*id)];
    ofMetric.resize(std::max<std::size_t>(ofMetric.size(), numberOf(*id) + std::size_t{1}));
    auto& cell = ofMetric[numberOf(*id)];
    if (!cell) {
        cell = make(*id);
    }
    return cell;
}

Result<Counter> Registry::counter(std::string_view metric, const Dimensions& dimensions) {
    auto cell = find(m_counters, metric, Kind::Counter, dimensions,
                     [](SeriesId id) { return std::make_shared<CounterCell>(id); });
    return cell ? Result<Counter>(Counter(std::move(*cell))) : fail(std::move(cell.error()));
}

Result<Gauge> Registry::gauge(std::string_view metric, const Dimensions& dimensions) {
    auto cell =
        find(m_gauges, metric, Kind::Gauge, dimensions, [](SeriesId id) { return std::make_shared<GaugeCell>(id); });
    return cell ? Result<Gauge>(Gauge(std::move(*cell))) : fail(std::move(cell.error()));
}

Result<Timing> Registry::timing(std::string_view metric, const Dimensions& dimensions) {
    auto cell = find(m_histograms, metric, Kind::Histogram, dimensions,
                     [&](SeriesId id) { return std::make_shared<HistogramCell>(id, boundsOf(metric), m_arena); });
    return cell ? Result<Timing>(Timing(std::move(*cell))) : fail(std::move(cell.error()));
}

void Registry::drain(Batch& into) {
    const std::lock_guard draining(m_draining);
    const std::shared_lock lock(m_mutex);
    const auto metrics = std::max({m_counters.size(), m_gauges.size(), m_histograms.size()});
    for (std::size_t metric = 0; metric < metrics; ++metric) {
        // A metric has one kind.
        eachOf(m_counters, metric, [&](auto& cell) { cell.drain(into); });
        eachOf(m_gauges, metric, [&](auto& cell) { cell.drain(into); });
        eachOf(m_histograms, metric, [&](auto& cell) { cell.drain(into); });
    }
}

std::size_t Registry::end(const SeriesFilter& filter, Period last, Batch& into) {
    const std::lock_guard draining(m_draining);
    const std::unique_lock lock(m_mutex);
    const auto drop = [&](auto& cells, SeriesId id) {
        if (auto* cell = cellAt(cells, id); cell != nullptr) {
            cell->drain(into);
            cells[metricOf(id)][numberOf(id)].reset();
        }
    };
    for (std::uint32_t metric = 0; metric < m_book.metrics(); ++metric) {
        std::vector<SeriesId> wanted;
        m_book.select(metric, filter,
                      [&](const SeriesBook::Series& series, const Dimensions&) { wanted.push_back(series.id); });
        for (const auto id : wanted) {
            drop(m_counters, id);
            drop(m_gauges, id);
            drop(m_histograms, id);
        }
    }
    return m_book.end(filter, last);
}

void Registry::visit(const std::function<void(const Live&)>& found) const {
    const std::lock_guard draining(m_draining);
    const std::shared_lock lock(m_mutex);
    const auto metrics = std::max({m_counters.size(), m_gauges.size(), m_histograms.size()});
    for (std::size_t metric = 0; metric < metrics; ++metric) {
        eachOf(m_counters, metric, [&](const auto& cell) { found({cell.id(), &cell, nullptr, nullptr}); });
        eachOf(m_gauges, metric, [&](const auto& cell) { found({cell.id(), nullptr, &cell, nullptr}); });
        eachOf(m_histograms, metric, [&](const auto& cell) { found({cell.id(), nullptr, nullptr, &cell}); });
    }
}

}  // namespace hanshu::metrics
