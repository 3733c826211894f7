// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Dresses the application: style, palette and style sheet from the tokens, light or dark as the system says or as
// chosen. One a process. GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QObject>

namespace hanshu::theme {

class SystemScheme;

enum class Choice { System, Light, Dark };

// The tokens in force: what delegates and icons paint with.
[[nodiscard]] const Tokens& tokens();

class Theme : public QObject {
    Q_OBJECT

public:
    explicit Theme(Choice choice, QObject* parent = nullptr);
    [[nodiscard]] Choice choice() const { return m_choice; }
    void setChoice(Choice choice);

Q_SIGNALS:
    void changed();

private:
    void apply();

    Choice m_choice;
    SystemScheme* m_system;
};

}  // namespace hanshu::theme
