// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/shortcuts_dialog.h"

#include "shell/action_registry.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <map>

namespace hanshu::shell {

ShortcutsDialog::ShortcutsDialog(const ActionRegistry& actions, QWidget* parent) : QDialog(parent) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keyboard shortcuts"));
    using Rows = std::vector<std::pair<QString, QString>>;
    std::vector<std::pair<QString, Rows>> groups;
    const auto rowsOf = [&](const QString& context) -> Rows& {
        for (auto& [name, rows] : groups) {
            if (name == context) {
                return rows;
            }
        }
        return groups.emplace_back(context, Rows()).second;
    };
    for (const auto& entry : actions.entries()) {
        if (!entry.action->shortcut().isEmpty()) {
            rowsOf(entry.context())
                .emplace_back(entry.action->shortcut().toString(QKeySequence::NativeText), plainText(*entry.action));
        }
    }
    // Keys that belong to a widget and have no menu entry.
    rowsOf(tr("In lists")) = {{QStringLiteral("/"), tr("Filter")},
                              {QStringLiteral("Esc"), tr("Empty the filter, back to the list")},
                              {QStringLiteral("Ctrl+C"), tr("Copy the cell")},
                              {QStringLiteral("Ctrl+Shift+C"), tr("Copy the row")}};
    rowsOf(tr("In a test")) = {{QStringLiteral("Ctrl+Enter"), tr("Run the function")}};
    rowsOf(tr("In the log")) = {{QStringLiteral("Space"), tr("Follow or pause")},
                                {QStringLiteral("End"), tr("To the newest line, and follow")},
                                {QStringLiteral("Shift+↑ ↓"), tr("Select lines")}};

    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(28);
    grid->setVerticalSpacing(6);
    int line = 0;
    for (const auto& [name, rows] : groups) {
        auto* title = new QLabel(name);
        title->setObjectName(QStringLiteral("sectionTitle"));
        grid->setRowMinimumHeight(line, title->sizeHint().height() + 10);
        grid->addWidget(title, line++, 0, 1, 2, Qt::AlignBottom);
        for (const auto& [keys, text] : rows) {
            grid->addWidget(new QLabel(keys), line, 0);
            grid->addWidget(new QLabel(text), line++, 1);
        }
    }
    auto* close = new QPushButton(tr("Close"));
    close->setAccessibleName(tr("Close"));
    close->setDefault(true);
    connect(close, &QPushButton::clicked, this, &QDialog::accept);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(22, 14, 22, 16);
    column->setSpacing(16);
    column->addLayout(grid);
    column->addWidget(close, 0, Qt::AlignRight);
}

}  // namespace hanshu::shell
