// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/completion.h"

#include "cli/text.h"
#include "cli/words.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::cli {
namespace {

constexpr const char* kBash = R"(_hanshu() {
    local IFS=$'\n'
    COMPREPLY=($(hanshu __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _hanshu hanshu
)";

constexpr const char* kZsh = R"(#compdef hanshu
_hanshu() {
    local -a found
    found=("${(@f)$(hanshu __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -Q -- "${found[@]}"
    else
        _files
    fi
}
compdef _hanshu hanshu
)";

constexpr const char* kFish =
    R"(complete -c hanshu -a '(hanshu __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
)";

void addOptions(const CLI::App* app, std::vector<std::string>& into) {
    for (; app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options()) {
            for (const auto& name : option->get_lnames()) {
                into.push_back("--" + name);
            }
        }
    }
}

// What an option or argument takes: the set that its help names, TEXT:{a,b}, or names that the daemon knows.
std::vector<std::string> valuesOf(const CLI::Option& option, const std::vector<std::string>& arguments,
                                  const NameSource& names) {
    const auto type = option.get_type_name();
    const auto open = type.find('{');
    if (open == std::string::npos || !type.ends_with('}')) {
        return names(type, arguments);
    }
    return CLI::detail::split(type.substr(open + 1, type.size() - open - 2), ',');
}

}  // namespace

Result<std::string> completionScript(const std::string& shell) {
    for (const auto& [name, script] : {std::pair{"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}}) {
        if (shell == name) {
            return std::string(script);
        }
    }
    return usage(fmt::format("no completion for '{}': bash, zsh and fish have one", shell));
}

std::vector<std::string> completions(const CLI::App& app, const std::vector<std::string>& words,
                                     const NameSource& names) {
    const auto last = words.empty() ? std::string() : words.back();
    const auto before = words.empty() ? words : std::vector<std::string>(words.begin(), words.end() - 1);
    const auto reached = walk(app, before);
    std::vector<std::string> found;
    if (reached.waiting != nullptr) {
        found = valuesOf(*reached.waiting, reached.arguments, names);
    } else if (last.starts_with('-')) {
        addOptions(reached.app, found);
    } else {
        const auto named = [](const CLI::App* sub) { return !sub->get_name().empty(); };
        if (reached.arguments.empty()) {
            for (const auto* child : reached.app->get_subcommands(named)) {
                found.push_back(child->get_name());
            }
        }
        const auto arguments = reached.app->get_options([](const CLI::Option* o) { return o->get_positional(); });
        if (reached.arguments.size() < arguments.size()) {
            std::ranges::copy(valuesOf(*arguments[reached.arguments.size()], reached.arguments, names),
                              std::back_inserter(found));
        }
    }
    std::erase_if(found, [&](const auto& word) { return !word.starts_with(last); });
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace hanshu::cli
