// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests of the store of metrics share: a small world of series, all that was ever told of it kept as it was
// told, and answers worked out from that in the plainest way.
#pragma once

#include "logs/memory_files.h"
#include "metrics/metrics.h"

#include <fmt/format.h>
#include <QtTest>
#include <cmath>
#include <random>
#include <set>

namespace hanshu::test {

using namespace std::chrono_literals;
using metrics::Period;

// 2025-11-02T00:00:00Z: a day's, an hour's and a window's start; not a month's.
inline constexpr Period kFirst = 176'203'440 / 8640 * 8640;

struct WorldSeries {
    std::string metric;
    metrics::Kind kind;
    std::string function;
    std::string detail;
};

inline const std::vector<WorldSeries>& worldSeries() {
    using enum metrics::Kind;
    static const std::vector<WorldSeries> series = {
        {"FunctionTotalInvocations", Counter, "img-resize", ""},
        {"FunctionTotalInvocations", Counter, "img-rotate", ""},
        {"FunctionTotalInvocations", Counter, "pdf", ""},
        {"FunctionThrottles", Counter, "pdf", "account"},
        {"StockLevel", Gauge, "", "python3.11"},
        {"StockLevel", Gauge, "", "nodejs18"},
        {"FunctionDuration", Histogram, "img-resize", ""},
        {"FunctionDuration", Histogram, "pdf", ""},
    };
    return series;
}

// What was told of a period: of each series its values; of a counter one, what was counted.
using Told = std::vector<std::vector<std::int64_t>>;

class World {
public:
    explicit World(unsigned seed) : m_random(seed) {}

