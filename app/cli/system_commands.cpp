// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>

namespace hanshu::cli {
namespace {

struct NoOptions {};

Result<Exit> status(Session& session, const NoOptions& /*options*/) {
    auto reply = session.call(*session.system, &api::SystemService::Stub::GetStatus, api::Empty());
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        session.printJson(*reply);
        return Exit::Ok;
    }
    printPairs(session.terminal.out, {{"Version", reply->version()},
                                      {"Account", reply->account_id()},
                                      {"Region", reply->region()},
                                      {"REST API", reply->http_address()},
                                      {"Objects", reply->objects_address()},
                                      {"gRPC", reply->grpc_address()},
                                      {"Isolation", reply->isolation()},
                                      {"Started", formatWhen(reply->started_time(), session.now())},
                                      {"Instances", std::to_string(reply->instances())},
                                      {"Runs now", std::to_string(reply->running())},
                                      {"In stock", std::to_string(reply->stock())},
                                      {"Events waiting", std::to_string(reply->backlog())}});
    return Exit::Ok;
}

Result<Exit> doctor(Session& session, const NoOptions& /*options*/) {
    auto reply = session.call(*session.system, &api::SystemService::Stub::Doctor, api::Empty());
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        session.printJsonList(reply->findings());
        return Exit::Ok;
    }
    Table table({{"LEVEL"}, {"WHAT"}, {"FOUND"}});
    for (const auto& finding : reply->findings()) {
        table.add({finding.level(), finding.name(), finding.detail()});
    }
    table.print(session.terminal.out);
    for (const auto& finding : reply->findings()) {
        if (!finding.remedy().empty()) {
            session.terminal.out << fmt::format("\n{}: {}\n", printable(finding.name()), printable(finding.remedy()));
        }
    }
    session.terminal.out << std::flush;
    return Exit::Ok;
}

Result<Exit> printAccount(Session& session, Result<api::AccountSettings> settings) {
    if (!settings) {
        return fail(std::move(settings.error()));
    }
    if (session.json()) {
        session.printJson(*settings);
        return Exit::Ok;
    }
    printPairs(session.terminal.out,
               {{"Account", settings->account_id()}, {"Runs at once", std::to_string(settings->concurrency_limit())}});
    return Exit::Ok;
}

Result<Exit> getAccount(Session& session, const NoOptions& /*options*/) {
    return printAccount(session, session.call(*session.system, &api::SystemService::Stub::GetAccount, api::Empty()));
}

struct LimitOptions {
    int limit = 0;
};

Result<Exit> setConcurrency(Session& session, const LimitOptions& options) {
    api::AccountSettings settings;
    settings.set_concurrency_limit(options.limit);
    return printAccount(session, session.call(*session.system, &api::SystemService::Stub::SetAccount, settings));
}

}  // namespace

void addSystemCommands(CLI::App& app, Command& chosen) {
    const auto none = std::make_shared<NoOptions>();
    runs(app.add_subcommand("status", "What the daemon is doing"), chosen, none, status);
    runs(app.add_subcommand("doctor", "What isolation its host gives, and how to get what is missing"), chosen, none,
         doctor);
    auto& group = *app.add_subcommand("account", "The account")->require_subcommand(1);
    runs(group.add_subcommand("get", "Its limits"), chosen, none, getAccount);
    auto limited = std::make_shared<LimitOptions>();
    auto* limits = group.add_subcommand("set-concurrency", "How many runs it may have at once");
    limits->add_option("limit", limited->limit, "1 to 10000")->required();
    runs(limits, chosen, limited, setConcurrency);
}

}  // namespace hanshu::cli
