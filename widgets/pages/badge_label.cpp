// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/badge_label.h"

#include "table/badge_delegate.h"

#include <QPainter>

namespace hanshu::pages {

BadgeLabel::BadgeLabel(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void BadgeLabel::setBadge(theme::Tone tone, const QString& text) {
    m_tone = tone;
    m_text = text;
    setAccessibleName(text);
    setVisible(!text.isEmpty());
    updateGeometry();
    update();
}

QSize BadgeLabel::sizeHint() const {
    constexpr int kAround = 34;  // padding, icon and gap of a badge
    return {fontMetrics().horizontalAdvance(m_text) + kAround, fontMetrics().height() + 8};
}

void BadgeLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    table::paintBadge(painter, rect(), m_tone, m_text);
}

}  // namespace hanshu::pages
