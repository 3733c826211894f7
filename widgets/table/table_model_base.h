// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What every table of the console has in common, whatever its rows are. Models hold values: raw ones in roles, text in
// DisplayRole; a static table describes the columns. GUI thread.
#pragma once

#include <QAbstractTableModel>
#include <span>

namespace hanshu::table {

struct Column {
    const char* title;  // marked with QT_TRANSLATE_NOOP in the model's context
    const char* tooltip;
    int width;  // logical pixels at first
    const char* exportName;
    bool number = false;  // aligned to the right
    bool grows = false;   // takes what the others leave, and is never narrower than `width`; one column at most
};

enum Role {
    ValueRole = Qt::UserRole + 1,  // the raw value: sorts, exports
    KeyRole,                       // what names the row, in any column
    ToneRole,                      // theme::Tone as int, of a badge
    PhasesRole,                    // PhaseTimes, of a waterfall strip
};

class TableModelBase : public QAbstractTableModel {
    Q_OBJECT

public:
    TableModelBase(const char* context, std::span<const Column> columns, QObject* parent);

    [[nodiscard]] std::span<const Column> columns() const { return m_columns; }
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const final;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const final;

    // Rows that the filter hides included.
    [[nodiscard]] virtual int total() const = 0;
    // Invalid when no visible row has the key.
    [[nodiscard]] virtual QModelIndex indexOf(const QVariant& key) const = 0;

    // The language changed: every text is another one.
    void retranslate();
    // What is shown is old, because the connection is lost.
    void setStale(bool stale);
    [[nodiscard]] bool isStale() const { return m_stale; }

private:
    const char* m_context;
    std::span<const Column> m_columns;
    bool m_stale = false;
};

}  // namespace hanshu::table
