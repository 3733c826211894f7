// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/line_builder.h"

#include <algorithm>

namespace hanshu::metrics {
namespace {

// Finer files than are asked for cover a day, or, when something came late, may cover any time: beyond as many times,
// the limits of several series are not added up.
constexpr std::size_t kMaxCells = 50'000;

double perSecond(double value, Period periods) {
    return value / (static_cast<double>(periods) * static_cast<double>(kPeriod.count()));
}

}  // namespace

void WrittenTimes::add(const WrittenSpan& span) {
    const auto periods = periodsOf(span.resolution);
    auto& range = m_ranges[static_cast<std::size_t>(span.resolution)];
    if (range.written.empty()) {
        range.first = span.start;
    } else if (span.start < range.first) {
        range.written.insert(range.written.begin(), static_cast<std::size_t>((range.first - span.start) / periods), 0);
        range.first = span.start;
    }
    const auto at = static_cast<std::size_t>((span.start - range.first) / periods);
    range.written.resize(std::max(range.written.size(), at + 1));
    const auto before = range.written[at];
    range.written[at] = static_cast<std::uint16_t>(std::min<Period>(before + span.written, periods));
    const auto step = std::clamp<Period>((span.start - m_plan.first) / m_plan.step, 0, m_plan.steps - 1);
    m_steps[static_cast<std::size_t>(step)] += range.written[at] - before;
}

Period WrittenTimes::within(Period from, Period to) const noexcept {
    Period count = 0;
    for (std::size_t i = 0; i < m_ranges.size(); ++i) {
        const auto& range = m_ranges[i];
        const auto periods = periodsOf(static_cast<Resolution>(i));
        const auto first = std::max<Period>(-floorDivide(range.first - from, periods), 0);
        const auto end = std::min(floorDivide(to - range.first, periods), static_cast<Period>(range.written.size()));
        for (auto at = first; at < end; ++at) {
            count += range.written[static_cast<std::size_t>(at)];
        }
    }
    return count;
}

LineBuilder::LineBuilder(const QueryPlan& plan, const Query& query, const QueryPlan::Group& group,
                         const WrittenTimes& written)
    : m_plan(plan),
      m_query(query),
      m_group(group),
      m_written(written),
      m_isOfMany(group.numbers.size() > 1 && plan.kind != Kind::Histogram),
      m_steps(plan.steps) {
    for (std::size_t i = 0; m_isOfMany && i < m_cells.size(); ++i) {
        const auto times = m_written.ofResolution(static_cast<Resolution>(i)).written.size();
        m_cells[i].resize(times <= kMaxCells ? times : 0);
    }
}

std::size_t LineBuilder::bytesOf(const QueryPlan& plan, const Query& query, const QueryPlan::Group& group) {
    // Most values of a function lie in three doublings.
    const auto histogram = query.aggregation == Aggregation::Percentile ? sizeof(Histogram) + 3 * 512 : 0;
    const auto cells = group.numbers.size() > 1 ? plan.steps * (plan.step / periodsOf(plan.resolution)) : 0;
    return plan.steps * (sizeof(Step) + histogram) + static_cast<std::size_t>(cells) * sizeof(Cell);
}

bool LineBuilder::add(const ScannedSample& sample) {
    auto& step = m_steps[stepOf(sample.start)];
    if (m_query.aggregation == Aggregation::Percentile) {
        if (!step.histogram) {
            step.histogram = std::make_unique<Histogram>();
        }
        if (!addTo(*step.histogram, sample.sample, sample.buckets)) {
            return false;
        }
    }
    if (!m_isOfMany) {
        addToStep(step, sample);
        return true;
    }
    const auto index = static_cast<std::size_t>(sample.resolution);
    const auto at = (sample.start - m_written.ofResolution(sample.resolution).first) / periodsOf(sample.resolution);
    if (at >= 0 && static_cast<std::size_t>(at) < m_cells[index].size()) {
        addToCell(m_cells[index][static_cast<std::size_t>(at)], sample);
    } else {
        addToStep(step, sample);
    }
    return true;
}

void LineBuilder::addToStep(Step& step, const ScannedSample& sample) const {
    const auto& value = sample.sample;
    step.sum = wrappingAdd(step.sum, value.sum);
    step.count = wrappingAdd(step.count, value.count);
    step.min = std::min(step.min, value.min);
    step.max = std::max(step.max, value.max);
    if (sample.start >= step.lastAt) {
        step.last = value.last;
        step.lastAt = sample.start;
    }
}

void LineBuilder::addToCell(Cell& cell, const ScannedSample& sample) const {
    const auto& value = sample.sample;
    cell.sum = wrappingAdd(cell.sum, value.sum);
    cell.count = wrappingAdd(cell.count, value.count);
    cell.min = std::min(cell.min, value.min);
    cell.max = std::max(cell.max, value.max);
    cell.minOfSum = wrappingAdd(cell.minOfSum, value.min);
    cell.maxOfSum = wrappingAdd(cell.maxOfSum, value.max);
    if (m_plan.kind == Kind::Gauge) {
        cell.level += static_cast<double>(value.sum) / static_cast<double>(value.count);
        cell.last = value.last;
    }
}

void LineBuilder::fold(Step& step, const Cell& cell, Period periods) const {
    const auto least = addsUp() ? cell.minOfSum : cell.min;
    const auto greatest = addsUp() ? cell.maxOfSum : cell.max;
    const auto weight = static_cast<double>(periods);
    step.sum = wrappingAdd(step.sum, cell.sum);
    step.count = wrappingAdd(step.count, cell.count);
    step.min = std::min(step.min, least);
    step.max = std::max(step.max, greatest);
    step.level += cell.level * weight;
    step.weight += weight;
}

void LineBuilder::foldCells(Resolution resolution) {
    const auto& range = m_written.ofResolution(resolution);
    const auto& cells = m_cells[static_cast<std::size_t>(resolution)];
    const auto periods = periodsOf(resolution);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const auto start = range.first + static_cast<Period>(i) * periods;
        auto& step = m_steps[stepOf(start)];
        if (!cells[i].isEmpty()) {
            fold(step, cells[i], periods);
            if (start >= step.lastAt) {
                step.last = cells[i].last;
                step.lastAt = start;
            }
        } else if (m_plan.kind == Kind::Counter && range.written[i] > 0 && isAlive(start, start + periods)) {
            step.min = std::min<std::int64_t>(step.min, 0);
            step.max = std::max<std::int64_t>(step.max, 0);
        }
    }
}

