// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/cli.h"

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/text.h"
#include "cli/words.h"

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

// An option that may be repeated takes one value each time; CLI11 prints it as one that takes several.
class Help final : public CLI::Formatter {
public:
    [[nodiscard]] std::string make_option_opts(const CLI::Option* option) const override {
        auto text = CLI::Formatter::make_option_opts(option);
        const std::string_view several = " ...";
        if (const auto at = text.find(several); at != std::string::npos && !option->get_allow_extra_args()) {
            const auto* more = option->get_delimiter() == ',' ? "[,...] (again for more)" : " (again for more)";
            text.replace(at, several.size(), more);
        }
        return text;
    }
};

struct Program {
    CLI::App app{"Function compute on machines you own", "hanshu"};
    Globals globals;
    Command command;
    std::string shell;

    Program() {
        app.formatter(std::make_shared<Help>());
        app.fallthrough();
        app.require_subcommand(1);
        app.set_version_flag("--version", "hanshu " HANSHU_VERSION);
        app.add_option("--server", globals.server.server, "unix:PATH or HOST:PORT (HANSHU_SERVER)");
        app.add_option("--access-key-id", globals.server.accessKeyId, "For TCP (HANSHU_ACCESS_KEY_ID)");
        app.add_option("--access-key-secret", globals.server.accessKeySecret, "For TCP (HANSHU_ACCESS_KEY_SECRET)");
        app.add_option("--credentials", globals.server.credentialsFile, "The credentials.toml of a daemon's state")
            ->type_name(kPath);
        app.add_option("-o,--output", globals.output, "table or json")->check(CLI::IsMember({"table", "json"}));
        addFunctionCommands(app, command);
        addSwitchCommands(app, command);
        addInvokeCommands(app, command);
        addLogCommands(app, command);
        addMetricCommands(app, command);
        addTelemetryCommands(app, command);
        addEventCommands(app, command);
        addBucketCommands(app, command);
        addObjectCommands(app, command);
        addTriggerCommands(app, command);
        addGrantCommands(app, command);
        addSystemCommands(app, command);
        app.add_subcommand("completion", "Print a shell's completion script: source <(hanshu completion bash)")
            ->add_option("shell", shell, "bash, zsh or fish")
            ->type_name("{bash,zsh,fish}")
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

std::vector<std::string> askForNames(Session& session, const std::string& typeName,
                                     const std::vector<std::string>& arguments) {
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
    } else if (typeName == kGrantName) {
        auto page = session.call(*session.grants, &api::GrantService::Stub::ListGrants, request, kCompletionTimeout);
        const auto grants = page.value_or(api::ListGrantsOutput());
        for (const auto& grant : grants.grants()) {
            names.push_back(grant.grant_name());
        }
    } else if (typeName == kTriggerName && !arguments.empty()) {
        api::ListTriggersRequest of;
        of.set_function_name(arguments.front());
        of.set_limit(100);
        auto page = session.call(*session.triggers, &api::TriggerService::Stub::ListTriggers, of, kCompletionTimeout);
        const auto triggers = page.value_or(api::ListTriggersOutput());
        for (const auto& trigger : triggers.triggers()) {
            names.push_back(trigger.trigger_name());
        }
    }
    return names;
}

int complete(const std::vector<std::string>& words, const Terminal& terminal, const Connect& connect) {
    const Program program;
    const auto names = [&](const std::string& typeName, const std::vector<std::string>& arguments) {
        auto channel = connect(ServerOptions());
        if (!channel) {
            return std::vector<std::string>();
        }
        Session session(std::move(*channel), terminal, true);
        return askForNames(session, typeName, arguments);
    };
    for (const auto& word : completions(program.app, words, names)) {
        terminal.out << word << '\n';
    }
    return 0;
}

int refuse(const Terminal& terminal, const CLI::App& app, const std::string& sentence) {
    const auto end = sentence.ends_with('?') || sentence.ends_with('.') ? "" : ".";
    terminal.err << fmt::format("hanshu: {}{} See: {} --help\n", sentence, end, pathOf(app)) << std::flush;
    return static_cast<int>(Exit::Usage);
}

// `help invoke` is `invoke --help`, as many a program has it.
std::vector<std::string> wordsOf(std::vector<std::string> arguments) {
    if (!arguments.empty() && arguments.front() == "help") {
        arguments.erase(arguments.begin());
        arguments.emplace_back("--help");
    }
    return arguments;
}

int execute(const std::vector<std::string>& arguments, const Terminal& terminal, const Connect& connect) {
    if (!arguments.empty() && arguments.front() == "__complete") {
        return complete({arguments.begin() + 1, arguments.end()}, terminal, connect);
    }
    const auto words = wordsOf(arguments);
    Program program;
    try {
        if (const auto unknown = unknownCommand(program.app, words)) {
            return refuse(terminal, program.app, *unknown);
        }
        program.app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::Success& success) {  // --help, --version
        return program.app.exit(success, terminal.out, terminal.err);
    } catch (const CLI::ParseError& error) {
        return refuse(terminal, program.app, printable(error.what()));
    }
    if (const auto broken = brokenText(program.app)) {
        return refuse(terminal, program.app, *broken);
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

}  // namespace

Result<std::shared_ptr<grpc::Channel>> connectByOptions(const ServerOptions& options) {
    const auto environment = processEnvironment();
    auto address = serverAddress(options, environment);
    if (!address) {
        return fail(std::move(address.error()));
    }
    HANSHU_TRY(mayConnect(*address));
    auto key = accessKey(options, environment);
    if (!key) {
        return fail(std::move(key.error()));
    }
    return openChannel(*address, *key);
}

int run(const std::vector<std::string>& arguments, Terminal terminal, const Connect& connect) {
    int code = static_cast<int>(Exit::Other);
    try {
        code = execute(arguments, terminal, connect);
    } catch (const std::exception& defect) {
        terminal.err << fmt::format("hanshu: {}\n", printable(defect.what())) << std::flush;
    }
    terminal.out.flush();
    if (terminal.out) {
        return code;
    }
    const auto lost = tell(terminal, outputLost().value());
    return code == 0 ? lost : code;
}

}  // namespace hanshu::cli
