// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Shell completion: a script a shell, which asks `hanshu __complete` for what could come next. One thread.
#pragma once

#include "base/result.h"

#include <CLI/App.hpp>
#include <functional>
#include <string>
#include <vector>

namespace hanshu::cli {

// bash, zsh or fish; InvalidArgument for any other.
[[nodiscard]] Result<std::string> completionScript(const std::string& shell);

// Names of functions, buckets, triggers or grants, by the type name of an argument and those before it (a trigger's
// function); empty where it is none of them, or nobody answers.
using NameSource =
    std::function<std::vector<std::string>(const std::string& typeName, const std::vector<std::string>& arguments)>;

// What the last of `words` may become: subcommands, options, names. Empty where the shell should offer files.
[[nodiscard]] std::vector<std::string> completions(const CLI::App& app, const std::vector<std::string>& words,
                                                   const NameSource& names);

}  // namespace hanshu::cli