// Periods in which a counter lived and nothing was counted.
void LineBuilder::countQuiet(std::size_t index) {
    auto& step = m_steps[index];
    const auto start = m_plan.first + static_cast<Period>(index) * m_plan.step;
    const auto end = start + m_plan.step;
    const auto isWhole = m_group.born <= start && m_group.ended >= end - 1;
    const auto lived = isWhole ? m_written.ofStep(index)
                               : m_written.within(std::max(start, m_group.born), std::min(end, m_group.ended + 1));
    const auto isQuiet =
        step.isEmpty() ? m_written.ofStep(index) > 0 && isAlive(start, end) : !m_isOfMany && step.count < lived;
    if (isQuiet) {
        step.min = std::min<std::int64_t>(step.min, 0);
        step.max = std::max<std::int64_t>(step.max, 0);
    }
}

Point LineBuilder::pointOf(std::size_t index) const {
    const auto& step = m_steps[index];
    const auto scale = m_plan.scale;
    const auto sum = static_cast<double>(step.sum) * scale;
    Point point;
    point.time = startOf(m_plan.first + static_cast<Period>(index) * m_plan.step);
    point.min = static_cast<double>(step.min) * scale;
    point.max = static_cast<double>(step.max) * scale;
    const auto mean = step.count > 0 ? sum / static_cast<double>(step.count) : 0;
    const auto written = std::max<Period>(m_written.ofStep(index), 1);
    switch (m_query.aggregation) {
        case Aggregation::Sum:
            point.value = sum;
            if (m_plan.kind == Kind::Gauge) {
                point.value = m_isOfMany ? step.level / std::max(step.weight, 1.0) * scale : mean;
            }
            break;
        case Aggregation::Rate:
            point.value = perSecond(m_plan.kind == Kind::Counter ? sum : static_cast<double>(step.count), written);
            point.min = perSecond(point.min, 1);
            point.max = perSecond(point.max, 1);
            break;
        case Aggregation::Avg:
            point.value = mean;
            break;
        case Aggregation::Min:
            point.value = point.min;
            break;
        case Aggregation::Max:
            point.value = point.max;
            break;
        case Aggregation::Count:
            point.value = static_cast<double>(step.count);
            break;
        case Aggregation::Last:
            point.value = static_cast<double>(step.last) * scale;
            break;
        case Aggregation::Percentile:
            point.value =
                static_cast<double>(step.histogram ? step.histogram->percentile(m_query.percentile) : 0) * scale;
            break;
    }
    const auto isAmount = m_query.aggregation == Aggregation::Sum || m_query.aggregation == Aggregation::Rate ||
                          m_query.aggregation == Aggregation::Count;
    if (m_plan.kind == Kind::Histogram && isAmount) {
        point.min = point.value;
        point.max = point.value;
    }
    return point;
}

Line LineBuilder::finish() {
    for (std::size_t i = 0; m_isOfMany && i < m_cells.size(); ++i) {
        foldCells(static_cast<Resolution>(i));
    }
    Line line;
    line.dimensions = m_group.dimensions;
    line.series = static_cast<std::uint32_t>(m_group.numbers.size());
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        if (m_plan.kind == Kind::Counter) {
            countQuiet(i);
        }
        if (m_steps[i].min <= m_steps[i].max) {
            line.points.push_back(pointOf(i));
        }
        m_steps[i].histogram.reset();
    }
    return line;
}

}  // namespace hanshu::metrics
