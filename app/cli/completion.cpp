// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/completion.h"

#include "cli/text.h"

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

const CLI::App* childOf(const CLI::App& app, const std::string& name) {
    const auto children = app.get_subcommands([&](const CLI::App* child) { return child->get_name() == name; });
    return children.empty() ? nullptr : children.front();
}

// The option of that name, here or in a parent.
const CLI::Option* optionOf(const CLI::App* app, const std::string& name) {
    for (; app != nullptr; app = app->get_parent()) {
        if (const auto* option = app->get_option_no_throw(name)) {
            return option;
        }
    }
    return nullptr;
}

bool takesValue(const CLI::Option* option) {
    return option != nullptr && option->get_expected_max() > 0 && option->get_items_expected_max() > 0;
}

void addOptions(const CLI::App* app, std::vector<std::string>& into) {
    for (; app != nullptr; app = app->get_parent()) {
        for (const auto* option : app->get_options()) {
            for (const auto& name : option->get_lnames()) {
                into.push_back("--" + name);
            }
        }
    }
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
    const auto* here = &app;
    std::size_t positionals = 0;
    const CLI::Option* open = nullptr;  // an option that waits for its value
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (open != nullptr) {
            open = nullptr;
        } else if (words[i].starts_with('-') && words[i].size() > 1) {
            const auto* option = optionOf(here, words[i]);
            open = takesValue(option) ? option : nullptr;
        } else if (const auto* child = childOf(*here, words[i])) {
            here = child;
            positionals = 0;
        } else {
            ++positionals;
        }
    }
    std::vector<std::string> found;
    if (open != nullptr) {
        if (open->check_lname("output")) {
            found = {"table", "json"};
        }
    } else if (last.starts_with('-')) {
        addOptions(here, found);
    } else {
        for (const auto* child : here->get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); })) {
            found.push_back(child->get_name());
        }
        std::vector<const CLI::Option*> arguments;
        for (const auto* option : here->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
            arguments.push_back(option);
        }
        if (positionals < arguments.size()) {
            std::ranges::copy(names(arguments[positionals]->get_type_name()), std::back_inserter(found));
        }
    }
    std::erase_if(found, [&](const auto& word) { return !word.starts_with(last); });
    std::ranges::sort(found);
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace hanshu::cli
