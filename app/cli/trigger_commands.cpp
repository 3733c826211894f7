// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json.h"
#include "cli/commands.h"
#include "cli/table.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace hanshu::cli {
namespace {

struct CreateOptions {
    std::string function;
    std::string name;
    std::string bucket;
    std::vector<std::string> events;
    std::string prefix;
    std::string suffix;
    std::string timer;
    std::string payload;
    bool http = false;
    std::string auth = "function";
    std::vector<std::string> methods;
    bool disabled = false;
    std::string description;
    std::string qualifier;
};

void fillObject(const CreateOptions& options, const Home& home, api::CreateTriggerInput& input) {
    api::OssTriggerConfig config;
    for (const auto& event : options.events) {
        config.add_events(event);
    }
    if (options.events.empty()) {
        config.add_events("oss:ObjectCreated:*");
    }
    config.mutable_filter()->mutable_key()->set_prefix(options.prefix);
    config.mutable_filter()->mutable_key()->set_suffix(options.suffix);
    input.set_trigger_type("oss");
    input.set_source_arn(fmt::format("acs:oss:{}:{}:{}", home.region, home.account, options.bucket));
    input.set_trigger_config(api::writeJson(config));
}

void fillTimer(const CreateOptions& options, api::CreateTriggerInput& input) {
    api::TimerTriggerConfig config;
    config.set_cron_expression(options.timer);
    config.set_payload(options.payload);
    config.set_enable(!options.disabled);
    input.set_trigger_type("timer");
    input.set_trigger_config(api::writeJson(config));
}

void fillHttp(const CreateOptions& options, api::CreateTriggerInput& input) {
    api::HttpTriggerConfig config;
    config.set_auth_type(options.auth);
    for (const auto& method : options.methods) {
        config.add_methods(method);
    }
    if (options.methods.empty()) {
        config.add_methods("GET");
        config.add_methods("POST");
    }
    input.set_trigger_type("http");
    input.set_trigger_config(api::writeJson(config));
}

// A trigger whose source has no grant never fires: better said now than looked for later.
void warnOfMissingGrant(Session& session, const Home& home, const api::Trigger& trigger, const std::string& function) {
    if (trigger.trigger_type() == "http") {
        return;
    }
    api::ExplainRequest request;
    request.set_principal(trigger.trigger_type() == "timer"
                              ? fmt::format("acs:fc:{}:{}:functions/{}/triggers/{}", home.region, home.account,
                                            function, trigger.trigger_name())
                              : trigger.source_arn());
    request.set_action("fc:InvokeFunction");
    request.set_resource(fmt::format("acs:fc:{}:{}:functions/{}", home.region, home.account, function));
    const auto decision = session.call(*session.grants, &api::GrantService::Stub::Explain, request);
    if (decision && !decision->allowed() && decision->reason() == "ImplicitDeny") {
        session.say(
            fmt::format("It fires once a grant allows it: hanshu grant add NAME --principal {} --action "
                        "fc:InvokeFunction --resource function:{}",
                        shortForm(request.principal(), home), function));
    }
}

std::string nextFiring(const api::Trigger& trigger, SystemTime now) {
    if (!trigger.has_next_fire_time()) {
        return {};
    }
    return fmt::format("{} ({})", formatWhen(trigger.next_fire_time(), now), trigger.next_fire_time());
}

void printTrigger(Session& session, const api::Trigger& trigger) {
    if (session.json()) {
        session.printJson(trigger);
        return;
    }
    printPairs(session.terminal.out, {{"Name", trigger.trigger_name()},
                                      {"Type", trigger.trigger_type()},
                                      {"Description", trigger.description()},
                                      {"Source", trigger.source_arn()},
                                      {"Qualifier", trigger.qualifier()},
                                      {"Config", trigger.trigger_config()},
                                      {"Fires next", nextFiring(trigger, session.now())},
                                      {"URL", trigger.http_trigger().url_internet()},
                                      {"Id", trigger.trigger_id()},
                                      {"Status", trigger.status()},
                                      {"Created", formatWhen(trigger.created_time(), session.now())}});
}

Result<Exit> create(Session& session, const CreateOptions& options) {
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    api::CreateTriggerRequest request;
    request.set_function_name(options.function);
    auto& input = *request.mutable_trigger();
    input.set_trigger_name(options.name);
    if (!options.description.empty()) {
        input.set_description(options.description);
    }
    if (!options.qualifier.empty()) {
        input.set_qualifier(options.qualifier);
    }
    if (!options.bucket.empty()) {
        fillObject(options, *home, input);
    } else if (!options.timer.empty()) {
        fillTimer(options, input);
    } else if (options.http) {
        fillHttp(options, input);
    } else {
        return usage("say what fires it: --oss BUCKET, --timer EXPRESSION or --http");
    }
    auto trigger = session.call(*session.triggers, &api::TriggerService::Stub::CreateTrigger, request);
    if (!trigger) {
        return fail(std::move(trigger.error()));
    }
    printTrigger(session, *trigger);
    warnOfMissingGrant(session, *home, *trigger, options.function);
    return Exit::Ok;
}

struct NameOptions {
    std::string function;
    std::string name;
};

Result<Exit> list(Session& session, const NameOptions& options) {
    api::ListTriggersRequest request;
    request.set_function_name(options.function);
    auto all = listAll<api::Trigger>(session, *session.triggers, &api::TriggerService::Stub::ListTriggers, request, 0,
                                     100, [](auto& page) { return page.mutable_triggers(); });
    if (!all) {
        return fail(std::move(all.error()));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    Table table({{"NAME"}, {"TYPE"}, {"SOURCE"}, {"FIRES NEXT"}, {"CONFIG"}, {"CHANGED"}});
    for (const auto& trigger : *all) {
        const bool http = trigger.trigger_type() == "http";
        table.add({trigger.trigger_name(), trigger.trigger_type(),
                   http ? trigger.http_trigger().url_internet() : trigger.source_arn(),
                   trigger.has_next_fire_time() ? formatWhen(trigger.next_fire_time(), session.now()) : std::string(),
                   trigger.trigger_config(), formatWhen(trigger.last_modified_time(), session.now())});
    }
    if (table.empty()) {
        session.say(fmt::format("Function {} has no triggers.", options.function));
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

api::TriggerRequest requestOf(const NameOptions& options) {
    api::TriggerRequest request;
    request.set_function_name(options.function);
    request.set_trigger_name(options.name);
    return request;
}

Result<Exit> get(Session& session, const NameOptions& options) {
    auto trigger = session.call(*session.triggers, &api::TriggerService::Stub::GetTrigger, requestOf(options));
    if (!trigger) {
        return fail(std::move(trigger.error()));
    }
    printTrigger(session, *trigger);
    return Exit::Ok;
}

Result<Exit> remove(Session& session, const NameOptions& options) {
    auto done = session.call(*session.triggers, &api::TriggerService::Stub::DeleteTrigger, requestOf(options));
    if (!done) {
        return fail(std::move(done.error()));
    }
    session.done(fmt::format("Deleted trigger {} of {}.", options.name, options.function),
                 {{"functionName", options.function}, {"triggerName", options.name}, {"deleted", true}});
    return Exit::Ok;
}

// What is not given stays as it is.
struct UpdateOptions {
    NameOptions trigger;
    std::vector<std::string> events;
    std::optional<std::string> prefix;
    std::optional<std::string> suffix;
    std::optional<std::string> timer;
    std::optional<std::string> payload;
    bool enabled = false;
    bool disabled = false;
    std::optional<std::string> auth;
    std::vector<std::string> methods;
    std::optional<std::string> description;
    std::optional<std::string> qualifier;

    [[nodiscard]] bool changesObject() const { return !events.empty() || prefix || suffix; }
    [[nodiscard]] bool changesTimer() const { return timer || payload || enabled || disabled; }
    [[nodiscard]] bool changesHttp() const { return auth || !methods.empty(); }
};

void change(const UpdateOptions& options, api::OssTriggerConfig& config) {
    if (!options.events.empty()) {
        config.mutable_events()->Assign(options.events.begin(), options.events.end());
    }
    auto& key = *config.mutable_filter()->mutable_key();
    key.set_prefix(options.prefix.value_or(key.prefix()));
    key.set_suffix(options.suffix.value_or(key.suffix()));
}

void change(const UpdateOptions& options, api::TimerTriggerConfig& config) {
    config.set_cron_expression(options.timer.value_or(config.cron_expression()));
    config.set_payload(options.payload.value_or(config.payload()));
    config.set_enable((config.enable() || options.enabled) && !options.disabled);
}

void change(const UpdateOptions& options, api::HttpTriggerConfig& config) {
    config.set_auth_type(options.auth.value_or(config.auth_type()));
    if (!options.methods.empty()) {
        config.mutable_methods()->Assign(options.methods.begin(), options.methods.end());
    }
}

template <class Config>
Result<std::string> changed(const UpdateOptions& options, const api::Trigger& trigger) {
    Config config;
    if (auto read = api::readJson(trigger.trigger_config(), config); !read) {
        return fail(std::move(read.error()));
    }
    change(options, config);
    return api::writeJson(config);
}

Result<std::string> changedConfig(const UpdateOptions& options, const api::Trigger& trigger) {
    const auto& type = trigger.trigger_type();
    if ((options.changesObject() && type != "oss") || (options.changesTimer() && type != "timer") ||
        (options.changesHttp() && type != "http")) {
        return usage(
            fmt::format("trigger '{}' is of type {}, which has no such setting; to change the type, delete it "
                        "and create it anew",
                        trigger.trigger_name(), type));
    }
    if (type == "oss") {
        return changed<api::OssTriggerConfig>(options, trigger);
    }
    return type == "timer" ? changed<api::TimerTriggerConfig>(options, trigger)
                           : changed<api::HttpTriggerConfig>(options, trigger);
}

Result<Exit> update(Session& session, const UpdateOptions& options) {
    const bool configures = options.changesObject() || options.changesTimer() || options.changesHttp();
    if (!configures && !options.description && !options.qualifier) {
        return usage("say what to change; see hanshu trigger update --help");
    }
    auto home = session.home();
    if (!home) {
        return fail(std::move(home.error()));
    }
    api::UpdateTriggerRequest request;
    request.set_function_name(options.trigger.function);
    request.set_trigger_name(options.trigger.name);
    auto& input = *request.mutable_trigger();
    // What is changed is what was read here, or nothing.
    const auto before =
        session.call(*session.triggers, &api::TriggerService::Stub::GetTrigger, requestOf(options.trigger));
    HANSHU_TRY(before);
    request.set_if_match(before->etag());
    if (configures) {
        auto config = changedConfig(options, *before);
        if (!config) {
            return fail(std::move(config.error()));
        }
        input.set_trigger_config(std::move(*config));
    }
    if (options.description) {
        input.set_description(*options.description);
    }
    if (options.qualifier) {
        input.set_qualifier(*options.qualifier);
    }
    auto trigger = session.call(*session.triggers, &api::TriggerService::Stub::UpdateTrigger, request);
    if (!trigger) {
        return fail(std::move(trigger.error()));
    }
    printTrigger(session, *trigger);
    warnOfMissingGrant(session, *home, *trigger, options.trigger.function);
    return Exit::Ok;
}

void addUpdate(CLI::App& group, Command& chosen) {
    auto options = std::make_shared<UpdateOptions>();
    auto* sub = group.add_subcommand("update", "Change what is given of a trigger, and keep the rest");
    sub->add_option("function", options->trigger.function, "The function")->required()->type_name(kFunctionName);
    sub->add_option("name", options->trigger.name, "The trigger")->required()->type_name(kTriggerName);
    addRepeated(sub, "--events", options->events, "For instance oss:ObjectCreated:*")->delimiter(',');
    sub->add_option("--prefix", options->prefix, "Only keys that begin so; '' for all");
    sub->add_option("--suffix", options->suffix, "Only keys that end so; '' for all");
    sub->add_option("--timer", options->timer, "'@every 5m', or '0 30 8 * * *', CRON_TZ=Zone before it");
    sub->add_option("--payload", options->payload, "What the timer sends");
    auto* enable = sub->add_flag("--enable", options->enabled, "The timer runs");
    sub->add_flag("--disable", options->disabled, "The timer rests")->excludes(enable);
    sub->add_option("--auth", options->auth, "Who may call the URL")->check(CLI::IsMember({"anonymous", "function"}));
    addRepeated(sub, "--methods", options->methods, "For instance GET,POST")->delimiter(',');
    sub->add_option("--description", options->description, "What it is for");
    sub->add_option("--qualifier", options->qualifier, "Version or alias");
    runs(sub, chosen, options, update);
}

void addCreate(CLI::App& group, Command& chosen) {
    auto options = std::make_shared<CreateOptions>();
    auto* sub = group.add_subcommand("create", "Make a trigger");
    sub->add_option("function", options->function, "The function it fires")->required()->type_name(kFunctionName);
    sub->add_option("name", options->name, "Its name")->required();
    auto* oss = sub->add_option("--oss", options->bucket, "The bucket whose changes fire it")->type_name(kBucketName);
    addRepeated(sub, "--events", options->events, "For instance oss:ObjectCreated:* (the default)")
        ->delimiter(',')
        ->needs(oss);
    sub->add_option("--prefix", options->prefix, "Only keys that begin so")->needs(oss);
    sub->add_option("--suffix", options->suffix, "Only keys that end so")->needs(oss);
    auto* timer = sub->add_option("--timer", options->timer, "'@every 5m', or '0 30 8 * * *', CRON_TZ=Zone before it");
    sub->add_option("--payload", options->payload, "What the timer sends")->needs(timer);
    sub->add_flag("--disabled", options->disabled, "The timer does not run yet")->needs(timer);
    auto* http = sub->add_flag("--http", options->http, "A URL fires it");
    sub->add_option("--auth", options->auth, "Who may call the URL")
        ->check(CLI::IsMember({"anonymous", "function"}))
        ->needs(http);
    addRepeated(sub, "--methods", options->methods, "GET,POST by default")->delimiter(',')->needs(http);
    sub->add_option("--description", options->description, "What it is for");
    sub->add_option("--qualifier", options->qualifier, "Version or alias, LATEST by default");
    oss->excludes(timer)->excludes(http);
    timer->excludes(http);
    runs(sub, chosen, options, create);
}

CLI::App* addNamed(CLI::App& group, const std::string& name, const std::string& description, NameOptions& options) {
    auto* sub = group.add_subcommand(name, description);
    sub->add_option("function", options.function, "The function")->required()->type_name(kFunctionName);
    sub->add_option("name", options.name, "The trigger")->required()->type_name(kTriggerName);
    return sub;
}

}  // namespace

void addTriggerCommands(CLI::App& app, Command& chosen) {
    auto& group = *app.add_subcommand("trigger", "What fires functions")->require_subcommand(1);
    addCreate(group, chosen);
    addUpdate(group, chosen);
    auto listed = std::make_shared<NameOptions>();
    auto* lists = group.add_subcommand("list", "The triggers of a function");
    lists->add_option("function", listed->function, "The function")->required()->type_name(kFunctionName);
    runs(lists, chosen, listed, list);
    auto got = std::make_shared<NameOptions>();
    runs(addNamed(group, "get", "One trigger", *got), chosen, got, get);
    auto removed = std::make_shared<NameOptions>();
    runs(addNamed(group, "delete", "Delete a trigger", *removed), chosen, removed, remove);
}

}  // namespace hanshu::cli
