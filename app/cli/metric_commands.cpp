// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <utility>

namespace hanshu::cli {
namespace {

struct MetricOptions {
    std::string name;
    std::string function;
    std::string detail;
    std::string since = "1h";
    std::string as;
    std::vector<std::string> by;
    int points = 12;
};

Result<Exit> list(Session& session) {
    auto known = session.call(*session.metrics, &api::MetricService::Stub::ListMetrics, api::Empty());
    HANSHU_TRY(known);
    if (session.json()) {
        session.printJsonList(known->metrics());
        return Exit::Ok;
    }
    Table table({{"METRIC"}, {"KIND"}, {"UNIT"}, {"DETAIL"}, {"WHAT IT IS"}});
    for (const auto& metric : known->metrics()) {
        table.add({metric.name(), metric.kind(), metric.unit(), metric.detail(), metric.help()});
    }
    table.print(session.terminal.out);
    session.terminal.out << std::flush;
    return Exit::Ok;
}

std::string nameOf(const api::MetricAnswer::Line& line) {
    std::string name;
    for (const auto& part : {line.function_name(), line.qualifier(), line.detail()}) {
        if (!part.empty()) {
            name += (name.empty() ? "" : "  ") + part;
        }
    }
    return name.empty() ? "all" : name;
}

Result<Exit> show(Session& session, const MetricOptions& options) {
    api::MetricQuery request;
    request.set_metric(options.name);
    request.set_function_name(options.function);
    request.set_detail(options.detail);
    request.set_aggregation(options.as);
    request.set_max_points(options.points);
    const auto since = parseSince(options.since, session.now());
    HANSHU_TRY(since);
    request.set_since(unixMilliseconds(*since));
    for (const auto& dimension : options.by) {
        request.add_group_by(dimension);
    }
    auto answer = session.call(*session.metrics, &api::MetricService::Stub::QueryMetrics, request);
    HANSHU_TRY(answer);
    for (const auto& file : answer->damaged()) {
        session.terminal.err << fmt::format("hanshu: damaged: {}\n", printable(file)) << std::flush;
    }
    if (session.json()) {
        session.printJson(*answer);
        return Exit::Ok;
    }
    if (answer->lines().empty()) {
        session.say("Nothing was measured.");
    }
    const auto number = [](double value) { return fmt::format("{:.6g}", value); };
    Table table({{"FROM"},
                 {"OF"},
                 {answer->unit().empty() ? "VALUE" : fmt::format("VALUE ({})", answer->unit()), Align::Right},
                 {"LEAST", Align::Right},
                 {"MOST", Align::Right}});
    for (const auto& line : answer->lines()) {
        for (const auto& point : line.points()) {
            table.add({formatLocal(point.time()), nameOf(line), number(point.value()), number(point.min()),
                       number(point.max())});
        }
    }
    table.print(session.terminal.out);
    session.terminal.out << std::flush;
    if (answer->lines_left_out() > 0) {
        session.say(
            fmt::format("{} lines are left out: narrow it with --function or --detail.", answer->lines_left_out()));
    }
    return Exit::Ok;
}

Result<Exit> metrics(Session& session, const MetricOptions& options) {
    return options.name.empty() ? list(session) : show(session, options);
}

}  // namespace

void addMetricCommands(CLI::App& app, Command& chosen) {
    auto asked = std::make_shared<MetricOptions>();
    auto* sub = app.add_subcommand("metrics", "What was measured; without a name, what is");
    sub->add_option("metric", asked->name, "For instance FunctionTotalInvocations, or FunctionP99Duration");
    sub->add_option("--function", asked->function, "Only of functions of this name; * and ? stand for any characters");
    sub->add_option("--detail", asked->detail, "Only of this detail: a phase, a limit, a class of status codes");
    sub->add_option("--since", asked->since, "For instance 1h, or 2026-01-02T15:04:05Z; 1h by default");
    sub->add_option("--as", asked->as, "sum, rate, avg, min, max, count, last, or a percentile such as p99");
    addRepeated(sub, "--by", asked->by, "function, qualifier or detail: a line for each of its values")
        ->check(CLI::IsMember({"function", "qualifier", "detail"}));
    sub->add_option("--points", asked->points, "Rows of a line at most, 12 by default")->check(CLI::Range(1, 10'000));
    runs(sub, chosen, asked, metrics);
}

}  // namespace hanshu::cli
