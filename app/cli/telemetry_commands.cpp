// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/query_text.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

// What was refused started nothing.
std::string startKindOf(const api::Invocation& run) {
    if (run.instance_id().empty()) {
        return "-";
    }
    return run.cold_start() ? "cold" : "warm";
}

// invocation.proto: of Invocation.status and Event.state.
const std::vector<std::string> kStatuses{"Succeeded", "FunctionError", "Timeout",  "OutOfMemory",   "Exited",
                                         "Throttled", "Denied",        "Disabled", "PlatformError", "Canceled"};
const std::vector<std::string> kStates{"Enqueued", "Running", "Retrying", "Succeeded", "DeadLetter"};

struct InvocationOptions {
    std::string function;
    std::string status;
    std::string request;
    std::string filter;
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
    request.set_filter(options.filter);
    request.set_zone(localZone());
    grpc::ClientContext context;
    const auto reader = session.invocations->WatchInvocations(&context, request);
    api::InvocationBatch batch;
    while (reader->Read(&batch)) {
        sayGap(session, batch.gap());
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
        return fail(located(toError(status, context), options.filter));
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
    request.set_filter(options.filter);
    request.set_zone(localZone());
    auto all =
        listAll<api::Invocation>(session, *session.invocations, &api::InvocationService::Stub::ListInvocations, request,
                                 options.limit, 100, [](auto& page) { return page.mutable_invocations(); });
    if (!all) {
        return fail(located(std::move(all.error()), options.filter));
    }
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
    auto ran = std::make_shared<InvocationOptions>();
    auto* list = app.add_subcommand("invocations", "Runs, the newest first");
    list->add_option("name", ran->function, "Only of this function")->type_name(kFunctionName);
    list->add_option("--filter", ran->filter,
                     "For instance 'status:error duration:>2s function:img-* -trigger:timer since:1h'");
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
