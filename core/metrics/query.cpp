// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/query.h"

#include "metrics/line_builder.h"
#include "metrics/scan.h"

#include <algorithm>

namespace hanshu::metrics {
namespace {

// What the lines of one pass through the files may hold; more lines are more passes.
constexpr std::size_t kPassBytes = 8U << 20U;
// How often files may go away while they are looked for: each time is a change by maintain.
constexpr int kTries = 5;

// The lines from `first` on that go into one pass, made. Returns the end.
std::size_t readPass(Scanner& scanner, const QueryPlan& plan, const Query& query, const WrittenTimes& written,
                     std::size_t first, Answer& answer) {
    std::vector<LineBuilder> builders;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> members;  // number, place in `builders`
    std::size_t bytes = 0;
    auto end = first;
    for (; end < plan.groups.size() && (end == first || bytes < kPassBytes); ++end) {
        const auto& group = plan.groups[end];
        bytes += LineBuilder::bytesOf(plan, query, group);
        for (const auto number : group.numbers) {
            members.emplace_back(number, static_cast<std::uint32_t>(end - first));
        }
    }
    builders.reserve(end - first);
    for (auto i = first; i < end; ++i) {
        builders.emplace_back(plan, query, plan.groups[i], written);
    }
    std::ranges::sort(members);
    std::vector<std::uint32_t> wanted(members.size());
    std::ranges::transform(members, wanted.begin(), [](const auto& member) { return member.first; });
    auto last = members.begin();
    bool isGood = true;
    scanner.samples(wanted, [&](const ScannedSample& sample) {
        if (last->first != sample.number) {
            last =
                std::ranges::lower_bound(members, sample.number, {}, [](const auto& member) { return member.first; });
        }
        isGood &= builders[last->second].add(sample);
        ++answer.samples;
    });
    if (!isGood) {
        answer.damaged.emplace_back("buckets of a histogram");
    }
    for (auto& builder : builders) {
        answer.lines.push_back(builder.finish());
    }
    return end;
}

}  // namespace

Result<Query> Query::byName(std::string_view name, SystemTime from, SystemTime to) {
    Query query;
    query.from = from;
    query.to = to;
    if (const auto* metric = findMetric(name)) {
        query.metric = metric->name;
        query.aggregation = usualOf(metric->kind);
        return query;
    }
    const auto* view = findView(name);
    if (view == nullptr) {
        return fail(Code::NotFound, "MetricNotFound", {{"metric", std::string(name)}});
    }
    query.metric = view->metric;
    query.aggregation = view->aggregation;
    query.percentile = view->percentile;
    query.filter.detail = view->detail;
    query.scale = view->scale;
    if (view->isOfRegion) {
        query.groupBy = {true, false, false, false};
    }
    return query;
}

Result<Answer> query(const Store& store, const Query& query) {
    for (int tries = 1;; ++tries) {
        const auto plan = planOf(store, query);
        if (!plan) {
            return fail(plan.error());
        }
        Answer answer;
        answer.unit = plan->unit;
        answer.resolution = plan->resolution;
        answer.step = kPeriod * plan->step;
        answer.linesLeftOut = plan->groupsLeftOut;
        if (plan->groups.empty()) {
            return answer;
        }
        Scanner scanner(store, {plan->metric, plan->kind, plan->first, plan->end(), plan->resolution});
        WrittenTimes written(*plan);
        if (!scanner.open([&](const WrittenSpan& span) { written.add(span); })) {
            if (tries == kTries) {
                return fail(Code::Unavailable, "MetricsChanging", {}, "files went away while they were looked for");
            }
            continue;
        }
        for (std::size_t next = 0; next < plan->groups.size();) {
            next = readPass(scanner, *plan, query, written, next, answer);
        }
        answer.damaged.insert(answer.damaged.end(), scanner.damaged().begin(), scanner.damaged().end());
        return answer;
    }
}

}  // namespace hanshu::metrics
