// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The words of a command line against the commands that there are, whole or half typed. One thread.
#pragma once

#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hanshu::cli {

struct Reached {
    const CLI::App* app = nullptr;         // the subcommand
    std::vector<std::string> arguments;    // words after it that are no options
    const CLI::Option* waiting = nullptr;  // an option whose value comes next
};
[[nodiscard]] Reached walk(const CLI::App& app, const std::vector<std::string>& words);

// Where a word stands in the place of a command and is none: a sentence that names it and the nearest command.
[[nodiscard]] std::optional<std::string> unknownCommand(const CLI::App& app, const std::vector<std::string>& words);

// After the parse: the sentence on a value that is not UTF-8, but in the arguments of the type kPath.
[[nodiscard]] std::optional<std::string> brokenText(const CLI::App& app);

// The path of a file here, which may have any bytes.
inline constexpr const char* kPath = "PATH";

}  // namespace hanshu::cli
