// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes the points of one line from samples in any order. One thread at a time.
//
// A line of one series puts samples together step by step. One of several adds up what its series are at each moment
// first, and for that keeps a cell for each sample's time: of the resolution that is read, and of finer files, which
// cover the last hour or day alone.
#pragma once

#include "metrics/query_plan.h"
#include "metrics/scan.h"

namespace hanshu::metrics {

// Which times were written, at each resolution that is read, and in each step.
class WrittenTimes {
public:
    explicit WrittenTimes(const QueryPlan& plan) : m_plan(plan), m_steps(plan.steps) {}
    void add(const WrittenSpan& span);

    // Periods of the step that were written.
    [[nodiscard]] Period ofStep(std::size_t step) const noexcept { return m_steps[step]; }
    // Periods of [from, to) that were written, as far as samples tell that lie in it as a whole.
    [[nodiscard]] Period within(Period from, Period to) const noexcept;
    // What is read of a resolution: from the first to the end of the last, and which of it was written.
    struct Range {
        Period first = 0;
        std::vector<std::uint16_t> written;  // a number for each sample's time
    };
    [[nodiscard]] const Range& ofResolution(Resolution resolution) const noexcept {
        return m_ranges[static_cast<std::size_t>(resolution)];
    }

private:
    const QueryPlan& m_plan;
    std::vector<Period> m_steps;
    std::array<Range, 3> m_ranges;
};

class LineBuilder {
public:
    LineBuilder(const QueryPlan& plan, const Query& query, const QueryPlan::Group& group, const WrittenTimes& written);

    // False: its buckets are damaged.
    [[nodiscard]] bool add(const ScannedSample& sample);
    [[nodiscard]] Line finish();

    // About what one of them holds.
    [[nodiscard]] static std::size_t bytesOf(const QueryPlan& plan, const Query& query, const QueryPlan::Group& group);

private:
    // What series are together at one time.
    struct Cell {
        std::int64_t sum = 0;
        std::int64_t count = 0;
        std::int64_t min = INT64_MAX;
        std::int64_t max = INT64_MIN;
        std::int64_t minOfSum = 0;
        std::int64_t maxOfSum = 0;
        double level = 0;  // the sum of the series' means
        std::int64_t last = 0;
        Period lastAt = INT64_MIN;
        [[nodiscard]] bool isEmpty() const noexcept { return count == 0; }
    };
    struct Step : Cell {
        double weight = 0;
        std::unique_ptr<Histogram> histogram;
    };

    void addToStep(Step& step, const ScannedSample& sample) const;
    void addToCell(Cell& cell, const ScannedSample& sample) const;
    void foldCells(Resolution resolution);
    void fold(Step& step, const Cell& cell, Period periods) const;
    void countQuiet(std::size_t index);
    [[nodiscard]] Point pointOf(std::size_t index) const;
    [[nodiscard]] std::size_t stepOf(Period period) const noexcept {
        return static_cast<std::size_t>(std::clamp<Period>((period - m_plan.first) / m_plan.step, 0, m_plan.steps - 1));
    }
    [[nodiscard]] bool isAlive(Period from, Period to) const noexcept {
        return m_group.born < to && m_group.ended >= from;
    }
    [[nodiscard]] bool addsUp() const noexcept {
        return m_query.aggregation == Aggregation::Sum || m_query.aggregation == Aggregation::Rate ||
               m_plan.kind == Kind::Counter;
    }

    const QueryPlan& m_plan;
    const Query& m_query;
    const QueryPlan::Group& m_group;
    const WrittenTimes& m_written;
    bool m_isOfMany;
    std::vector<Step> m_steps;
    std::array<std::vector<Cell>, 3> m_cells;
};

}  // namespace hanshu::metrics
