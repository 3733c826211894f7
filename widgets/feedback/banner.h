// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One line across the top of a page that says what is going on and offers what to do about it. Never modal.
// GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QFrame>

class QAction;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QToolButton;

namespace hanshu::feedback {

class Banner : public QFrame {
    Q_OBJECT

public:
    explicit Banner(QWidget* parent = nullptr);

    // Shows the banner; a screen reader is told.
    void present(theme::Tone tone, const QString& text);
    // A share of 0 to 1, or a negative one for work of unknown length.
    void setProgress(double share);
    void hideProgress();
    // Buttons on the right; the banner does not own the actions.
    void setActions(const QList<QAction*>& actions);
    void setClosable(bool closable);
    [[nodiscard]] QString text() const;
    [[nodiscard]] theme::Tone tone() const { return m_tone; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    theme::Tone m_tone = theme::Tone::Info;
    QLabel* m_icon;
    QLabel* m_text;
    QProgressBar* m_progress;
    QHBoxLayout* m_buttons;
    QToolButton* m_close;
};

}  // namespace hanshu::feedback
