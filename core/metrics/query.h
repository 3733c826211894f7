// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Questions to stored metrics: series, or sums of many, as points of a chart. Any thread; blocks on the disk.
#pragma once

#include "metrics/names.h"
#include "metrics/store.h"

namespace hanshu::metrics {

struct Query {
    std::string metric;  // a stored one's name
    SeriesFilter filter;
    SystemTime from;
    SystemTime to;  // exclusive
    std::uint32_t maxPoints = 360;
    Aggregation aggregation = Aggregation::Sum;
    double percentile = 99;  // 0 to 100; of Aggregation::Percentile
    // Series that agree in these are one line. All four: each series is a line; none: one line of all.
    std::array<bool, kDimensions> groupBy = {true, true, true, true};
    std::uint32_t maxLines = 100;
    double scale = 0;  // times what is stored; 0: the unit's

    // A question by any name of names.h, one of a view among them. NotFound: there is no such name.
    [[nodiscard]] static Result<Query> byName(std::string_view name, SystemTime from, SystemTime to);
};

// In the unit of answers.
//
// `value` is that of the whole step. `min` and `max` hold what the step would hide:
//   counter:   the least and the greatest sum of ten seconds (of a Rate: rate)
//   gauge:     the least and the greatest value seen
//   histogram: the least and the greatest value; of Sum, Count and Rate the value itself
// A line of several series adds its members' limits at each stored sample where it adds values (Sum and Rate of
// counters, Sum of gauges): no peak is missing, though peaks of different moments of a minute or an hour may meet in
// one.
struct Point {
    SystemTime time;  // of the step's start
    double value = 0;
    double min = 0;
    double max = 0;
};

struct Line {
    // Empty where a dimension is not one of those grouped by.
    std::array<std::string, kDimensions> dimensions;
    std::uint32_t series = 0;
    // In order. A step without a point is one of which nothing is known: nobody looked, or the daemon was not there.
    // A counter that lived in a step in which the daemon was there has a point, and be it 0.
    std::vector<Point> points;
};

struct Answer {
    std::string_view unit;
    Resolution resolution = Resolution::TenSeconds;  // of the samples that were read
    std::chrono::seconds step{0};                    // a multiple of it; steps begin at multiples of themselves
    std::vector<Line> lines;                         // by dimensions
    std::uint32_t linesLeftOut = 0;                  // beyond maxLines, the last ones
    std::uint64_t samples = 0;                       // that were looked at
    // Files, and parts of files, that could not be read; what they held is missing.
    std::vector<std::string> damaged;
};

// The coarsest samples that give at least half of maxPoints are read, or the finest that are still kept. A metric or
// series that there is not gives no lines. InvalidArgument: times, maxPoints (1–10,000), maxLines (1–1,000),
// percentile, or an aggregation that the metric's kind does not have (names.h).
[[nodiscard]] Result<Answer> query(const Store& store, const Query& query);

}  // namespace hanshu::metrics
