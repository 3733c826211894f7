// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/digest.h"
#include "base/encoding.h"
#include "bundle/package.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>
#include <cerrno>

namespace hanshu::cli {
namespace {

struct DeployOptions {
    std::string name;
    std::string path;
    std::optional<std::string> runtime;
    std::optional<std::string> handler;
    std::optional<std::string> description;
    std::optional<std::string> role;
    std::optional<std::string> initializer;
    std::optional<double> cpu;
    std::optional<int> memory;
    std::optional<int> disk;
    std::optional<int> timeout;
    std::optional<int> concurrency;
    std::optional<int> idleTimeout;
    std::optional<int> port;
    std::vector<std::string> environment;
    std::vector<std::string> layers;
    std::vector<std::string> command;
    std::vector<std::string> mounts;
    bool failIfExists = false;
};

// bucket[/prefix]:/mnt/dir
Result<api::OssMountPoint> mountOf(const std::string& text) {
    const auto colon = text.find(":/");
    if (colon == std::string::npos || colon == 0) {
        return usage(fmt::format("'{}' is no mount: give BUCKET[/PREFIX]:/mnt/DIR", text));
    }
    const auto source = text.substr(0, colon);
    const auto slash = source.find('/');
    api::OssMountPoint point;
    point.set_bucket_name(source.substr(0, slash));
    point.set_bucket_path(slash == std::string::npos ? "/" : source.substr(slash));
    point.set_mount_dir(text.substr(colon + 1));
    point.set_read_only(true);
    return point;
}

// What create and update have in common: every option that was given.
template <class Input>
Result<void> apply(Session& session, const DeployOptions& options, Input& input) {
    const auto set = [&input](const auto& value, auto setter) {
        if (value) {
            (input.*setter)(*value);
        }
    };
    set(options.cpu, &Input::set_cpu);
    set(options.memory, &Input::set_memory_size);
    set(options.disk, &Input::set_disk_size);
    set(options.timeout, &Input::set_timeout);
    set(options.concurrency, &Input::set_instance_concurrency);
    set(options.idleTimeout, &Input::set_idle_timeout);
    if (options.runtime) {
        input.set_runtime(*options.runtime);
    }
    if (options.handler) {
        input.set_handler(*options.handler);
    }
    if (options.description) {
        input.set_description(*options.description);
    }
    if (options.role) {
        auto home = session.home();
        if (!home) {
            return fail(std::move(home.error()));
        }
        auto arn = options.role->empty() ? Result<std::string>("") : roleArn(*options.role, *home);
        if (!arn) {
            return fail(std::move(arn.error()));
        }
        input.set_role(std::move(*arn));
    }
    for (const auto& pair : options.environment) {
        const auto equals = pair.find('=');
        if (equals == 0 || equals == std::string::npos) {
            return usage(fmt::format("--env {}: give NAME=VALUE", pair));
        }
        (*input.mutable_environment_variables())[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    for (const auto& layer : options.layers) {
        input.add_layers(layer);
    }
    for (const auto& text : options.mounts) {
        auto point = mountOf(text);
        if (!point) {
            return fail(std::move(point.error()));
        }
        *input.mutable_oss_mount_config()->add_mount_points() = std::move(*point);
    }
    for (const auto& word : options.command) {
        input.mutable_custom_runtime_config()->add_command(word);
    }
    if (options.port) {
        input.mutable_custom_runtime_config()->set_port(*options.port);
    }
    if (options.initializer) {
        input.mutable_instance_lifecycle_config()->mutable_initializer()->set_handler(*options.initializer);
    }
    return {};
}

Result<bool> exists(Session& session, const std::string& name) {
    api::NameRequest request;
    request.set_name(name);
    auto found = session.call(*session.functions, &api::FunctionService::Stub::GetFunction, request);
    if (!found && found.error().code != Code::NotFound) {
        return fail(std::move(found.error()));
    }
    return found.has_value();
}

Result<api::FunctionReply> send(Session& session, api::DeployRequest first,
                                const std::optional<bundle::Package>& package) {
    grpc::ClientContext context;
    api::FunctionReply reply;
    const auto writer = session.functions->DeployFunction(&context, &reply);
    if (package) {
        first.set_zip_size(package->size);
    }
    bool open = writer->Write(first);
    Progress progress(session.terminal.err, session.terminal.errIsTerminal && !session.json(), "uploading");
    std::uint64_t sent = 0;
    Digest digest(DigestKind::Sha256);
    api::DeployRequest piece;
    while (open && package && !piece.last()) {
        auto& chunk = *piece.mutable_zip_chunk();
        chunk.resize(512 * 1024);
        const auto count = ::read(package->file.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            context.TryCancel();
            return systemError("reading the package", errno);
        }
        chunk.resize(static_cast<std::size_t>(count));
        digest.update(chunk);
        if (count == 0) {
            piece.set_last(true);
            piece.set_zip_sha256(toHex(digest.finish()));
        }
        open = writer->Write(piece);
        sent += static_cast<std::uint64_t>(count);
        progress.update(sent, package->size);
    }
    writer->WritesDone();
    const auto status = writer->Finish();
    if (!status.ok()) {
        return fail(toError(status, context));
    }
    return reply;
}

void tell(Session& session, const api::Function& function, bool created) {
    session.terminal.out << fmt::format("{} {}  {}  {}  {} MB  {}\n", created ? "Created" : "Updated",
                                        printable(function.function_name()), function.runtime(), function.handler(),
                                        function.memory_size(), formatSize(function.code_size()))
                         << std::flush;
}

Result<Exit> deploy(Session& session, const DeployOptions& options) {
    auto known = exists(session, options.name);
    if (!known) {
        return fail(std::move(known.error()));
    }
    if (*known && options.failIfExists) {
        return fail(Code::AlreadyExists, "FunctionAlreadyExists", {{"function", options.name}});
    }
    if (!*known && !options.runtime) {
        return usage(fmt::format("function '{}' is new: give its --runtime and --handler", options.name));
    }
    if (!*known && options.path.empty()) {
        return usage(fmt::format("function '{}' is new: give the folder or zip of its code", options.name));
    }
    std::optional<bundle::Package> package;
    if (!options.path.empty()) {
        Progress progress(session.terminal.err, session.terminal.errIsTerminal && !session.json(), "packing");
        auto opened = bundle::openPackage(options.path, [&](auto done, auto total) { progress.update(done, total); });
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        package = std::move(*opened);
    }
    api::DeployRequest first;
    if (*known) {
        first.set_function_name(options.name);
        HANSHU_TRY(apply(session, options, *first.mutable_update()));
    } else {
        first.mutable_create()->set_function_name(options.name);
        HANSHU_TRY(apply(session, options, *first.mutable_create()));
    }
    auto reply = send(session, std::move(first), package);
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        session.printJson(reply->function());
    } else {
        tell(session, reply->function(), !*known);
    }
    return Exit::Ok;
}

struct ListOptions {
    std::string prefix;
};

Result<Exit> list(Session& session, const ListOptions& options) {
    api::ListRequest request;
    request.set_prefix(options.prefix);
    auto all = listAll<api::Function>(session, *session.functions, &api::FunctionService::Stub::ListFunctions, request,
                                      0, 100, [](auto& page) { return page.mutable_functions(); });
    if (!all) {
        return fail(std::move(all.error()));
    }
    if (session.json()) {
        session.printJsonList(*all);
        return Exit::Ok;
    }
    Table table({{"NAME"},
                 {"STATE"},
                 {"RUNTIME"},
                 {"HANDLER"},
                 {"CPU", Align::Right},
                 {"MEMORY", Align::Right},
                 {"TIMEOUT", Align::Right},
                 {"CODE", Align::Right},
                 {"CHANGED"}});
    for (const auto& function : *all) {
        table.add({function.function_name(),
                   function.invocation_restriction().disable() ? "Disabled" : function.state(), function.runtime(),
                   function.handler(), fmt::format("{}", function.cpu()), fmt::format("{} MB", function.memory_size()),
                   fmt::format("{} s", function.timeout()), formatSize(function.code_size()),
                   formatWhen(function.last_modified_time(), session.now())});
    }
    if (table.empty()) {
        session.say(
            "No functions. Make one: hanshu function deploy NAME FOLDER --runtime python3.11 --handler "
            "index.handler");
    }
    table.print(session.terminal.out);
    return Exit::Ok;
}

struct NameOptions {
    std::string name;
};

std::string stateOf(const api::Function& function, SystemTime now) {
    const auto& restriction = function.invocation_restriction();
    if (!restriction.disable()) {
        return function.state();
    }
    return fmt::format("Disabled {}{}{}", formatWhen(restriction.last_modified_time(), now),
                       restriction.reason().empty() ? "" : ": ", restriction.reason());
}

std::string portOf(const api::Function& function) {
    const auto& custom = function.custom_runtime_config();
    return custom.has_port() ? std::to_string(custom.port()) : "";
}

std::string initializerOf(const api::Function& function) {
    const auto& hook = function.instance_lifecycle_config().initializer();
    const auto what =
        hook.handler().empty() ? fmt::format("{}", fmt::join(hook.command(), " ")) : std::string(hook.handler());
    return what.empty() || !hook.has_timeout() ? what : fmt::format("{}, {} s at most", what, hook.timeout());
}

Result<Exit> get(Session& session, const NameOptions& options) {
    api::NameRequest request;
    request.set_name(options.name);
    auto found = session.call(*session.functions, &api::FunctionService::Stub::GetFunction, request);
    if (!found) {
        return fail(std::move(found.error()));
    }
    const auto& function = found->function();
    if (session.json()) {
        session.printJson(function);
        return Exit::Ok;
    }
    std::vector<std::pair<std::string, std::string>> pairs{
        {"Name", function.function_name()},
        {"Description", function.description()},
        {"ARN", function.function_arn()},
        {"Runtime", function.runtime()},
        {"Handler", function.handler()},
        {"CPU", fmt::format("{}", function.cpu())},
        {"Memory", fmt::format("{} MB", function.memory_size())},
        {"Disk", fmt::format("{} MB", function.disk_size())},
        {"Timeout", fmt::format("{} s", function.timeout())},
        {"Requests at once", fmt::format("{} an instance", function.instance_concurrency())},
        {"Role", function.role()},
        {"Code", fmt::format("{}, CRC-64 {}", formatSize(function.code_size()), function.code_checksum())},
        {"State", stateOf(function, session.now())},
        {"Command", fmt::format("{}", fmt::join(function.custom_runtime_config().command(), " "))},
        {"Port", portOf(function)},
        {"Initializer", initializerOf(function)},
        {"Created", formatWhen(function.created_time(), session.now())},
        {"Changed", formatWhen(function.last_modified_time(), session.now())},
        {"ETag", found->etag()},
    };
    for (const auto& layer : function.layers()) {
        pairs.emplace_back("Layer", layer.arn());
    }
    for (const auto& mount : function.oss_mount_config().mount_points()) {
        pairs.emplace_back("Mount",
                           fmt::format("{}{} at {}", mount.bucket_name(), mount.bucket_path(), mount.mount_dir()));
    }
    const std::map<std::string, std::string> variables(function.environment_variables().begin(),
                                                       function.environment_variables().end());
    for (const auto& [name, value] : variables) {
        pairs.emplace_back("Environment", name + "=" + value);
    }
    printPairs(session.terminal.out, pairs);
    return Exit::Ok;
}

Result<Exit> remove(Session& session, const NameOptions& options) {
    api::NameRequest request;
    request.set_name(options.name);
    auto done = session.call(*session.functions, &api::FunctionService::Stub::DeleteFunction, request);
    if (!done) {
        return fail(std::move(done.error()));
    }
    session.done(fmt::format("Deleted function {}.", options.name),
                 {{"functionName", options.name}, {"deleted", true}});
    return Exit::Ok;
}

struct ConcurrencyOptions {
    std::string name;
    std::optional<int> reserved;
    bool none = false;
};

Result<Exit> concurrency(Session& session, const ConcurrencyOptions& options) {
    Result<api::FunctionConcurrency> reply;
    if (options.reserved || options.none) {
        api::FunctionConcurrency request;
        request.set_function_name(options.name);
        if (options.reserved) {
            request.set_reserved_concurrency(*options.reserved);
        }
        reply = session.call(*session.system, &api::SystemService::Stub::SetFunctionConcurrency, request);
    } else {
        api::NameRequest request;
        request.set_name(options.name);
        reply = session.call(*session.system, &api::SystemService::Stub::GetFunctionConcurrency, request);
    }
    if (!reply) {
        return fail(std::move(reply.error()));
    }
    if (session.json()) {
        session.printJson(*reply);
    } else if (reply->has_reserved_concurrency()) {
        session.terminal.out << fmt::format("{}: {} at once\n", options.name, reply->reserved_concurrency());
    } else {
        session.terminal.out << fmt::format("{}: no limit of its own\n", options.name);
    }
    return Exit::Ok;
}

void addDeploy(CLI::App& group, Command& chosen) {
    auto options = std::make_shared<DeployOptions>();
    auto* sub = group.add_subcommand("deploy", "Create a function or update the one of that name");
    sub->add_option("name", options->name, "The function")->required()->type_name(kFunctionName);
    sub->add_option("path", options->path,
                    "A folder (its .fcignore is honoured) or a zip; without it only the given "
                    "settings change")
        ->type_name(kPath);
    sub->add_option("--runtime", options->runtime, "What runs it")->type_name("{python3.11,python3,custom}");
    sub->add_option("--handler", options->handler, "FILE.FUNCTION, for instance index.handler");
    sub->add_option("--description", options->description, "What it is for");
    sub->add_option("--cpu", options->cpu, "vCPU, 0.05 to 16");
    sub->add_option("--memory", options->memory, "MB, 128 to 32768");
    sub->add_option("--disk", options->disk, "MB of /tmp, 512 or 10240");
    sub->add_option("--timeout", options->timeout, "Seconds, 1 to 86400");
    sub->add_option("--instance-concurrency", options->concurrency, "Requests at once in one instance");
    sub->add_option("--idle-timeout", options->idleTimeout, "Seconds that an idle instance stays warm");
    sub->add_option("--role", options->role, "Name or ARN of the role whose grants it has; '' for none");
    addRepeated(sub, "--env", options->environment, "NAME=VALUE; all of them, where one is given");
    addRepeated(sub, "--layer", options->layers, "ARN of a layer");
    addRepeated(sub, "--mount", options->mounts, "BUCKET[/PREFIX]:/mnt/DIR, read-only");
    addRepeated(sub, "--command", options->command, "A word of the custom runtime's command");
    sub->add_option("--port", options->port, "Port of the custom runtime");
    sub->add_option("--initializer", options->initializer, "Handler that prepares an instance");
    sub->add_flag("--new", options->failIfExists, "Fail when the function exists");
    runs(sub, chosen, options, deploy);
}

template <class Options>
CLI::App* addNamed(CLI::App& group, const std::string& name, const std::string& description, Options& options) {
    auto* sub = group.add_subcommand(name, description);
    sub->add_option("name", options.name, "The function")->required()->type_name(kFunctionName);
    return sub;
}

}  // namespace

Result<void> checkFunction(Session& session, const std::string& name) {
    if (name.empty()) {
        return {};
    }
    const auto known = exists(session, name);
    HANSHU_TRY(known);
    return *known ? Result<void>{} : fail(Code::NotFound, "FunctionNotFound", {{"function", name}});
}

void addFunctionCommands(CLI::App& app, Command& chosen) {
    auto& group = *app.add_subcommand("function", "Functions")->require_subcommand(1);
    addDeploy(group, chosen);
    auto listed = std::make_shared<ListOptions>();
    auto* lists = group.add_subcommand("list", "All functions");
    lists->add_option("--prefix", listed->prefix, "Only names that begin so");
    runs(lists, chosen, listed, list);
    auto got = std::make_shared<NameOptions>();
    runs(addNamed(group, "get", "One function", *got), chosen, got, get);
    auto removed = std::make_shared<NameOptions>();
    runs(addNamed(group, "delete", "Delete a function that has no triggers", *removed), chosen, removed, remove);
    auto limited = std::make_shared<ConcurrencyOptions>();
    auto* limits = addNamed(group, "concurrency", "Show or set how many runs a function may have at once", *limited);
    auto* reserve = limits->add_option("--reserve", limited->reserved, "1 to 10000");
    limits->add_flag("--none", limited->none, "No limit of its own")->excludes(reserve);
    runs(limits, chosen, limited, concurrency);
}

}  // namespace hanshu::cli
