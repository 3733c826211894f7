// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The patterns of a .fcignore: as in a .gitignore, `*`, `**` and `?`, a slash at the end for folders, one at the front
// or in the middle for places from the top, `!` to take back. Any thread.
#pragma once

#include <QRegularExpression>
#include <QString>
#include <vector>

namespace hanshu::deploy {

class Ignore {
public:
    explicit Ignore(const QString& text = {});
    // `path` from the top with `/`. The last pattern that matches decides.
    [[nodiscard]] bool ignores(const QString& path, bool isFolder) const;

private:
    struct Pattern {
        QRegularExpression expression;
        bool foldersOnly = false;
        bool takesBack = false;
    };
    std::vector<Pattern> m_patterns;
};

}  // namespace hanshu::deploy
