// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/words.h"

#include "base/encoding.h"
#include "cli/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace hanshu::cli {
namespace {

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

// Letters to change, add, drop or swap with their neighbour (optimal string alignment).
std::size_t distance(const std::string& from, const std::string& to) {
    std::vector<std::vector<std::size_t>> rows(from.size() + 1, std::vector<std::size_t>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i) {
        for (std::size_t j = 0; j <= to.size(); ++j) {
            if (i == 0 || j == 0) {
                rows[i][j] = i + j;
                continue;
            }
            const std::size_t differs = from[i - 1] == to[j - 1] ? 0 : 1;
            rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + differs});
            if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
                rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
            }
        }
    }
    return rows[from.size()][to.size()];
}

std::vector<std::string> commandsOf(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* child : app.get_subcommands([](const CLI::App* sub) { return !sub->get_name().empty(); })) {
        names.push_back(child->get_name());
    }
    return names;
}

}  // namespace

Reached walk(const CLI::App& app, const std::vector<std::string>& words) {
    Reached reached;
    reached.app = &app;
    for (const auto& word : words) {
        if (reached.waiting != nullptr) {
            reached.waiting = nullptr;
        } else if (word.starts_with('-') && word.size() > 1) {
            const auto* option = optionOf(reached.app, word);
            reached.waiting = takesValue(option) ? option : nullptr;
        } else if (const auto* child = reached.arguments.empty() ? childOf(*reached.app, word) : nullptr) {
            reached.app = child;
        } else {
            reached.arguments.push_back(word);
        }
    }
    return reached;
}

std::optional<std::string> unknownCommand(const CLI::App& app, const std::vector<std::string>& words) {
    const auto reached = walk(app, words);
    if (reached.arguments.empty() || reached.app->get_require_subcommand_min() == 0) {
        return std::nullopt;
    }
    const auto& word = reached.arguments.front();
    const auto names = commandsOf(*reached.app);
    const auto what = fmt::format("'{}' is no command{}", printable(word),
                                  reached.app == &app ? "" : " of hanshu " + reached.app->get_name());
    const auto nearest =
        std::ranges::min_element(names, {}, [&word](const std::string& name) { return distance(word, name); });
    // Two slips in a word of six letters still show what was meant.
    if (nearest != names.end() && distance(word, *nearest) <= std::max<std::size_t>(1, word.size() / 3)) {
        return fmt::format("{}; did you mean '{}'?", what, *nearest);
    }
    return fmt::format("{}: there are {}.", what, fmt::join(names, ", "));
}

std::optional<std::string> brokenText(const CLI::App& app) {
    for (const auto* option : app.get_options()) {
        if (option->get_type_name() == kPath) {
            continue;
        }
        for (const auto& value : option->results()) {
            if (!isUtf8(value)) {
                return fmt::format("{} is not UTF-8: '{}'", option->get_name(), printable(value));
            }
        }
    }
    for (const auto* child : app.get_subcommands()) {
        if (auto broken = brokenText(*child)) {
            return broken;
        }
    }
    return std::nullopt;
}

}  // namespace hanshu::cli
