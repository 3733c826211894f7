// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One field to reach everything: commands and functions, found by parts of their names. GUI thread.
#pragma once

#include <QDialog>
#include <functional>
#include <vector>

class QLineEdit;
class QListWidget;

namespace hanshu::shell {

class CommandPalette : public QDialog {
    Q_OBJECT

public:
    struct Item {
        QString text;
        QString hint;  // a shortcut, or what kind of thing it is
        QString icon;
        std::function<void()> run;
    };

    CommandPalette(std::vector<Item> items, QWidget* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void narrow();
    void runCurrent();

    std::vector<Item> m_items;
    QLineEdit* m_field;
    QListWidget* m_list;
};

}  // namespace hanshu::shell
