// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/query_plan.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace hanshu::metrics {
namespace {

constexpr std::uint32_t kMaxPoints = 10'000;
constexpr std::uint32_t kMaxLines = 1'000;

Failure invalid(std::string_view field, std::string detail) {
    return fail(Code::InvalidArgument, "InvalidArgument", {{"field", std::string(field)}}, std::move(detail));
}

Result<void> check(const Query& query) {
    if (query.from < SystemTime{} || query.to <= query.from || periodOf(query.to) > kMaxPeriod) {
        return invalid("to", "times are from 1970 on, and the end is behind the start");
    }
    if (query.maxPoints == 0 || query.maxPoints > kMaxPoints) {
        return invalid("maxPoints", fmt::format("1 to {} points a line", kMaxPoints));
    }
    if (query.maxLines == 0 || query.maxLines > kMaxLines) {
        return invalid("maxLines", fmt::format("1 to {} lines", kMaxLines));
    }
    if (query.aggregation == Aggregation::Percentile && !(query.percentile >= 0 && query.percentile <= 100)) {
        return invalid("percentile", "a percentile is 0 to 100");
    }
    return {};
}

Period ceilDivide(Period value, Period by) {
    return -floorDivide(-value, by);
}

void chooseSteps(const Catalog& catalog, const Query& query, QueryPlan& plan) {
    const auto from = periodOf(query.from);
    const auto to =
        std::max(ceilDivide(query.to.time_since_epoch().count(), std::chrono::microseconds(kPeriod).count()), from + 1);
    const Period points = query.maxPoints;
    plan.resolution = Resolution::TenSeconds;
    for (const auto coarser : {Resolution::Minute, Resolution::Hour}) {
        if (2 * (to - from) >= periodsOf(coarser) * points) {
            plan.resolution = coarser;
        }
    }
    plan.resolution = catalog.finestSince(from, plan.resolution);
    const auto sample = periodsOf(plan.resolution);
    plan.step = std::max<Period>(ceilDivide(to - from, points * sample), 1) * sample;
    const auto count = [&] { return ceilDivide(to, plan.step) - floorDivide(from, plan.step); };
    while (count() > points && plan.step < to) {
        plan.step += sample;
    }
    plan.first = floorDivide(from, plan.step) * plan.step;
    plan.steps = static_cast<std::uint32_t>(std::min(count(), points));
}

}  // namespace

Result<QueryPlan> planOf(const Store& store, const Query& query) {
    HANSHU_TRY(check(query));
    QueryPlan plan;
    const auto* info = findMetric(query.metric);
    const auto unit = infoOf(info != nullptr ? info->unit : Unit::Count);
    plan.scale = query.scale != 0 ? query.scale : unit.answered;
    plan.unit = unit.name;
    chooseSteps(*store.catalog(), query, plan);
    const auto metric = store.book().metric(query.metric);
    if (!metric) {
        return plan;
    }
    plan.metric = *metric;
    plan.kind = store.book().metricAt(*metric).kind;
    if ((aggregationsOf(plan.kind) & maskOf(query.aggregation)) == 0) {
        return invalid("aggregation", "the metric's kind has no such aggregation");
    }
    std::map<std::array<std::string_view, kDimensions>, QueryPlan::Group> groups;
    store.book().select(*metric, query.filter, [&](const SeriesBook::Series& series, const Dimensions& dimensions) {
        auto key = dimensions.all();
        for (std::size_t i = 0; i < kDimensions; ++i) {
            key[i] = query.groupBy[i] ? key[i] : std::string_view();
        }
        auto& group = groups[key];
        group.numbers.push_back(numberOf(series.id));
        group.born = std::min<Period>(group.born, series.born);
        group.ended = std::max<Period>(group.ended, series.ended);
    });
    for (auto& [key, group] : groups) {
        if (plan.groups.size() == query.maxLines) {
            ++plan.groupsLeftOut;
            continue;
        }
        std::ranges::copy(key, group.dimensions.begin());
        plan.groups.push_back(std::move(group));
    }
    return plan;
}

}  // namespace hanshu::metrics
