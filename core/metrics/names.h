// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The names of metrics: what is stored under which, in which unit, and what each says. A table; any thread.
//
// Names are those of Function Compute (reference, section 6.1) where it has one. It has several names for one fact
// (FunctionAvgDuration, FunctionP99Duration): the fact is stored once, as FunctionDuration, and they are views of it.
#pragma once

#include "metrics/live_cell.h"

namespace hanshu::metrics {

// Stored are whole numbers; answers and the text format have them in other units. `Duration` is stored in microseconds,
// answered in milliseconds, exposed in seconds; ratios and cores are stored in millionths; memory time in MB·ms, told
// in GB·s; CPU time in microseconds of a core, told in seconds of one.
enum class Unit : std::uint8_t { Count, Duration, Bytes, Ratio, Cores, MemoryTime, CpuTime };
struct UnitInfo {
    std::string_view name;  // of answers
    double answered = 1;    // times what is stored
    double exposed = 1;
};
[[nodiscard]] const UnitInfo& infoOf(Unit unit) noexcept;

enum class Aggregation : std::uint8_t { Sum, Rate, Avg, Min, Max, Count, Last, Percentile };
using Aggregations = std::uint32_t;
[[nodiscard]] constexpr Aggregations maskOf(Aggregation aggregation) noexcept {
    return 1U << static_cast<unsigned>(aggregation);
}
// What a kind can be asked for; the first is what is meant when nobody says.
[[nodiscard]] Aggregations aggregationsOf(Kind kind) noexcept;
[[nodiscard]] Aggregation usualOf(Kind kind) noexcept;

struct MetricInfo {
    std::string_view name;
    std::string_view exposed;  // in the text format
    Kind kind;
    Unit unit;
    std::string_view detail;  // what the dimension says; empty: nothing
    std::string_view help;    // a sentence
};

// Another name for a question to a stored metric.
struct MetricView {
    std::string_view name;
    std::string_view metric;
    Aggregation aggregation;
    double percentile = 0;
    std::string_view detail = "*";
    double scale = 0;         // times what is stored; 0: the unit's
    bool isOfRegion = false;  // over all functions
};

[[nodiscard]] std::span<const MetricInfo> metricTable() noexcept;  // by name
[[nodiscard]] std::span<const MetricView> viewTable() noexcept;
// Null: there is none of that name.
[[nodiscard]] const MetricInfo* findMetric(std::string_view name) noexcept;
[[nodiscard]] const MetricView* findView(std::string_view name) noexcept;
// Of a histogram, in stored units; for every name.
[[nodiscard]] const Bounds& boundsOf(std::string_view metric) noexcept;

}  // namespace hanshu::metrics
