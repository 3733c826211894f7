// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The stop switch of a function.

#include "cli/commands.h"
#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

struct Switch {
    std::string name;
    std::string reason;
    bool abort = false;
};

Result<Exit> tell(Session& session, const Result<api::FunctionReply>& reply, std::string_view done) {
    if (!reply) {
        return fail(reply.error());
    }
    if (session.json()) {
        session.printJson(reply->function());
    } else {
        session.terminal.out << fmt::format("{} {}\n", done, printable(reply->function().function_name()))
                             << std::flush;
    }
    return Exit::Ok;
}

Result<Exit> disable(Session& session, const Switch& wanted) {
    api::DisableInvocationRequest request;
    request.set_function_name(wanted.name);
    request.mutable_input()->set_reason(wanted.reason);
    request.mutable_input()->set_abort_ongoing_request(wanted.abort);
    return tell(session, session.call(*session.functions, &api::FunctionService::Stub::DisableInvocation, request),
                "Disabled");
}

Result<Exit> enable(Session& session, const Switch& wanted) {
    api::NameRequest request;
    request.set_name(wanted.name);
    return tell(session, session.call(*session.functions, &api::FunctionService::Stub::EnableInvocation, request),
                "Enabled");
}

}  // namespace

void addSwitchCommands(CLI::App& app, Command& chosen) {
    auto& functions = *app.get_subcommand("function");
    auto off = std::make_shared<Switch>();
    auto* disabling = functions.add_subcommand("disable", "Refuse calls and let events wait, until it is enabled");
    disabling->add_option("name", off->name, "The function")->type_name(kFunctionName)->required();
    disabling->add_option("--reason", off->reason, "For whoever finds it disabled");
    disabling->add_flag("--abort", off->abort, "End the runs that go on, too");
    runs(disabling, chosen, off, disable);

    auto on = std::make_shared<Switch>();
    auto* enabling = functions.add_subcommand("enable", "Serve calls again, and the events that waited");
    enabling->add_option("name", on->name, "The function")->type_name(kFunctionName)->required();
    runs(enabling, chosen, on, enable);
}

}  // namespace hanshu::cli
