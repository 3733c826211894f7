// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "filter/filter_field.h"

#include "theme/icon.h"

#include <QAction>
#include <QEvent>
#include <QKeyEvent>
#include <QShortcut>

namespace hanshu::filter {

namespace {

// Long enough that a fast typist's word filters once, short enough to feel immediate.
constexpr int kSettleMs = 80;

}  // namespace

QStringList terms(const QString& text) {
    QStringList found;
    QString word;
    bool quoted = false;
    for (const QChar c : text) {
        if (c == QLatin1Char('"')) {
            quoted = !quoted;
        } else if (c.isSpace() && !quoted) {
            if (!word.isEmpty()) {
                found.append(word);
            }
            word.clear();
        } else {
            word += c;
        }
    }
    if (!word.isEmpty()) {
        found.append(word);
    }
    return found;
}

bool matches(const QStringList& terms, std::initializer_list<QStringView> texts) {
    return std::all_of(terms.begin(), terms.end(), [&](const QString& term) {
        return std::any_of(texts.begin(), texts.end(),
                           [&](QStringView text) { return text.contains(term, Qt::CaseInsensitive); });
    });
}

FilterField::FilterField(QWidget* page, QWidget* list, QWidget* parent)
    : QLineEdit(parent), m_list(list), m_search(new QAction(this)) {
    setClearButtonEnabled(true);
    setMinimumWidth(160);
    setMaximumWidth(360);
    m_search->setIcon(theme::icon(QStringLiteral("search"), theme::Tone::Neutral));
    addAction(m_search, LeadingPosition);
    connect(m_search, &QAction::triggered, this, [this] { setFocus(); });
    m_settle.setSingleShot(true);
    connect(&m_settle, &QTimer::timeout, this, [this] { Q_EMIT termsChanged(terms(text())); });
    connect(this, &QLineEdit::textChanged, this, [this] { m_settle.start(kSettleMs); });
    auto* slash = new QShortcut(QKeySequence(Qt::Key_Slash), page, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(slash, &QShortcut::activated, this, [this] {
        setFocus(Qt::ShortcutFocusReason);
        selectAll();
    });
    retranslate();
}

void FilterField::retranslate() {
    setPlaceholderText(tr("Filter  ( / )"));
    setAccessibleName(tr("Filter"));
    setToolTip(tr("Shows only rows in which every word occurs. Put words that belong together in quotes."));
    m_search->setText(tr("Filter"));
}

void FilterField::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        clear();
        m_list->setFocus();
        return;
    }
    if (event->key() == Qt::Key_Down || event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        m_list->setFocus();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterField::changeEvent(QEvent* event) {
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::filter
