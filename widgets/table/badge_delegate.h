// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Delegates that only paint: a plain cell, a state as a badge (icon, word and colour), and a time as the span since
// then. GUI thread.
#pragma once

#include "theme/tokens.h"

#include <QStyledItemDelegate>
#include <QTimer>

namespace hanshu::table {

inline constexpr int kCellPadding = 8;  // beside the text of a cell and of its title

// A cell whose text stands below its header's, on one line, without the focus rectangle of its own: the row shows where
// the focus is.
class PlainDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
    // Paints background, selection and focus of a cell whose content the subclass draws.
    void paintBackground(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const;
};

class BadgeDelegate : public PlainDelegate {
    Q_OBJECT

public:
    using PlainDelegate::PlainDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

// Draws a badge in `rect`, no wider than its text, and gives the width it took.
int paintBadge(QPainter& painter, const QRect& rect, theme::Tone tone, const QString& text, bool muted = false);

class ElapsedDelegate : public PlainDelegate {
    Q_OBJECT

public:
    explicit ElapsedDelegate(QWidget* view);

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

private:
    QTimer m_refresh;
};

}  // namespace hanshu::table
