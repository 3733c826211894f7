// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>
#include <utility>

namespace hanshu::cli {
namespace {

// What was refused started nothing.
std::string startKindOf(const api::Invocation& run) {
    if (run.instance_id().empty()) {
        return "-";
    }
    return run.cold_start() ? "cold" : "warm";
}

void printGap(Session& session, std::int64_t gap) {
    if (gap > 0) {
        session.say(fmt::format("-- up to {} were left out: they came faster than they could be shown --", gap));
    }
}

// invocation.proto: of Invocation.status and Event.state.
const std::vector<std::string> kStatuses{"Succeeded", "FunctionError", "Timeout",  "OutOfMemory",   "Exited",
                                         "Throttled", "Denied",        "Disabled", "PlatformError", "Canceled"};
const std::vector<std::string> kStates{"Enqueued", "Running", "Retrying", "Succeeded", "DeadLetter"};

struct LogOptions {
    std::string function;
    std::string request;
    std::string since;
    std::string contains;
    std::size_t limit = 100;  // 0: all
    bool all = false;
    bool follow = false;
};
constexpr std::size_t kLogPage = 1000;  // as many as the daemon gives at once

void printRecord(Session& session, const api::LogRecord& record, bool withName) {
    if (session.json()) {
        session.printJson(record);
        return;
    }
    session.terminal.out << fmt::format(
        "{}  {}{}{}\n", formatLocal(record.time()), withName ? printable(record.function_name()) + "  " : "",
        record.level().empty() ? "" : printable(record.level()) + "  ", printable(record.message()));
}

Result<Exit> follow(Session& session, const LogOptions& options) {
    HANSHU_TRY(checkFunction(session, options.function));
    api::TailLogsRequest request;
    request.set_function_name(options.function);
    request.set_request_id(options.request);
    const bool all = options.all || options.limit == 0;
    request.set_backlog(static_cast<int>(all ? kLogPage : std::min(options.limit, kLogPage)));
    grpc::ClientContext context;
    const auto reader = session.logs->TailLogs(&context, request);
    api::LogBatch batch;
    while (reader->Read(&batch)) {
        printGap(session, batch.gap());
        for (const auto& record : batch.records()) {
            if (record.message().find(options.contains) != std::string::npos) {
                printRecord(session, record, options.function.empty());
            }
        }
        if (!session.terminal.out.flush()) {
            context.TryCancel();
            static_cast<void>(reader->Finish());
            return outputLost();
        }
    }
    const auto status = reader->Finish();
    if (!status.ok()) {
        return fail(toError(status, context));
    }
    return Exit::Ok;
}

// The newest `wanted` lines (0: all), the newest first.
Result<std::vector<api::LogRecord>> newest(Session& session, api::QueryLogsRequest request, std::size_t wanted) {
    std::vector<api::LogRecord> lines;
    while (true) {
        const auto ask = wanted == 0 ? kLogPage : std::min(kLogPage, wanted - lines.size());
        request.set_limit(static_cast<int>(ask));
        auto page = session.call(*session.logs, &api::LogService::Stub::QueryLogs, request);
        HANSHU_TRY(page);
        auto& records = *page->mutable_records();
        // A daemon of before the cursor gives the same page for ever.
        if (!lines.empty() && !records.empty() && records.rbegin()->sequence() >= lines.back().sequence()) {
            return usage(fmt::format("this daemon is older than hanshu: it gives {} lines at most", kLogPage));
        }
        std::move(records.rbegin(), records.rend(), std::back_inserter(lines));
        if (std::cmp_less(records.size(), ask) || lines.size() == wanted) {
            return lines;
        }
        request.set_before_sequence(lines.back().sequence());
    }
}

Result<Exit> logs(Session& session, const LogOptions& options) {
    if (options.follow) {
        return follow(session, options);
    }
    api::QueryLogsRequest request;
    request.set_function_name(options.function);
    request.set_request_id(options.request);
    request.set_contains(options.contains);
    if (!options.since.empty()) {
        auto since = parseSince(options.since, session.now());
        if (!since) {
            return fail(std::move(since.error()));
        }
        request.set_since(unixMilliseconds(*since));
    }
    const auto limit = options.all ? 0 : options.limit;
    auto lines = newest(session, request, limit == 0 ? 0 : limit + 1);
    HANSHU_TRY(lines);
    if (lines->empty()) {
        HANSHU_TRY(checkFunction(session, options.function));
    }
    const bool more = limit > 0 && lines->size() > limit;
    if (more) {
        lines->pop_back();
    }
    std::ranges::reverse(*lines);
    if (session.json()) {
        session.printJsonList(*lines);
    } else {
        for (const auto& record : *lines) {
            printRecord(session, record, options.function.empty());
        }
        session.terminal.out << std::flush;
    }
    if (more) {
        // With -o json too: a script that takes a part for the whole would be wrong.
        session.terminal.err
            << fmt::format(
                   "hanshu: these are the newest {} lines, and there are more: -n {} shows more, --all "
                   "shows all\n",
                   limit, 10 * limit)
            << std::flush;
    }
    return Exit::Ok;
}

struct InvocationOptions {
    std::string function;
    std::string status;
    std::string request;
    std::size_t limit = 20;
    bool follow = false;
};

std::vector<std::string> cellsOf(const api::Invocation& run, SystemTime now) {
    return {run.request_id(),
            run.function_name(),
            run.source(),
            run.status(),
            startKindOf(run),
            formatMicroseconds(run.queue_us()),
            formatMicroseconds(run.start_us() + run.init_us()),
            formatMicroseconds(run.run_us()),
            formatSize(run.memory_peak()),
            fmt::format("{:.0f} ms", run.billed_duration_ms()),
            fmt::format("{:.4f}", run.gb_seconds()),
            formatWhen(run.started_time(), now)};
}

Table runTable() {
    return Table({{"REQUEST"},
                  {"FUNCTION"},
                  {"SOURCE"},
                  {"STATUS"},
                  {"START"},
                  {"QUEUE", Align::Right},
                  {"STARTING", Align::Right},
                  {"RUN", Align::Right},
                  {"MEMORY", Align::Right},
                  {"BILLED", Align::Right},
                  {"GB-S", Align::Right},
                  {"WHEN"}});
}

// A line each, since the widths of what comes are not known.
void printRun(Session& session, const api::Invocation& run) {
    if (session.json()) {
        session.printJson(run);
        return;
    }
    session.terminal.out << fmt::format(
        "{}  {}  {}  {}  {}  run {}  {}{}\n", formatLocal(run.started_time()), run.request_id(),
        printable(run.function_name()), run.status(), startKindOf(run), formatMicroseconds(run.run_us()),
        formatSize(run.memory_peak()), run.error_message().empty() ? "" : "  " + printable(run.error_message()));
}

Result<Exit> followRuns(Session& session, const InvocationOptions& options) {
    HANSHU_TRY(checkFunction(session, options.function));
    api::WatchInvocationsRequest request;
    request.set_function_name(options.function);
    request.set_after_sequence(-1);
    grpc::ClientContext context;
    const auto reader = session.invocations->WatchInvocations(&context, request);
    api::InvocationBatch batch;
    while (reader->Read(&batch)) {
        printGap(session, batch.gap());
        for (const auto& run : batch.invocations()) {
            const bool wanted = (options.status.empty() || options.status == run.status()) &&
                                (options.request.empty() || options.request == run.request_id());
            if (wanted) {
                printRun(session, run);
            }
        }
        if (!session.terminal.out.flush()) {
            context.TryCancel();
            static_cast<void>(reader->Finish());
            return outputLost();
        }
    }
    const auto status = reader->Finish();
    if (!status.ok()) {
        return fail(toError(status, context));
    }
    return Exit::Ok;
}

Result<Exit> invocations(Session& session, const InvocationOptions& options) {
    if (options.follow) {
        return followRuns(session, options);
    }
    api::ListInvocationsRequest request;
    request.set_function_name(options.function);
    request.set_status(options.status);
    request.set_request_id(options.request);
    auto all =
        listAll<api::Invocation>(session, *session.invocations, &api::InvocationService::Stub::ListInvocations, request,
                                 options.limit, 100, [](auto& page) { return page.mutable_invocations(); });
    HANSHU_TRY(all);
    if (all->empty()) {
        HANSHU_TRY(checkFunction(session, options.function));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    auto table = runTable();
    for (const auto& run : *all) {
        table.add(cellsOf(run, session.now()));
    }
    if (table.empty()) {
        session.say("No runs match.");
    }
    table.print(session.terminal.out);
    for (const auto& run : *all) {
        if (!run.error_message().empty()) {
            session.terminal.out << fmt::format("{}: {}\n", run.request_id(), printable(run.error_message()));
        }
    }
    session.terminal.out << std::flush;
    return Exit::Ok;
}

struct EventOptions {
    std::string function;
    std::string state;
    bool dead = false;
    std::size_t limit = 20;
};

Result<Exit> events(Session& session, const EventOptions& options) {
    api::ListEventsRequest request;
    request.set_function_name(options.function);
    request.set_state(options.dead ? "DeadLetter" : options.state);
    auto all = listAll<api::Event>(session, *session.invocations, &api::InvocationService::Stub::ListEvents, request,
                                   options.limit, 100, [](auto& page) { return page.mutable_events(); });
    HANSHU_TRY(all);
    if (all->empty()) {
        HANSHU_TRY(checkFunction(session, options.function));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    Table table({{"EVENT"},
                 {"REQUEST"},
                 {"FUNCTION"},
                 {"SOURCE"},
                 {"TRIGGER"},
                 {"STATE"},
                 {"TRIES", Align::Right},
                 {"QUEUED"},
                 {"NEXT"},
                 {"REASON"}});
    for (const auto& event : *all) {
        const bool waits = event.state() == "Enqueued" || event.state() == "Retrying";
        table.add({event.event_id(), event.request_id(), event.function_name(), event.source(), event.trigger_name(),
                   event.state(), std::to_string(event.attempts()), formatWhen(event.enqueued_time(), session.now()),
                   waits ? formatWhen(event.next_attempt_time(), session.now()) : "", event.reason()});
    }
    if (table.empty()) {
        session.say("No events match.");
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

}  // namespace

void addTelemetryCommands(CLI::App& app, Command& chosen) {
    auto logged = std::make_shared<LogOptions>();
    auto* tail = app.add_subcommand("logs", "What functions wrote");
    tail->add_option("name", logged->function, "Only of this function")->type_name(kFunctionName);
    tail->add_option("--request", logged->request, "Only of this request");
    auto* since = tail->add_option("--since", logged->since, "For instance 1h, or 2026-01-02T15:04:05Z");
    tail->add_option("--contains", logged->contains, "Only lines that hold this text");
    auto* limit = tail->add_option("--limit,-n", logged->limit,
                                   "Lines at most, the newest; 100 by default, 0 for all (with --follow at most 1000)");
    limit->check(CLI::Range(0, 100'000'000));
    tail->add_flag("--all", logged->all, "Every line there is")->excludes(limit);
    tail->add_flag("--follow,-f", logged->follow, "Go on with what comes")->excludes(since);
    runs(tail, chosen, logged, logs);

    auto ran = std::make_shared<InvocationOptions>();
    auto* list = app.add_subcommand("invocations", "Runs, the newest first");
    list->add_option("name", ran->function, "Only of this function")->type_name(kFunctionName);
    list->add_option("--status", ran->status, "Only those that ended so")->check(CLI::IsMember(kStatuses));
    list->add_option("--request", ran->request, "Only this request");
    list->add_option("--limit,-n", ran->limit, "Runs at most, 20 by default")->check(CLI::Range(1, 100'000));
    list->add_flag("--follow,-f", ran->follow, "What comes from now on");
    runs(list, chosen, ran, invocations);

    auto queued = std::make_shared<EventOptions>();
    auto* queue = app.add_subcommand("events", "The queue and its dead letters, the newest first");
    queue->add_option("name", queued->function, "Only of this function")->type_name(kFunctionName);
    auto* state = queue->add_option("--state", queued->state, "Only those in this state");
    state->check(CLI::IsMember(kStates));
    queue->add_flag("--dead", queued->dead, "Dead letters alone")->excludes(state);
    queue->add_option("--limit,-n", queued->limit, "Events at most, 20 by default")->check(CLI::Range(1, 100'000));
    runs(queue, chosen, queued, events);
}

}  // namespace hanshu::cli
