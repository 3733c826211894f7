// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "deploy/ignore.h"

namespace hanshu::deploy {

namespace {

QString expressionOf(const QString& glob) {
    QString out;
    for (qsizetype i = 0; i < glob.size(); ++i) {
        const QChar c = glob[i];
        if (c == QLatin1Char('*') && i + 1 < glob.size() && glob[i + 1] == QLatin1Char('*')) {
            ++i;
            if (i + 1 < glob.size() && glob[i + 1] == QLatin1Char('/')) {
                ++i;
                out += QStringLiteral("(?:.*/)?");
            } else {
                out += QStringLiteral(".*");
            }
        } else if (c == QLatin1Char('*')) {
            out += QStringLiteral("[^/]*");
        } else if (c == QLatin1Char('?')) {
            out += QStringLiteral("[^/]");
        } else {
            out += QRegularExpression::escape(QString(c));
        }
    }
    return out;
}

}  // namespace

Ignore::Ignore(const QString& text) {
    for (QString line : text.split(QLatin1Char('\n'))) {
        line = line.trimmed();
        if (line.isEmpty() || line.startsWith(QLatin1Char('#'))) {
            continue;
        }
        Pattern pattern;
        if (line.startsWith(QLatin1Char('!'))) {
            pattern.takesBack = true;
            line.remove(0, 1);
        }
        if (line.endsWith(QLatin1Char('/'))) {
            pattern.foldersOnly = true;
            line.chop(1);
        }
        const bool fromTop = line.contains(QLatin1Char('/'));
        if (line.startsWith(QLatin1Char('/'))) {
            line.remove(0, 1);
        }
        pattern.expression.setPattern(
            QStringLiteral("\\A%1%2\\z").arg(fromTop ? QString() : QStringLiteral("(?:.*/)?"), expressionOf(line)));
        m_patterns.push_back(std::move(pattern));
    }
}

bool Ignore::ignores(const QString& path, bool isFolder) const {
    bool ignored = false;
    for (const auto& pattern : m_patterns) {
        if ((isFolder || !pattern.foldersOnly) && pattern.takesBack == ignored &&
            pattern.expression.match(path).hasMatch()) {
            ignored = !pattern.takesBack;
        }
    }
    return ignored;
}

}  // namespace hanshu::deploy
