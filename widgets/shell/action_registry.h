// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every action of the window, made once: with an id, the place where it holds, its shortcut, and its text in each
// language. GUI thread.
#pragma once

#include <QAction>
#include <QObject>
#include <functional>
#include <vector>

namespace hanshu::shell {

class ActionRegistry : public QObject {
    Q_OBJECT

public:
    struct Entry {
        QString id;
        QAction* action;
        std::function<QString()> text;     // asked anew when the language changes
        std::function<QString()> context;  // where it holds
    };

    using QObject::QObject;
    QAction* add(const QString& id, std::function<QString()> text, std::function<QString()> context,
                 const QKeySequence& shortcut, std::function<void()> run);
    [[nodiscard]] QAction* action(const QString& id) const;
    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    void retranslate();

private:
    std::vector<Entry> m_entries;
};

// A text without the mnemonic's ampersand.
[[nodiscard]] QString plainText(const QAction& action);

}  // namespace hanshu::shell
