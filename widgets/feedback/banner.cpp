// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback/banner.h"

#include "theme/icon.h"
#include "theme/theme.h"

#include <QAccessible>
#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

namespace hanshu::feedback {

namespace {

QString iconOf(theme::Tone tone) {
    switch (tone) {
        case theme::Tone::Success:
            return QStringLiteral("check");
        case theme::Tone::Warning:
            return QStringLiteral("warning");
        case theme::Tone::Danger:
            return QStringLiteral("error");
        default:
            return QStringLiteral("info");
    }
}

}  // namespace

Banner::Banner(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel(this)),
      m_text(new QLabel(this)),
      m_progress(new QProgressBar(this)),
      m_buttons(new QHBoxLayout),
      m_close(new QToolButton(this)) {
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(160);
    m_progress->hide();
    m_close->setIcon(theme::icon(QStringLiteral("close")));
    m_close->setAutoRaise(true);
    connect(m_close, &QToolButton::clicked, this, &QWidget::hide);
    m_buttons->setSpacing(6);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(14, 8, 8, 8);
    row->setSpacing(10);
    row->addWidget(m_icon);
    row->addWidget(m_text, 1);
    row->addWidget(m_progress);
    row->addLayout(m_buttons);
    row->addWidget(m_close);
    retranslate();
    hide();
}

void Banner::present(theme::Tone tone, const QString& text) {
    const bool news = text != m_text->text() || isHidden();
    m_tone = tone;
    m_icon->setPixmap(theme::icon(iconOf(tone), tone).pixmap(18, 18));
    m_text->setText(text);
    setAccessibleName(text);
    setVisible(true);
    update();
    if (news) {
        QAccessibleEvent event(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
    }
}

void Banner::setProgress(double share) {
    constexpr int kSteps = 1000;
    m_progress->setRange(0, share < 0 ? 0 : kSteps);
    m_progress->setValue(static_cast<int>(share * kSteps));
    m_progress->show();
}

void Banner::hideProgress() {
    m_progress->hide();
}

void Banner::setActions(const QList<QAction*>& actions) {
    while (auto* item = m_buttons->takeAt(0)) {
        item->widget()->deleteLater();
        delete item;
    }
    for (auto* action : actions) {
        auto* button = new QPushButton(action->text(), this);
        button->setToolTip(action->toolTip());
        button->setAccessibleName(action->text());
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        connect(action, &QAction::changed, button, [button, action] {
            button->setText(action->text());
            button->setAccessibleName(action->text());
            button->setEnabled(action->isEnabled());
        });
        m_buttons->addWidget(button);
    }
}

void Banner::setClosable(bool closable) {
    m_close->setVisible(closable);
}

QString Banner::text() const {
    return m_text->text();
}

void Banner::paintEvent(QPaintEvent*) {
    const auto& tokens = theme::tokens();
    QPainter painter(this);
    painter.fillRect(rect(), tokens.softOf(m_tone));
    painter.fillRect(QRect(0, 0, 3, height()), tokens.of(m_tone));
}

void Banner::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    } else if (event->type() == QEvent::PaletteChange) {
        m_icon->setPixmap(theme::icon(iconOf(m_tone), m_tone).pixmap(18, 18));
    }
}

void Banner::retranslate() {
    m_close->setToolTip(tr("Dismiss"));
    m_close->setAccessibleName(tr("Dismiss"));
    m_progress->setAccessibleName(tr("Progress"));
}

}  // namespace hanshu::feedback
