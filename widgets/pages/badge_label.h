// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A state as a badge outside of lists. GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QWidget>

namespace hanshu::pages {

class BadgeLabel : public QWidget {
    Q_OBJECT

public:
    explicit BadgeLabel(QWidget* parent = nullptr);
    void setBadge(theme::Tone tone, const QString& text);
    [[nodiscard]] QString text() const { return m_text; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    theme::Tone m_tone = theme::Tone::Neutral;
    QString m_text;
};

}  // namespace hanshu::pages
