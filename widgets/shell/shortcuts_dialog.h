// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The shortcuts that hold in the window, grouped by where. Not blocking: open() it. GUI thread.
#pragma once

#include <QDialog>

namespace hanshu::shell {

class ActionRegistry;

class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    ShortcutsDialog(const ActionRegistry& actions, QWidget* parent);
};

}  // namespace hanshu::shell
