// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The table widget of every list: whole rows, columns and sorting that are where they were left, cells that can be
// copied, and a place that stands still while rows arrive above it. GUI thread.
#pragma once

#include "table/table_model_base.h"

#include <QPersistentModelIndex>
#include <QTableView>

namespace hanshu::table {

class TableView : public QTableView {
    Q_OBJECT

public:
    // `name` keys the settings.
    explicit TableView(const QString& name, QWidget* parent = nullptr);
    void setTable(TableModelBase* model, int sortColumn, Qt::SortOrder order);
    // The key of the current row; invalid when there is none.
    [[nodiscard]] QVariant currentKey() const;
    void selectKey(const QVariant& key);
    void saveState() const;

Q_SIGNALS:
    // The current row is another one, or none; not told when its content changes.
    void currentKeyChanged(const QVariant& key);

protected:
    void rowsInserted(const QModelIndex& parent, int first, int last) override;
    void rowsAboutToBeRemoved(const QModelIndex& parent, int first, int last) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void copy(bool wholeRow) const;
    void retranslate();
    void fillWidth();

    QString m_name;
    TableModelBase* m_table = nullptr;
    QVariant m_key;
    int m_growing = -1;  // the column that grows
    QAction* m_copyCell;
    QAction* m_copyRow;
};

}  // namespace hanshu::table
