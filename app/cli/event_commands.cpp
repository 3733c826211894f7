// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What can be done with dead letters, below the list of events.

#include "cli/commands.h"
#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

struct Named {
    std::vector<std::string> ids;
    std::string function;
};

Result<api::DeadLettersRequest> requestOf(const Named& named) {
    if (named.ids.empty() == named.function.empty()) {
        return usage("name the events, or all of a function with --all-of; see them: hanshu events --dead");
    }
    api::DeadLettersRequest request;
    request.mutable_event_ids()->Add(named.ids.begin(), named.ids.end());
    request.set_function_name(named.function);
    return request;
}

Result<Exit> tell(Session& session, const Result<api::DeadLettersReply>& reply, std::string_view done,
                  const Named& named) {
    HANSHU_TRY(reply);
    // Letters of a function that is gone can be dealt with; only a name that nothing knows is a mistake.
    if (reply->count() == 0) {
        HANSHU_TRY(checkFunction(session, named.function));
    }
    if (session.json()) {
        session.printJson(*reply);
    } else {
        session.terminal.out << fmt::format("{} {}\n", reply->count(), done) << std::flush;
    }
    return Exit::Ok;
}

Result<Exit> redrive(Session& session, const Named& named) {
    const auto request = requestOf(named);
    HANSHU_TRY(request);
    return tell(session,
                session.call(*session.invocations, &api::InvocationService::Stub::RedriveDeadLetters, *request),
                "back in the queue", named);
}

Result<Exit> remove(Session& session, const Named& named) {
    const auto request = requestOf(named);
    HANSHU_TRY(request);
    return tell(session, session.call(*session.invocations, &api::InvocationService::Stub::RemoveDeadLetters, *request),
                "removed", named);
}

void addCommand(CLI::App& events, Command& chosen, const char* name, const char* description,
                Result<Exit> (*command)(Session&, const Named&)) {
    auto named = std::make_shared<Named>();
    auto* sub = events.add_subcommand(name, description);
    auto* ids = sub->add_option("event", named->ids, "Dead letters, by the ids of their events or requests");
    sub->add_option("--all-of", named->function, "Every dead letter of this function")
        ->type_name(kFunctionName)
        ->excludes(ids);
    runs(sub, chosen, named, command);
}

}  // namespace

void addEventCommands(CLI::App& app, Command& chosen) {
    auto& events = *app.get_subcommand("events");
    addCommand(events, chosen, "redrive", "Try dead letters again", redrive);
    addCommand(events, chosen, "rm", "Forget dead letters", remove);
    // Its own command, the list, chooses first and gives way to one of these; set last, because they would inherit it.
    events.immediate_callback();
}

}  // namespace hanshu::cli
