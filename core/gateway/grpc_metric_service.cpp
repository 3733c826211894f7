// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_adapter.h"
#include "gateway/grpc_services.h"
#include "services.grpc.pb.h"
#include "telemetry/metrics_keeper.h"

#include <charconv>
#include <cmath>

namespace hanshu::gateway {
namespace {

using metrics::Aggregation;
using metrics::Dimension;

constexpr std::array<std::pair<std::string_view, Aggregation>, 7> kAggregations{{{"sum", Aggregation::Sum},
                                                                                 {"rate", Aggregation::Rate},
                                                                                 {"avg", Aggregation::Avg},
                                                                                 {"min", Aggregation::Min},
                                                                                 {"max", Aggregation::Max},
                                                                                 {"count", Aggregation::Count},
                                                                                 {"last", Aggregation::Last}}};
constexpr std::array<std::pair<std::string_view, Dimension>, 3> kDimensions{
    {{"function", Dimension::Function}, {"qualifier", Dimension::Qualifier}, {"detail", Dimension::Detail}}};

std::string_view nameOf(metrics::Kind kind) {
    switch (kind) {
        case metrics::Kind::Counter:
            return "counter";
        case metrics::Kind::Gauge:
            return "gauge";
        case metrics::Kind::Histogram:
            break;
    }
    return "histogram";
}

std::string orAll(const std::string& glob) {
    return glob.empty() ? "*" : glob;
}

// p50, p99.9
Result<double> percentileOf(std::string_view text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    if (!text.starts_with('p') || std::from_chars(text.data() + 1, end, value).ptr != end || text.size() < 2) {
        return invalidField("aggregation", "must be sum, rate, avg, min, max, count, last or a percentile such as p99");
    }
    return value;
}

Result<void> aggregate(metrics::Query& query, std::string_view wanted) {
    if (wanted.empty()) {
        return {};
    }
    const auto* const known = std::ranges::find(kAggregations, wanted, [](const auto& entry) { return entry.first; });
    if (known != kAggregations.end()) {
        query.aggregation = known->second;
        return {};
    }
    const auto percentile = percentileOf(wanted);
    HANSHU_TRY(percentile);
    query.aggregation = Aggregation::Percentile;
    query.percentile = *percentile;
    return {};
}

Result<void> group(metrics::Query& query, const google::protobuf::RepeatedPtrField<std::string>& by) {
    query.groupBy = {};
    for (const auto& name : by) {
        const auto* const known =
            std::ranges::find(kDimensions, std::string_view(name), [](const auto& entry) { return entry.first; });
        if (known == kDimensions.end()) {
            return invalidField("groupBy", "must be function, qualifier or detail");
        }
        query.groupBy.at(static_cast<std::size_t>(known->second)) = true;
    }
    return {};
}

SystemTime timeOf(double milliseconds) {
    return SystemTime{std::chrono::microseconds{std::llround(milliseconds * 1000)}};
}

bool isTime(double milliseconds) {
    constexpr double kEndOfYears = 253402300800e3;
    return milliseconds >= 0 && milliseconds < kEndOfYears;
}

Result<metrics::Query> queryOf(const GrpcCall& call, const api::MetricQuery& asked) {
    if (!isTime(asked.since()) || !isTime(asked.until())) {
        return invalidField("since", "and until must be Unix times in milliseconds");
    }
    const auto to = asked.until() > 0 ? timeOf(asked.until()) : call.rooms().clock.now();
    const auto from = asked.since() > 0 ? timeOf(asked.since()) : to - std::chrono::hours(1);
    auto query = metrics::Query::byName(asked.metric(), from, to);
    HANSHU_TRY(query);
    // What the machine itself measures belongs to nobody, and is its owner's to see.
    const bool ofTheMachine = !asked.metric().starts_with("Function") && !asked.metric().starts_with("Region");
    if (ofTheMachine && call.account() != call.rooms().account) {
        return fail(Code::PermissionDenied, "AccessDenied", {}, "metrics of the machine are its owner's");
    }
    query->filter.account = ofTheMachine ? std::string() : call.account();
    query->filter.function = orAll(asked.function_name());
    query->filter.qualifier = orAll(asked.qualifier());
    if (!asked.detail().empty()) {
        query->filter.detail = asked.detail();
    }
    if (asked.max_points() != 0) {
        if (asked.max_points() < 1 || asked.max_points() > 10'000) {
            return invalidField("maxPoints", "must be between 1 and 10000");
        }
        query->maxPoints = static_cast<std::uint32_t>(asked.max_points());
    }
    HANSHU_TRY(aggregate(*query, asked.aggregation()));
    const auto* info = metrics::findMetric(query->metric);
    if (info != nullptr && (metrics::aggregationsOf(info->kind) & metrics::maskOf(query->aggregation)) == 0) {
        return invalidField("aggregation", fmt::format("can't be {} of a {}", asked.aggregation(), nameOf(info->kind)));
    }
    HANSHU_TRY(group(*query, asked.group_by()));
    return query;
}

Task<Result<api::MetricAnswer>> queryMetrics(GrpcCall call, api::MetricQuery request) {
    auto query = queryOf(call, request);
    if (!query) {
        co_return fail(std::move(query.error()));
    }
    auto found = co_await call.rooms().metrics.query(std::move(*query));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    api::MetricAnswer answer;
    answer.set_unit(std::string(found->unit));
    answer.set_step_ms(1000.0 * static_cast<double>(found->step.count()));
    for (const auto& line : found->lines) {
        auto& told = *answer.add_lines();
        told.set_function_name(line.dimensions[static_cast<std::size_t>(Dimension::Function)]);
        told.set_qualifier(line.dimensions[static_cast<std::size_t>(Dimension::Qualifier)]);
        told.set_detail(line.dimensions[static_cast<std::size_t>(Dimension::Detail)]);
        told.set_series(static_cast<int>(line.series));
        for (const auto& point : line.points) {
            auto& added = *told.add_points();
            added.set_time(unixMilliseconds(point.time));
            added.set_value(point.value);
            added.set_min(point.min);
            added.set_max(point.max);
        }
    }
    answer.set_lines_left_out(static_cast<int>(found->linesLeftOut));
    for (const auto& file : found->damaged) {
        answer.add_damaged(file);
    }
    co_return answer;
}

Task<Result<api::ListMetricsOutput>> listMetrics(GrpcCall, api::Empty) {
    api::ListMetricsOutput output;
    for (const auto& metric : metrics::metricTable()) {
        auto& told = *output.add_metrics();
        told.set_name(std::string(metric.name));
        told.set_kind(std::string(nameOf(metric.kind)));
        told.set_unit(std::string(metrics::infoOf(metric.unit).name));
        told.set_detail(std::string(metric.detail));
        told.set_help(std::string(metric.help));
    }
    co_return output;
}

class Service final : public api::MetricService::CallbackService {
public:
    explicit Service(SharedCore core) : m_door(std::move(core), api::MetricService::service_full_name()) {}

    grpc::ServerUnaryReactor* QueryMetrics(grpc::CallbackServerContext* context, const api::MetricQuery* request,
                                           api::MetricAnswer* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, queryMetrics);
    }
    grpc::ServerUnaryReactor* ListMetrics(grpc::CallbackServerContext* context, const api::Empty* request,
                                          api::ListMetricsOutput* reply) override {
        return unary(m_door.enter(context, __func__), request, reply, listMetrics);
    }

private:
    GrpcDoor m_door;
};

}  // namespace

std::unique_ptr<grpc::Service> makeGrpcMetricService(SharedCore core) {
    return std::make_unique<Service>(std::move(core));
}

}  // namespace hanshu::gateway
