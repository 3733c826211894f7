// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "table/badge_delegate.h"

#include "table/table_model_base.h"
#include "text/format.h"
#include "theme/icon.h"
#include "theme/theme.h"

#include <QApplication>
#include <QDateTime>
#include <QPainter>

namespace hanshu::table {

namespace {

// Minutes are the finest step that a span shows, so a quarter of one is soon enough.
constexpr int kRefreshMs = 15'000;

QString markOf(theme::Tone tone) {
    switch (tone) {
        case theme::Tone::Success:
            return QStringLiteral("check");
        case theme::Tone::Warning:
            return QStringLiteral("warning");
        case theme::Tone::Danger:
            return QStringLiteral("error");
        case theme::Tone::Info:
            return QStringLiteral("info");
        case theme::Tone::Neutral:
            break;
    }
    return QStringLiteral("dot");
}

}  // namespace

void PlainDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
    QStyledItemDelegate::initStyleOption(option, index);
    option->state &= ~QStyle::State_HasFocus;
    // Text of any direction stays in its column's alignment.
    option->textElideMode = Qt::ElideRight;
}

void PlainDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    paintBackground(painter, option, index);
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    const QRect place = cell.rect.adjusted(kCellPadding, 0, -kCellPadding, 0);
    painter->save();
    painter->setFont(cell.font);
    painter->setPen(cell.palette.color(QPalette::Text));
    painter->drawText(place, static_cast<int>(cell.displayAlignment) | Qt::TextSingleLine,
                      cell.fontMetrics.elidedText(text::oneLine(cell.text), Qt::ElideRight, place.width()));
    painter->restore();
}

void PlainDelegate::paintBackground(QPainter* painter, const QStyleOptionViewItem& option,
                                    const QModelIndex& index) const {
    QStyleOptionViewItem plain = option;
    initStyleOption(&plain, index);
    plain.text.clear();
    plain.icon = {};
    const QStyle* style = plain.widget != nullptr ? plain.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &plain, painter, plain.widget);
}

int paintBadge(QPainter& painter, const QRect& rect, theme::Tone tone, const QString& text, bool muted) {
    constexpr int kPadding = 7;
    constexpr int kIcon = 12;
    constexpr int kGap = 4;
    const auto& tokens = theme::tokens();
    const QFontMetrics metrics(painter.font());
    const int height = metrics.height() + 4;
    const int width = std::min(rect.width(), metrics.horizontalAdvance(text) + 2 * kPadding + kIcon + kGap);
    const QRect box(rect.left(), rect.center().y() - height / 2 + 1, width, height);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(muted ? tokens.softOf(theme::Tone::Neutral) : tokens.softOf(tone));
    painter.drawRoundedRect(box, height / 2.0, height / 2.0);
    const QColor ink = muted ? tokens.of(theme::Tone::Neutral) : tokens.of(tone);
    theme::paintIcon(painter, markOf(tone),
                     QRectF(box.left() + kPadding - 1, box.center().y() - kIcon / 2.0 + 0.5, kIcon, kIcon), ink);
    painter.setPen(ink);
    const QRect place = box.adjusted(kPadding + kIcon + kGap - 1, 0, -kPadding + 2, 0);
    painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(text, Qt::ElideRight, place.width()));
    painter.restore();
    return width;
}

void BadgeDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    paintBackground(painter, option, index);
    const QString text = index.data(Qt::DisplayRole).toString();
    if (text.isEmpty()) {
        return;
    }
    painter->save();
    painter->setFont(option.font);
    const auto* table = qobject_cast<const TableModelBase*>(index.model());
    paintBadge(*painter, option.rect.adjusted(7, 0, -7, 0), static_cast<theme::Tone>(index.data(ToneRole).toInt()),
               text, table != nullptr && table->isStale());
    painter->restore();
}

ElapsedDelegate::ElapsedDelegate(QWidget* view) : PlainDelegate(view) {
    connect(&m_refresh, &QTimer::timeout, view, [view] {
        if (view->isVisible()) {
            view->update();
        }
    });
    m_refresh.start(kRefreshMs);
}

void ElapsedDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
    PlainDelegate::initStyleOption(option, index);
    option->text = text::Format::elapsed(index.data(ValueRole).toDouble(),
                                         static_cast<double>(QDateTime::currentMSecsSinceEpoch()));
}

}  // namespace hanshu::table