    // Makes up a period; some series are quiet in it, all are there in the first one.
    Told tell(Period period) {
        Told told(worldSeries().size());
        const auto isFirst = m_periods.empty();
        for (std::size_t i = 0; i < told.size(); ++i) {
            const auto kind = worldSeries()[i].kind;
            const auto share = i % 3 == 0 ? 90U : 30U;
            if (!isFirst && m_random() % 100 >= share) {
                continue;
            }
            const auto times = kind == metrics::Kind::Counter ? 1 : 1 + m_random() % 6;
            for (std::uint64_t n = 0; n < times; ++n) {
                const auto value = static_cast<std::int64_t>(m_random() % (1U << (4 + i * 2)));
                told[i].push_back(kind == metrics::Kind::Gauge ? value - 50 : value + 1);
            }
        }
        auto& mine = m_periods[period];
        mine.resize(told.size());
        for (std::size_t i = 0; i < told.size(); ++i) {
            mine[i].insert(mine[i].end(), told[i].begin(), told[i].end());
        }
        return told;
    }
    void forget(Period period) { m_periods.erase(period); }
    void remember(Period period, Told told) { m_periods[period] = std::move(told); }
    [[nodiscard]] const std::map<Period, Told>& periods() const { return m_periods; }

private:
    std::mt19937 m_random;
    std::map<Period, Told> m_periods;
};

inline metrics::Batch batchOf(metrics::SeriesBook& book, Period period, const Told& told) {
    metrics::Batch batch;
    batch.period = period;
    for (std::size_t i = 0; i < told.size(); ++i) {
        const auto& series = worldSeries()[i];
        if (told[i].empty()) {
            continue;
        }
        const auto id = book.intern(series.metric, series.kind, {"1", series.function, "", series.detail}).value();
        if (series.kind == metrics::Kind::Histogram) {
            metrics::Histogram histogram;
            for (const auto value : told[i]) {
                histogram.record(static_cast<std::uint64_t>(value));
            }
            batch.add(id, histogram);
            continue;
        }
        auto sample = metrics::gaugeSample(told[i][0]);
        for (std::size_t n = 1; n < told[i].size(); ++n) {
            metrics::join(sample, metrics::gaugeSample(told[i][n]));
        }
        batch.add(id, series.kind, series.kind == metrics::Kind::Counter ? metrics::counterSample(sample.sum) : sample);
    }
    return batch;
}

inline Result<void> write(metrics::Store& store, World& world, Period period) {
    auto batch = batchOf(store.book(), period, world.tell(period));
    return store.append(batch);
}

// What a line of one series has to be for a step of so many periods.
struct Expected {
    double sum = 0;
    double count = 0;
    double min = 0;
    double max = 0;
    double last = 0;
    std::vector<std::int64_t> values;
    Period written = 0;
    bool isKnown = false;
};

inline Expected expectedOf(const World& world, std::size_t series, Period from, Period to) {
    Expected expected;
    const auto kind = worldSeries()[series].kind;
    const auto add = [&](std::int64_t limit, std::int64_t sum, std::int64_t last) {
        const auto value = static_cast<double>(limit);
        expected.min = expected.isKnown ? std::min(expected.min, value) : value;
        expected.max = expected.isKnown ? std::max(expected.max, value) : value;
        expected.sum += static_cast<double>(sum);
        expected.last = static_cast<double>(last);
        expected.isKnown = true;
    };
    for (auto at = world.periods().lower_bound(from); at != world.periods().end() && at->first < to; ++at) {
        ++expected.written;
        const auto& values = at->second[series];
        if (kind == metrics::Kind::Counter) {
            std::int64_t sum = 0;
            for (const auto value : values) {
                sum += value;
            }
            add(sum, sum, sum);
            continue;
        }
        for (const auto value : values) {
            add(value, value, value);
            expected.values.push_back(value);
        }
        expected.count += static_cast<double>(values.size());
    }
    std::ranges::sort(expected.values);
    return expected;
}

inline bool isNear(double a, double b) {
    return std::abs(a - b) <= 1e-9 * std::max({std::abs(a), std::abs(b), 1.0});
}

// What is wrong with one point, if anything. Stored values count: the query's scale is 1.
inline std::string wrongPoint(const metrics::Point& point, const Expected& expected, const metrics::Query& query,
                              metrics::Kind kind) {
    using enum metrics::Aggregation;
    auto value = expected.sum;
    auto min = expected.min;
    auto max = expected.max;
    switch (query.aggregation) {
        case Sum:
            value = kind == metrics::Kind::Gauge ? expected.sum / expected.count : expected.sum;
            break;
        case Rate:
            value = (kind == metrics::Kind::Counter ? expected.sum : expected.count) /
                    (static_cast<double>(expected.written) * 10);
            min /= 10;
            max /= 10;
            break;
        case Avg:
            value = expected.sum / expected.count;
            break;
        case Min:
            value = expected.min;
            break;
        case Max:
            value = expected.max;
            break;
        case Count:
            value = expected.count;
            break;
        case Last:
            value = expected.last;
            break;
        case Percentile: {
            const auto rank = std::max(std::ceil(query.percentile / 100 * expected.count), 1.0);
            value = static_cast<double>(expected.values[static_cast<std::size_t>(rank) - 1]);
            if (std::abs(point.value - value) <= value / 64) {
                value = point.value;
            }
            break;
        }
    }
    if (kind == metrics::Kind::Histogram &&
        (query.aggregation == Sum || query.aggregation == Rate || query.aggregation == Count)) {
        min = value;
        max = value;
    }
    if (isNear(point.value, value) && isNear(point.min, min) && isNear(point.max, max)) {
        return {};
    }
    return fmt::format("{} [{}, {}] instead of {} [{}, {}]", point.value, point.min, point.max, value, min, max);
}

// What is wrong with the answer about each series of the world, if anything. `mayMiss`: points may be missing when the
// answer names damage. `isShort`: one question a series.
struct Leniency {
    bool mayMiss = false;
    bool isShort = false;
};
inline std::string wrongAnswers(const metrics::Store& store, const World& world, Period from, Period to,
                                std::uint32_t maxPoints, Leniency leniency = {}) {
    const auto mayMiss = leniency.mayMiss;
    for (std::size_t i = 0; i < worldSeries().size(); ++i) {
        const auto& series = worldSeries()[i];
        for (int a = 0; a < 8; ++a) {
            metrics::Query query;
            query.metric = series.metric;
            query.filter.function = series.function;
            query.filter.detail = series.detail;
            query.from = metrics::startOf(from);
            query.to = metrics::startOf(to);
            query.maxPoints = maxPoints;
            query.aggregation = static_cast<metrics::Aggregation>(a);
            query.percentile = 95;
            query.scale = 1;
            const auto isUsual = query.aggregation == metrics::usualOf(series.kind);
            if ((metrics::aggregationsOf(series.kind) & metrics::maskOf(query.aggregation)) == 0 ||
                (leniency.isShort && !isUsual)) {
                continue;
            }
            const auto about =
                fmt::format("{} {} {} of {} to {}: ", series.metric, series.function, a, from - kFirst, to - kFirst);
            const auto answer = metrics::query(store, query);
            if (!answer) {
                return about + answer.error().describe();
            }
            const auto isDamaged = mayMiss && (!answer->damaged.empty() || !store.damage().empty());
            if (!answer->damaged.empty() && !mayMiss) {
                return about + answer->damaged.front();
            }
            if (isDamaged && answer->lines.empty()) {
                continue;
            }
            if (answer->lines.size() != 1) {
                return about + fmt::format("{} lines", answer->lines.size());
            }
            const auto step = answer->step / metrics::kPeriod;
            const auto& points = answer->lines[0].points;
            if (points.size() > maxPoints) {
                return about + fmt::format("{} points", points.size());
            }
            std::size_t next = 0;
            for (auto start = metrics::floorDivide(from, step) * step; start < to; start += step) {
                const auto expected = expectedOf(world, i, start, start + step);
                const auto isThere = next < points.size() && points[next].time == metrics::startOf(start);
                if (isThere != expected.isKnown && !isDamaged) {
                    return about + fmt::format("step {} of {}: there is {}, should be {}", start - kFirst, step,
                                               isThere, expected.isKnown);
                }
                if (!isThere) {
                    continue;
                }
                if (auto wrong = wrongPoint(points[next], expected, query, series.kind); !wrong.empty() && !isDamaged) {
                    return about + fmt::format("step {} of {}: ", start - kFirst, step) + wrong;
                }
                ++next;
            }
            if (next != points.size()) {
                return about + "points of other times";
            }
        }
    }
    return {};
}

}  // namespace hanshu::test
