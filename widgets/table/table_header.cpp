// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "table/table_header.h"

#include "table/badge_delegate.h"
#include "theme/icon.h"
#include "theme/theme.h"

#include <QCursor>
#include <QPainter>

namespace hanshu::table {

TableHeader::TableHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent) {
    setSectionsClickable(true);
    setHighlightSections(false);
    setSectionsMovable(true);
    setFocusPolicy(Qt::NoFocus);
}

// The style paints the ground alone.
void TableHeader::initStyleOptionForIndex(QStyleOptionHeader* option, int section) const {
    QHeaderView::initStyleOptionForIndex(option, section);
    option->text.clear();
    option->sortIndicator = QStyleOptionHeader::None;
}

void TableHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
    painter->save();
    QHeaderView::paintSection(painter, rect, section);
    painter->restore();

    constexpr int kMark = 10;
    constexpr int kGap = 4;
    const auto& tokens = theme::tokens();
    const bool hovered = underMouse() && logicalIndexAt(viewport()->mapFromGlobal(QCursor::pos())) == section;
    const QColor& ink = hovered ? tokens.text : tokens.textMuted;
    const bool sorts = isSortIndicatorShown() && sortIndicatorSection() == section;
    const Qt::Alignment alignment(model()->headerData(section, orientation(), Qt::TextAlignmentRole).toInt());
    QRect place = rect.adjusted(kCellPadding, 0, -kCellPadding, 0);
    painter->save();
    QFont bold = font();
    bold.setWeight(QFont::DemiBold);
    painter->setFont(bold);
    painter->setPen(ink);
    const QFontMetrics metrics(bold);
    const QString title = metrics.elidedText(model()->headerData(section, orientation(), Qt::DisplayRole).toString(),
                                             Qt::ElideRight, place.width() - (sorts ? kMark + kGap : 0));
    painter->drawText(place, static_cast<int>(alignment) | Qt::TextSingleLine, title);
    if (sorts) {
        const int width = metrics.horizontalAdvance(title);
        const int left =
            alignment.testFlag(Qt::AlignRight) ? place.right() + 1 - width - kGap - kMark : place.left() + width + kGap;
        const auto name = QStringLiteral("chevron%1-%2")
                              .arg(sortIndicatorOrder() == Qt::AscendingOrder ? QString() : QStringLiteral("-up"),
                                   tokens.dark ? QStringLiteral("dark") : QStringLiteral("light"));
        theme::paintIcon(*painter, name, QRectF(left, place.center().y() - kMark / 2.0 + 1, kMark, kMark), ink);
    }
    painter->restore();
}

}  // namespace hanshu::table
