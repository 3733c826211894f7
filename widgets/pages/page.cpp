// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/page.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace hanshu::pages {

Page::Page(QWidget* parent)
    : QWidget(parent), m_header(new QHBoxLayout), m_body(new QVBoxLayout), m_title(new QLabel), m_subtitle(new QLabel) {
    auto* bar = new QWidget(this);
    bar->setObjectName(QStringLiteral("pageHeader"));
    bar->setAttribute(Qt::WA_StyledBackground);
    bar->setLayout(m_header);
    m_title->setObjectName(QStringLiteral("pageTitle"));
    m_subtitle->setProperty("muted", true);
    m_header->setContentsMargins(18, 10, 14, 10);
    m_header->setSpacing(10);
    m_header->addWidget(m_title);
    m_header->addWidget(m_subtitle);
    m_header->addStretch(1);
    m_body->setSpacing(0);
    m_body->setContentsMargins(0, 0, 0, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar);
    column->addLayout(m_body, 1);
}

void Page::setTitle(const QString& title) {
    m_title->setText(title);
    setAccessibleName(title);
}

void Page::setSubtitle(const QString& text) {
    m_subtitle->setText(text);
}

void Page::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::pages
