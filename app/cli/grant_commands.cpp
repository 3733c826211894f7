// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

namespace hanshu::cli {
namespace {

struct AddOptions {
    std::string name;
    std::string principal;
    std::string description;
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    std::string prefix;
    bool deny = false;
    bool replace = false;
    bool append = false;
};

// Condition {"StringLike": {"oss:Prefix": ["in/*"]}}: what a prefix means to RAM.
void addPrefix(api::Statement& statement, const std::string& prefix) {
    auto& keys = *(*statement.mutable_condition())["StringLike"].mutable_keys();
    keys["oss:Prefix"].add_values(prefix.ends_with('*') ? prefix : prefix + "*");
}

Result<api::Statement> statementOf(const AddOptions& options, const Home& home) {
    api::Statement statement;
    statement.set_effect(options.deny ? "Deny" : "Allow");
    for (const auto& action : options.actions) {
        statement.add_action(action);
    }
    for (const auto& form : options.resources) {
        auto arn = resourceArn(form, home);
        if (!arn) {
            return fail(std::move(arn.error()));
        }
        statement.add_resource(std::move(*arn));
    }
    if (!options.prefix.empty()) {
        addPrefix(statement, options.prefix);
    }
    return statement;
}

// What the grant holds before the statement is added: nothing, or with --append what it holds now.
Result<api::Grant> baseOf(Session& session, const AddOptions& options, const std::string& principal) {
    api::Grant base;
    base.set_grant_name(options.name);
    base.set_principal(principal);
    base.set_description(options.description);
    if (options.replace) {
        return base;
    }
    api::NameRequest request;
    request.set_name(options.name);
    auto found = session.call(*session.grants, &api::GrantService::Stub::GetGrant, request);
    if (!found) {
        return found.error().code == Code::NotFound ? Result<api::Grant>(std::move(base))
                                                    : fail(std::move(found.error()));
    }
    if (!options.append) {
        return fail(Code::AlreadyExists, "GrantAlreadyExists",
                    {{"grant", options.name},
                     {"message", fmt::format("grant '{}' already exists: --append adds to it, --replace replaces it",
                                             options.name)}});
    }
    if (found->principal() != principal) {
        return usage(fmt::format("grant '{}' is for {}: a grant has one principal", options.name, found->principal()));
    }
    if (!options.description.empty()) {
        found->set_description(options.description);
    }
    return found;
}

std::string joined(const google::protobuf::RepeatedPtrField<std::string>& texts, const Home& home) {
    std::vector<std::string> shorts;
    for (const auto& text : texts) {
        shorts.push_back(shortForm(text, home));
    }
    return fmt::format("{}", fmt::join(shorts, ", "));
}

std::string conditionText(const api::Statement& statement) {
    std::vector<std::string> parts;
    for (const auto& [operation, block] : statement.condition()) {
        for (const auto& [key, values] : block.keys()) {
            parts.push_back(fmt::format("{} {} {}", key, operation, fmt::join(values.values(), " or ")));
        }
    }
    std::ranges::sort(parts);
    return fmt::format("{}", fmt::join(parts, ", "));
}

void addRows(Table& table, const api::Grant& grant, const Home& home) {
    for (const auto& statement : grant.statement()) {
        table.add({grant.grant_name(), shortForm(grant.principal(), home), statement.effect(),
                   fmt::format("{}", fmt::join(statement.action(), ", ")), joined(statement.resource(), home),
                   conditionText(statement)});
    }
}

Table grantTable() {
    return Table({{"GRANT"}, {"PRINCIPAL"}, {"EFFECT"}, {"ACTION"}, {"RESOURCE"}, {"CONDITION"}});
}

void printGrant(Session& session, const api::Grant& grant, const Home& home) {
    if (session.json()) {
        session.printJson(grant);
        return;
    }
    auto table = grantTable();
    addRows(table, grant, home);
    table.print(session.terminal.out);
}

Result<Exit> add(Session& session, const AddOptions& options) {
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    auto principal = principalArn(options.principal, *home);
    if (!principal) {
        return fail(std::move(principal.error()));
    }
    auto statement = statementOf(options, *home);
    if (!statement) {
        return fail(std::move(statement.error()));
    }
    auto grant = baseOf(session, options, *principal);
    if (!grant) {
        return fail(std::move(grant.error()));
    }
    *grant->add_statement() = std::move(*statement);
    auto kept = session.call(*session.grants, &api::GrantService::Stub::PutGrant, *grant);
    if (!kept) {
        return fail(std::move(kept.error()));
    }
    printGrant(session, *kept, *home);
    return Exit::Ok;
}

struct NameOptions {
    std::string name;
};

Result<Exit> get(Session& session, const NameOptions& options) {
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    api::NameRequest request;
    request.set_name(options.name);
    auto grant = session.call(*session.grants, &api::GrantService::Stub::GetGrant, request);
    if (!grant) {
        return fail(std::move(grant.error()));
    }
    printGrant(session, *grant, *home);
    return Exit::Ok;
}

Result<Exit> list(Session& session, const NameOptions& options) {
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    api::ListRequest request;
    request.set_prefix(options.name);
    auto all = listAll<api::Grant>(session, *session.grants, &api::GrantService::Stub::ListGrants, request, 0, 100,
                                   [](auto& page) { return page.mutable_grants(); });
    if (!all) {
        return fail(std::move(all.error()));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    auto table = grantTable();
    for (const auto& grant : *all) {
        addRows(table, grant, *home);
    }
    if (table.empty()) {
        session.say("No grants: nothing but the owner may do anything.");
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

Result<Exit> remove(Session& session, const NameOptions& options) {
    api::NameRequest request;
    request.set_name(options.name);
    auto done = session.call(*session.grants, &api::GrantService::Stub::DeleteGrant, request);
    if (!done) {
        return fail(std::move(done.error()));
    }
    session.done(fmt::format("Deleted grant {}.", options.name), {{"grantName", options.name}, {"deleted", true}});
    return Exit::Ok;
}

struct ExplainOptions {
    std::string principal;
    std::string action;
    std::string resource;
    std::vector<std::string> context;
};

Result<Exit> explainAccess(Session& session, const ExplainOptions& options) {
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    auto principal = principalArn(options.principal, *home);
    if (!principal) {
        return fail(std::move(principal.error()));
    }
    auto resource = resourceArn(options.resource, *home);
    if (!resource) {
        return fail(std::move(resource.error()));
    }
    api::ExplainRequest request;
    request.set_principal(std::move(*principal));
    request.set_action(options.action);
    request.set_resource(std::move(*resource));
    for (const auto& pair : options.context) {
        const auto equals = pair.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return usage(fmt::format("--context {}: give KEY=VALUE, for instance oss:Prefix=in/", pair));
        }
        (*request.mutable_context())[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    auto decision = session.call(*session.grants, &api::GrantService::Stub::Explain, request);
    if (!decision) {
        return fail(std::move(decision.error()));
    }
    if (session.json()) {
        session.printJson(*decision);
    } else if (decision->grant_name().empty()) {
        session.terminal.out << (decision->allowed() ? "Allowed" : "Denied: no grant allows it") << std::endl;
    } else {
        session.terminal.out << fmt::format("{} by statement {} of grant {}\n",
                                            decision->allowed() ? "Allowed" : "Denied", decision->statement_index() + 1,
                                            decision->grant_name())
                             << std::flush;
    }
    return decision->allowed() ? Exit::Ok : Exit::Denied;
}

void addAdd(CLI::App& group, Command& chosen) {
    auto options = std::make_shared<AddOptions>();
    auto* sub = group.add_subcommand("add", "Allow a principal something, or deny it");
    sub->add_option("name", options->name, "The grant")->required()->type_name(kGrantName);
    sub->add_option("--principal", options->principal, "bucket:NAME, role:NAME, trigger:FUNCTION/TRIGGER or an ARN")
        ->required();
    addRepeated(sub, "--action", options->actions, "For instance fc:InvokeFunction, oss:GetObject, oss:Put*")
        ->delimiter(',')
        ->required();
    addRepeated(sub, "--resource", options->resources, "function:NAME, bucket:NAME, object:BUCKET/KEY, * or an ARN")
        ->required();
    sub->add_option("--prefix", options->prefix, "Only keys that begin so, when a bucket is listed");
    sub->add_flag("--deny", options->deny, "Deny it, whatever else allows it");
    sub->add_option("--description", options->description, "What it is for");
    auto* replace = sub->add_flag("--replace", options->replace, "Replace the grant of that name");
    sub->add_flag("--append", options->append, "Add to the grant of that name")->excludes(replace);
    runs(sub, chosen, options, add);
}

}  // namespace

void addGrantCommands(CLI::App& app, Command& chosen) {
    auto& group = *app.add_subcommand("grant", "Who may do what")->require_subcommand(1);
    addAdd(group, chosen);
    auto listed = std::make_shared<NameOptions>();
    auto* lists = group.add_subcommand("list", "All grants");
    lists->add_option("--name-prefix", listed->name, "Only names that begin so");
    runs(lists, chosen, listed, list);
    auto got = std::make_shared<NameOptions>();
    auto* gets = group.add_subcommand("get", "One grant");
    gets->add_option("name", got->name, "The grant")->required()->type_name(kGrantName);
    runs(gets, chosen, got, get);
    auto removed = std::make_shared<NameOptions>();
    auto* removes = group.add_subcommand("delete", "Delete a grant");
    removes->add_option("name", removed->name, "The grant")->required()->type_name(kGrantName);
    runs(removes, chosen, removed, remove);
    auto asked = std::make_shared<ExplainOptions>();
    auto* asks = group.add_subcommand("explain", "May this principal do this, and why");
    asks->add_option("--principal", asked->principal, "As for add")->required();
    asks->add_option("--action", asked->action, "One action")->required();
    asks->add_option("--resource", asked->resource, "As for add")->required();
    addRepeated(asks, "--context", asked->context, "KEY=VALUE of a condition");
    runs(asks, chosen, asked, explainAccess);
}

}  // namespace hanshu::cli
