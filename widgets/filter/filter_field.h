// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The field that narrows a list: words that all have to occur, "words in quotes" as one. `/` leads to it, Escape
// empties it and goes back to the list. GUI thread.
#pragma once

#include <QLineEdit>
#include <QTimer>

namespace hanshu::filter {

// The words of a filter text.
[[nodiscard]] QStringList terms(const QString& text);
// True when each term occurs in one of the texts, without regard to case.
[[nodiscard]] bool matches(const QStringList& terms, std::initializer_list<QStringView> texts);

class FilterField : public QLineEdit {
    Q_OBJECT

public:
    // Escape gives the focus to `list`; `/` is a shortcut within `page`.
    FilterField(QWidget* page, QWidget* list, QWidget* parent = nullptr);
    void retranslate();

Q_SIGNALS:
    // Shortly after the last keystroke.
    void termsChanged(const QStringList& terms);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QWidget* m_list;
    QAction* m_search;
    QTimer m_settle;
};

}  // namespace hanshu::filter
