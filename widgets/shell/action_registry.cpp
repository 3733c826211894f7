// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "shell/action_registry.h"

#include <QRegularExpression>

namespace hanshu::shell {

QAction* ActionRegistry::add(const QString& id, std::function<QString()> text, std::function<QString()> context,
                             const QKeySequence& shortcut, std::function<void()> run) {
    Q_ASSERT(action(id) == nullptr);
    auto* action = new QAction(this);
    action->setObjectName(id);
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, std::move(run));
    m_entries.push_back({id, action, std::move(text), std::move(context)});
    action->setText(m_entries.back().text());
    return action;
}

QAction* ActionRegistry::action(const QString& id) const {
    const auto found =
        std::find_if(m_entries.begin(), m_entries.end(), [&](const Entry& entry) { return entry.id == id; });
    return found == m_entries.end() ? nullptr : found->action;
}

void ActionRegistry::retranslate() {
    for (const auto& entry : m_entries) {
        entry.action->setText(entry.text());
    }
}

QString plainText(const QAction& action) {
    QString text = action.text();
    // Chinese menus append the mnemonic in brackets.
    static const QRegularExpression bracketed(QStringLiteral("\\(&.\\)"));
    text.remove(bracketed);
    text.remove(QLatin1Char('&'));
    return text;
}

}  // namespace hanshu::shell
