// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The header row of every table: titles that stand exactly over their cells, with the mark of the sort beside them. (A
// style sheet would keep the mark's place free in every column, and push the titles of numbers away.) GUI thread.
#pragma once

#include <QHeaderView>

namespace hanshu::table {

class TableHeader : public QHeaderView {
    Q_OBJECT

public:
    explicit TableHeader(QWidget* parent = nullptr);

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override;
    void initStyleOptionForIndex(QStyleOptionHeader* option, int section) const override;
};

}  // namespace hanshu::table
