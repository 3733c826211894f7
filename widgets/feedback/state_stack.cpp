// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "feedback/state_stack.h"

#include "theme/icon.h"

#include <QAction>
#include <QEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

namespace hanshu::feedback {

StateStack::StateStack(QWidget* content, QWidget* parent)
    : QStackedWidget(parent),
      m_content(content),
      m_message(new QWidget(this)),
      m_icon(new QLabel),
      m_title(new QLabel),
      m_text(new QLabel),
      m_busy(new QProgressBar),
      m_actions(new QVBoxLayout) {
    constexpr int kReadableWidth = 460;
    m_message->setObjectName(QStringLiteral("card"));
    m_message->setAttribute(Qt::WA_StyledBackground);
    m_icon->setAlignment(Qt::AlignCenter);
    m_title->setObjectName(QStringLiteral("emptyTitle"));
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    m_title->setTextFormat(Qt::PlainText);
    m_text->setProperty("muted", true);
    m_text->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setMaximumWidth(kReadableWidth);
    m_busy->setRange(0, 0);
    m_busy->setTextVisible(false);
    m_busy->setFixedWidth(180);
    auto* column = new QVBoxLayout(m_message);
    column->setSpacing(10);
    column->addStretch(2);
    column->addWidget(m_icon, 0, Qt::AlignHCenter);
    column->addWidget(m_title);
    column->addWidget(m_text, 0, Qt::AlignHCenter);
    column->addWidget(m_busy, 0, Qt::AlignHCenter);
    column->addSpacing(6);
    column->addLayout(m_actions);
    column->addStretch(3);
    addWidget(content);
    addWidget(m_message);
}

void StateStack::showContent() {
    m_state = State::Content;
    setCurrentWidget(m_content);
}

void StateStack::showState(State state, const QString& icon, const QString& title, const QString& text,
                           QAction* action) {
    m_state = state;
    m_iconName = icon;
    m_title->setText(title);
    m_text->setText(text);
    // A label that wraps has no width of its own: as wide as its text, up to what is comfortable to read.
    m_text->setMinimumWidth(std::min(m_text->maximumWidth(), m_text->fontMetrics().horizontalAdvance(text) + 4));
    m_text->setMinimumHeight(std::max(0, m_text->heightForWidth(m_text->minimumWidth())));
    m_text->setVisible(!text.isEmpty());
    m_busy->setVisible(state == State::Loading);
    m_busy->setAccessibleName(title);
    m_message->setAccessibleName(title + QLatin1Char(' ') + text);
    if (action != m_action) {
        while (auto* item = m_actions->takeAt(0)) {
            item->widget()->deleteLater();
            delete item;
        }
        if (action != nullptr) {
            auto* button = new QPushButton(action->text());
            button->setIcon(action->icon());
            button->setAccessibleName(action->text());
            connect(button, &QPushButton::clicked, action, &QAction::trigger);
            connect(action, &QAction::changed, button, [button, action] {
                button->setText(action->text());
                button->setAccessibleName(action->text());
            });
            m_actions->addWidget(button, 0, Qt::AlignHCenter);
        }
        m_action = action;
    }
    drawIcon();
    setCurrentWidget(m_message);
}

QString StateStack::title() const {
    return m_state == State::Content ? QString() : m_title->text();
}

void StateStack::drawIcon() {
    constexpr int kSize = 44;
    if (!m_iconName.isEmpty()) {
        const auto tone = m_state == State::Failed ? theme::Tone::Danger : theme::Tone::Neutral;
        m_icon->setPixmap(theme::icon(m_iconName, tone).pixmap(kSize, kSize));
    }
    m_icon->setVisible(m_state != State::Loading);
}

void StateStack::changeEvent(QEvent* event) {
    QStackedWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        drawIcon();
    }
}

}  // namespace hanshu::feedback
