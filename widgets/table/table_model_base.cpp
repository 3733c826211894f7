// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "table/table_model_base.h"

#include <QCoreApplication>

namespace hanshu::table {

TableModelBase::TableModelBase(const char* context, std::span<const Column> columns, QObject* parent)
    : QAbstractTableModel(parent), m_context(context), m_columns(columns) {}

int TableModelBase::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant TableModelBase::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
        return {};
    }
    const auto& column = m_columns[static_cast<std::size_t>(section)];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            return QCoreApplication::translate(m_context, column.title);
        case Qt::ToolTipRole:
            return QCoreApplication::translate(m_context, column.tooltip);
        case Qt::TextAlignmentRole:
            return QVariant::fromValue((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
        default:
            return {};
    }
}

void TableModelBase::retranslate() {
    Q_EMIT headerDataChanged(Qt::Horizontal, 0, columnCount() - 1);
    if (rowCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
    }
}

void TableModelBase::setStale(bool stale) {
    if (m_stale == stale) {
        return;
    }
    m_stale = stale;
    if (rowCount() > 0) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {Qt::ForegroundRole});
    }
}

}  // namespace hanshu::table
