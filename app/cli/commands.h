// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The commands, a file for each group. Parsing chooses one; it runs after, against a session. One thread.
#pragma once

#include "cli/session.h"

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

namespace hanshu::cli {

using Command = std::function<Result<Exit>(Session&)>;

// Adds its group to `app`; the callback of the subcommand that was given sets `chosen`.
void addFunctionCommands(CLI::App& app, Command& chosen);
// Below the `function` of addFunctionCommands.
void addSwitchCommands(CLI::App& app, Command& chosen);
void addInvokeCommands(CLI::App& app, Command& chosen);
void addLogCommands(CLI::App& app, Command& chosen);
void addMetricCommands(CLI::App& app, Command& chosen);
void addTelemetryCommands(CLI::App& app, Command& chosen);
// Below the `events` of addTelemetryCommands.
void addEventCommands(CLI::App& app, Command& chosen);
void addBucketCommands(CLI::App& app, Command& chosen);
void addObjectCommands(CLI::App& app, Command& chosen);
void addTriggerCommands(CLI::App& app, Command& chosen);
void addGrantCommands(CLI::App& app, Command& chosen);
void addSystemCommands(CLI::App& app, Command& chosen);

// A command with options of its own: `Options` lives as long as the command.
template <class Options>
void runs(CLI::App* sub, Command& chosen, std::shared_ptr<Options> options,
          Result<Exit> (*command)(Session&, const Options&)) {
    sub->callback([&chosen, options = std::move(options), command] {
        chosen = [options, command](Session& session) { return command(session, *options); };
    });
}

// An option that may be given more than once, with one value each time.
inline CLI::Option* addRepeated(CLI::App* sub, const std::string& name, std::vector<std::string>& into,
                                const std::string& description) {
    return sub->add_option(name, into, description)->allow_extra_args(false);
}

// Names that completion knows how to list.
inline constexpr const char* kFunctionName = "FUNCTION";
inline constexpr const char* kBucketName = "BUCKET";
inline constexpr const char* kTriggerName = "TRIGGER";
inline constexpr const char* kGrantName = "GRANT";

// That a reader of a stream was too slow for `gap` items; nothing for 0.
void sayGap(Session& session, std::int64_t gap);

// FunctionNotFound where there is none of that name; an empty name stands for all.
[[nodiscard]] Result<void> checkFunction(Session& session, const std::string& name);

// Pages of `request` until `limit` rows are there (0: all). `rows` gives the repeated field of a page.
template <class Row, class Stub, class Request, class Page, class Rows>
Result<std::vector<Row>> listAll(Session& session, Stub& stub,
                                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Page*),
                                 Request request, std::size_t limit, int pageSize, Rows rows) {
    std::vector<Row> all;
    while (true) {
        const auto left = limit == 0 ? static_cast<std::size_t>(pageSize) : limit - all.size();
        request.set_limit(static_cast<int>(std::min(left, static_cast<std::size_t>(pageSize))));
        auto page = session.call(stub, method, request);
        if (!page) {
            return fail(std::move(page.error()));
        }
        for (auto& row : *rows(*page)) {
            all.push_back(std::move(row));
        }
        if (!page->has_next_token() || page->next_token().empty() || (limit > 0 && all.size() >= limit)) {
            return all;
        }
        request.set_next_token(page->next_token());
    }
}

}  // namespace hanshu::cli
