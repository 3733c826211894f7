// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Nothing is ever blank: shows its content, or why there is none and what to do about that. GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QStackedWidget>

class QAction;
class QLabel;
class QProgressBar;
class QVBoxLayout;

namespace hanshu::feedback {

enum class State { Content, Loading, Empty, NoMatch, NotConnected, Failed };

class StateStack : public QStackedWidget {
    Q_OBJECT

public:
    explicit StateStack(QWidget* content, QWidget* parent = nullptr);

    void showContent();
    // `icon` names a file of theme/icons. The stack does not own the action, which may be null.
    void showState(State state, const QString& icon, const QString& title, const QString& text,
                   QAction* action = nullptr);
    [[nodiscard]] State state() const { return m_state; }
    [[nodiscard]] QString title() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    void drawIcon();

    State m_state = State::Content;
    QString m_iconName;
    QWidget* m_content;
    QWidget* m_message;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_text;
    QProgressBar* m_busy;
    QVBoxLayout* m_actions;
    QAction* m_action = nullptr;
};

}  // namespace hanshu::feedback
