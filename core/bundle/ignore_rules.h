// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The rules of a .fcignore: which files of a folder stay out of its package. The grammar is gitignore's: one pattern a
// line, # comments, ! takes a file back in, a / at the end means folders alone, a / elsewhere ties the pattern to the
// root, ** crosses folders, and the last rule that matches decides. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hanshu::bundle {

class IgnoreRules {
public:
    // .git, which is a file in a worktree, and .fcignore itself are ignored to begin with.
    IgnoreRules();
    void add(std::string_view text);
    // `path`: relative, with / between its parts. What lies in an ignored folder is not asked for: it is ignored.
    [[nodiscard]] bool ignores(std::string_view path, bool isFolder) const;

private:
    struct Rule {
        std::vector<std::string> parts;  // ** stands for any number of folders
        bool negated = false;
        bool foldersOnly = false;
    };
    void addLine(std::string_view line);

    std::vector<Rule> m_rules;
};

}  // namespace hanshu::bundle
