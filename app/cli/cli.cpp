// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/cli.h"

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace hanshu::cli {
namespace {

// How long completion asks a daemon for names: a person waits for the Tab key.
constexpr std::chrono::seconds kCompletionTimeout{1};

struct Globals {
    ServerOptions server;
    std::string output = "table";
};

struct Program {
    CLI::App app{"Function compute on machines you own", "hanshu"};
    Globals globals;
    Command command;
    std::string shell;

    Program() {
        app.fallthrough();
        app.require_subcommand(1);
        app.set_version_flag("--version", "hanshu " HANSHU_VERSION);
        app.add_option("--server", globals.server.server, "unix:PATH or HOST:PORT (HANSHU_SERVER)");
        app.add_option("--access-key-id", globals.server.accessKeyId, "For TCP (HANSHU_ACCESS_KEY_ID)");
        app.add_option("--access-key-secret", globals.server.accessKeySecret, "For TCP (HANSHU_ACCESS_KEY_SECRET)");
        app.add_option("--credentials", globals.server.credentialsFile, "The credentials.toml of a daemon's state");
        app.add_option("-o,--output", globals.output, "table or json")->check(CLI::IsMember({"table", "json"}));
        addFunctionCommands(app, command);
        addSwitchCommands(app, command);
        addInvokeCommands(app, command);
        addTelemetryCommands(app, command);
        addEventCommands(app, command);
        addBucketCommands(app, command);
        addObjectCommands(app, command);
        addTriggerCommands(app, command);
        addGrantCommands(app, command);
        addSystemCommands(app, command);
        app.add_subcommand("completion", "Print a shell's completion script: source <(hanshu completion bash)")
            ->add_option("shell", shell, "bash, zsh or fish")
            ->required();
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
};

int tell(const Terminal& terminal, const Error& error) {
    terminal.err << "hanshu: " << explain(error) << std::endl;
    return static_cast<int>(exitFor(error));
}

// The subcommand that was reached, for the advice to read its help.
std::string pathOf(const CLI::App& app) {
    std::string path = "hanshu";
    const auto* here = &app;
    while (!here->get_subcommands().empty()) {
        here = here->get_subcommands().front();
        path += " " + here->get_name();
    }
    return path;
}

std::vector<std::string> askForNames(Session& session, const std::string& typeName) {
    std::vector<std::string> names;
    api::ListRequest request;
    request.set_limit(100);
    if (typeName == kFunctionName) {
        auto page =
            session.call(*session.functions, &api::FunctionService::Stub::ListFunctions, request, kCompletionTimeout);
        const auto functions = page.value_or(api::ListFunctionsOutput());
        for (const auto& function : functions.functions()) {
            names.push_back(function.function_name());
        }
    } else if (typeName == kBucketName) {
        auto page = session.call(*session.buckets, &api::BucketService::Stub::ListBuckets, request, kCompletionTimeout);
        const auto buckets = page.value_or(api::ListBucketsOutput());
        for (const auto& bucket : buckets.buckets()) {
            names.push_back(bucket.bucket_name());
        }
    }
    return names;
}

int complete(const std::vector<std::string>& words, const Terminal& terminal, const Connect& connect) {
    const Program program;
    const auto names = [&](const std::string& typeName) {
        auto channel = connect(ServerOptions());
        if (!channel) {
            return std::vector<std::string>();
        }
        Session session(std::move(*channel), terminal, true);
        return askForNames(session, typeName);
    };
    for (const auto& word : completions(program.app, words, names)) {
        terminal.out << word << '\n';
    }
    return 0;
}

}  // namespace

Result<std::shared_ptr<grpc::Channel>> connectByOptions(const ServerOptions& options) {
    const auto environment = processEnvironment();
    auto address = serverAddress(options, environment);
    if (!address) {
        return fail(std::move(address.error()));
    }
    auto key = accessKey(options, environment);
    if (!key) {
        return fail(std::move(key.error()));
    }
    return openChannel(*address, *key);
}

int run(const std::vector<std::string>& arguments, Terminal terminal, const Connect& connect) {
    if (!arguments.empty() && arguments.front() == "__complete") {
        return complete({arguments.begin() + 1, arguments.end()}, terminal, connect);
    }
    Program program;
    try {
        program.app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::Success& success) {  // --help, --version
        return program.app.exit(success, terminal.out, terminal.err);
    } catch (const CLI::ParseError& error) {
        terminal.err << fmt::format("hanshu: {}. See: {} --help\n", error.what(), pathOf(program.app)) << std::flush;
        return static_cast<int>(Exit::Usage);
    }
    if (!program.shell.empty()) {
        const auto script = completionScript(program.shell);
        if (!script) {
            return tell(terminal, script.error());
        }
        terminal.out << *script << std::flush;
        return 0;
    }
    auto channel = connect(program.globals.server);
    if (!channel) {
        return tell(terminal, channel.error());
    }
    Session session(std::move(*channel), terminal, program.globals.output == "json");
    const auto result = program.command(session);
    return result ? static_cast<int>(*result) : tell(terminal, result.error());
}

}  // namespace hanshu::cli
