// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "table/table_view.h"

#include "table/badge_delegate.h"
#include "table/table_header.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QMenu>
#include <QScrollBar>
#include <QSettings>

namespace hanshu::table {

TableView::TableView(const QString& name, QWidget* parent)
    : QTableView(parent), m_name(name), m_copyCell(new QAction(this)), m_copyRow(new QAction(this)) {
    setHorizontalHeader(new TableHeader(this));
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    setEditTriggers(NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setSortingEnabled(true);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollMode(ScrollPerPixel);
    setItemDelegate(new PlainDelegate(this));
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 14);
    horizontalHeader()->setStretchLastSection(true);

    m_copyCell->setShortcut(QKeySequence::Copy);
    m_copyCell->setShortcutContext(Qt::WidgetShortcut);
    connect(m_copyCell, &QAction::triggered, this, [this] { copy(false); });
    m_copyRow->setShortcut(QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C));
    m_copyRow->setShortcutContext(Qt::WidgetShortcut);
    connect(m_copyRow, &QAction::triggered, this, [this] { copy(true); });
    addActions({m_copyCell, m_copyRow});
    retranslate();
}

void TableView::retranslate() {
    m_copyCell->setText(tr("Copy cell"));
    m_copyRow->setText(tr("Copy row"));
}

void TableView::setTable(TableModelBase* model, int sortColumn, Qt::SortOrder order) {
    m_table = model;
    horizontalHeader()->setSortIndicator(sortColumn, order);
    setModel(model);
    int number = 0;
    m_growing = -1;
    for (const auto& column : model->columns()) {
        m_growing = column.grows ? number : m_growing;
        setColumnWidth(number++, column.width);
    }
    const auto state = QSettings().value(QStringLiteral("tables/%1").arg(m_name)).toByteArray();
    if (!state.isEmpty()) {
        horizontalHeader()->restoreState(state);
    }
    if (m_growing >= 0) {
        horizontalHeader()->setStretchLastSection(false);
        horizontalHeader()->setSectionResizeMode(m_growing, QHeaderView::Fixed);
        connect(horizontalHeader(), &QHeaderView::sectionResized, this, [this](int column) {
            if (column != m_growing) {
                fillWidth();
            }
        });
        fillWidth();
    }
    sortByColumn(horizontalHeader()->sortIndicatorSection(), horizontalHeader()->sortIndicatorOrder());
    // A reset forgets the selection; the key brings it back.
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        if (m_key.isValid()) {
            selectKey(m_key);
        }
    });
}

void TableView::saveState() const {
    QSettings().setValue(QStringLiteral("tables/%1").arg(m_name), horizontalHeader()->saveState());
}

QVariant TableView::currentKey() const {
    return currentIndex().isValid() ? currentIndex().data(KeyRole) : QVariant();
}

void TableView::selectKey(const QVariant& key) {
    const QModelIndex found = m_table == nullptr ? QModelIndex() : m_table->indexOf(key);
    if (found.isValid()) {
        setCurrentIndex(found);
        scrollTo(found);
    }
}

void TableView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    const QVariant key = current.isValid() ? current.data(KeyRole) : QVariant();
    if (key != m_key) {
        m_key = key;
        Q_EMIT currentKeyChanged(key);
    }
}

// Rows that arrive above what is being read push it down by their height: follow it, unless the top is what is read.
void TableView::rowsInserted(const QModelIndex& parent, int first, int last) {
    const int place = verticalScrollBar()->value();
    const int top = rowAt(0);
    QTableView::rowsInserted(parent, first, last);
    if (place > 0 && first <= top) {
        updateGeometries();
        verticalScrollBar()->setValue(place + (last - first + 1) * verticalHeader()->defaultSectionSize());
    }
}

void TableView::rowsAboutToBeRemoved(const QModelIndex& parent, int first, int last) {
    const int place = verticalScrollBar()->value();
    const int top = rowAt(0);
    QTableView::rowsAboutToBeRemoved(parent, first, last);
    if (place > 0 && last < top) {
        verticalScrollBar()->setValue(place - (last - first + 1) * verticalHeader()->defaultSectionSize());
    }
}

// Not QHeaderView::Stretch: that would shrink the column to nothing in a narrow window.
void TableView::fillWidth() {
    if (m_growing < 0) {
        return;
    }
    const int others = horizontalHeader()->length() - columnWidth(m_growing);
    const int least = m_table->columns()[static_cast<std::size_t>(m_growing)].width;
    setColumnWidth(m_growing, std::max(least, viewport()->width() - others));
}

void TableView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    fillWidth();
}

void TableView::copy(bool wholeRow) const {
    const QModelIndex at = currentIndex();
    if (!at.isValid()) {
        return;
    }
    QStringList cells;
    for (int column = wholeRow ? 0 : at.column(); column < (wholeRow ? model()->columnCount() : at.column() + 1);
         ++column) {
        cells.append(at.siblingAtColumn(column).data(Qt::DisplayRole).toString());
    }
    QApplication::clipboard()->setText(cells.join(QLatin1Char('\t')));
}

void TableView::contextMenuEvent(QContextMenuEvent* event) {
    if (!currentIndex().isValid()) {
        return;
    }
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(actions());
    menu->popup(event->globalPos());
}

void TableView::keyPressEvent(QKeyEvent* event) {
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && currentIndex().isValid()) {
        Q_EMIT activated(currentIndex());
        return;
    }
    QTableView::keyPressEvent(event);
}

void TableView::changeEvent(QEvent* event) {
    QTableView::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
        if (m_table != nullptr) {
            m_table->retranslate();
        }
    }
}

}  // namespace hanshu::table
