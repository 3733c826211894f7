// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A table of keyed rows, sorted and filtered in place. Changes are told as contiguous spans and never as a reset (but
// for a filter that leaves a patchwork), so that selection and scroll survive. A subclass writes cell(). GUI thread.
#pragma once

#include "table/table_model_base.h"
#include "theme/theme.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hanshu::table {

// Row has `key()`, whose result hashes and compares.
template <class Row>
class TableModel : public TableModelBase {
public:
    using Key = std::decay_t<decltype(std::declval<const Row&>().key())>;
    using Predicate = std::function<bool(const Row&)>;

    using TableModelBase::TableModelBase;

    // Adds rows, replaces those whose key is known, and drops the `gone`: all in one go.
    void update(std::vector<Row> puts, const std::vector<Key>& gone = {});
    // Null shows every row.
    void setFilter(Predicate filter);

    // The visible row; null out of range.
    [[nodiscard]] const Row* row(int number) const {
        return number >= 0 && number < rowCount() ? m_visible[static_cast<std::size_t>(number)] : nullptr;
    }
    // Null for a key that is not there; hidden rows are found too.
    [[nodiscard]] const Row* find(const Key& key) const {
        const auto found = m_rows.find(key);
        return found == m_rows.end() ? nullptr : found->second.get();
    }
    template <class Visit>
    void forEach(Visit visit) const {
        for (const auto& [key, row] : m_rows) {
            visit(*row);
        }
    }

    [[nodiscard]] int total() const final { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] QModelIndex indexOf(const QVariant& key) const final {
        const Row* found = find(fromVariant(key));
        const int position = found == nullptr ? -1 : positionOf(found);
        return position < 0 ? QModelIndex() : index(position, 0);
    }
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const final {
        return parent.isValid() ? 0 : static_cast<int>(m_visible.size());
    }
    [[nodiscard]] QVariant data(const QModelIndex& at, int role) const final;
    void sort(int column, Qt::SortOrder order) final;

protected:
    // The one hook: the value of a cell in a role, invalid where there is none.
    [[nodiscard]] virtual QVariant cell(const Row& row, int column, int role) const = 0;
    // What a sort by this column compares; override where variants would be slow.
    [[nodiscard]] virtual bool less(const Row& a, const Row& b, int column) const;
    // A put that equals what is there is no change.
    [[nodiscard]] virtual bool same(const Row&, const Row&) const { return false; }

private:
    // A filter whose result differs in more places than this is a reset: the spans would cost more than the redraw.
    static constexpr std::size_t kMostSpans = 128;

    [[nodiscard]] static QVariant toVariant(const Key& key) {
        if constexpr (std::is_integral_v<Key>) {
            return QVariant::fromValue<qlonglong>(key);
        } else {
            return QString::fromUtf8(key.data(), static_cast<qsizetype>(key.size()));
        }
    }
    [[nodiscard]] static Key fromVariant(const QVariant& key) {
        if constexpr (std::is_integral_v<Key>) {
            return static_cast<Key>(key.toLongLong());
        } else {
            return key.toString().toStdString();
        }
    }
    [[nodiscard]] bool before(const Row* a, const Row* b) const;
    [[nodiscard]] int positionOf(const Row* row) const;
    [[nodiscard]] bool accepts(const Row& row) const { return !m_filter || m_filter(row); }
    void removePositions(std::vector<int> positions);
    void insertRows(std::vector<const Row*> rows);
    void resort();
    void tellChanged(std::vector<int> positions);
    // Calls `visit(first, last)` for each run of consecutive numbers of a sorted list, from the back.
    template <class Visit>
    static void spansFromBack(const std::vector<int>& sorted, Visit visit);

    std::unordered_map<Key, std::unique_ptr<Row>> m_rows;
    std::vector<const Row*> m_visible;
    Predicate m_filter;
    int m_sortColumn = 0;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

template <class Row>
QVariant TableModel<Row>::data(const QModelIndex& at, int role) const {
    const Row* found = at.isValid() ? row(at.row()) : nullptr;
    if (found == nullptr) {
        return {};
    }
    if (role == KeyRole) {
        return toVariant(found->key());
    }
    if (role == Qt::TextAlignmentRole) {
        const bool number = columns()[static_cast<std::size_t>(at.column())].number;
        return QVariant::fromValue((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role == Qt::ForegroundRole && isStale()) {
        return theme::tokens().textMuted;
    }
    return cell(*found, at.column(), role);
}

template <class Row>
bool TableModel<Row>::less(const Row& a, const Row& b, int column) const {
    const QVariant left = cell(a, column, ValueRole);
    const QVariant right = cell(b, column, ValueRole);
    if (left.typeId() == QMetaType::QString && right.typeId() == QMetaType::QString) {
        return QString::compare(left.toString(), right.toString(), Qt::CaseInsensitive) < 0;
    }
    return QVariant::compare(left, right) == QPartialOrdering::Less;
}

template <class Row>
bool TableModel<Row>::before(const Row* a, const Row* b) const {
    const Row* first = m_sortOrder == Qt::AscendingOrder ? a : b;
    const Row* second = m_sortOrder == Qt::AscendingOrder ? b : a;
    if (less(*first, *second, m_sortColumn)) {
        return true;
    }
    return !less(*second, *first, m_sortColumn) && first->key() < second->key();
}

template <class Row>
int TableModel<Row>::positionOf(const Row* row) const {
    const auto found = std::lower_bound(m_visible.begin(), m_visible.end(), row,
                                        [this](const Row* a, const Row* b) { return before(a, b); });
    return found != m_visible.end() && *found == row ? static_cast<int>(found - m_visible.begin()) : -1;
}

template <class Row>
template <class Visit>
void TableModel<Row>::spansFromBack(const std::vector<int>& sorted, Visit visit) {
    for (auto last = sorted.rbegin(); last != sorted.rend();) {
        auto first = last;
        while (std::next(first) != sorted.rend() && *std::next(first) == *first - 1) {
            ++first;
        }
        visit(*first, *last);
        last = std::next(first);
    }
}

template <class Row>
void TableModel<Row>::update(std::vector<Row> puts, const std::vector<Key>& gone) {
    // Of several puts of one key the last one counts.
    std::unordered_set<Key> seen;
    std::vector<Row*> latest;
    for (auto put = puts.rbegin(); put != puts.rend(); ++put) {
        if (seen.insert(put->key()).second) {
            latest.push_back(&*put);
        }
    }

    // Positions come first: a search works only while every row has the value it was sorted by.
    std::vector<int> leaving;
    std::vector<std::unique_ptr<Row>> dead;
    for (const auto& key : gone) {
        const auto found = m_rows.find(key);
        if (found == m_rows.end() || seen.contains(key)) {
            continue;
        }
        if (const int at = positionOf(found->second.get()); at >= 0) {
            leaving.push_back(at);
        }
        dead.push_back(std::move(found->second));
        m_rows.erase(found);
    }
    struct Change {
        Row* row;
        Row* value;
        int position;
    };
    std::vector<Change> changes;
    std::vector<const Row*> entering;
    for (Row* put : latest) {
        auto& slot = m_rows[put->key()];
        if (slot == nullptr) {
            slot = std::make_unique<Row>(std::move(*put));
            if (accepts(*slot)) {
                entering.push_back(slot.get());
            }
        } else if (!same(*slot, *put)) {
            changes.push_back({slot.get(), put, positionOf(slot.get())});
        }
    }

    std::vector<int> staying;
    for (auto& change : changes) {
        *change.row = std::move(*change.value);
        const bool wanted = accepts(*change.row);
        if (change.position >= 0) {
            (wanted ? staying : leaving).push_back(change.position);
        } else if (wanted) {
            entering.push_back(change.row);
        }
    }
    std::sort(leaving.begin(), leaving.end());
    for (int& position : staying) {
        position -= static_cast<int>(std::lower_bound(leaving.begin(), leaving.end(), position) - leaving.begin());
    }
    removePositions(std::move(leaving));
    tellChanged(std::move(staying));
    insertRows(std::move(entering));
}

template <class Row>
void TableModel<Row>::removePositions(std::vector<int> positions) {
    spansFromBack(positions, [this](int first, int last) {
        beginRemoveRows({}, first, last);
        m_visible.erase(m_visible.begin() + first, m_visible.begin() + last + 1);
        endRemoveRows();
    });
}

template <class Row>
void TableModel<Row>::tellChanged(std::vector<int> positions) {
    if (positions.empty()) {
        return;
    }
    const auto ordered = [this](int at) {
        const auto i = static_cast<std::size_t>(at);
        return (i == 0 || before(m_visible[i - 1], m_visible[i])) &&
               (i + 1 == m_visible.size() || before(m_visible[i], m_visible[i + 1]));
    };
    if (!std::all_of(positions.begin(), positions.end(), ordered)) {
        std::vector<const Row*> changed;
        for (const int at : positions) {
            changed.push_back(m_visible[static_cast<std::size_t>(at)]);
        }
        resort();
        std::transform(changed.begin(), changed.end(), positions.begin(),
                       [this](const Row* row) { return positionOf(row); });
    }
    std::sort(positions.begin(), positions.end());
    spansFromBack(positions,
                  [this](int first, int last) { Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1)); });
}

template <class Row>
void TableModel<Row>::insertRows(std::vector<const Row*> rows) {
    const auto order = [this](const Row* a, const Row* b) { return before(a, b); };
    std::sort(rows.begin(), rows.end(), order);
    // From the back, so that positions found in the old list stay right.
    for (auto last = rows.end(); last != rows.begin();) {
        const auto at = std::upper_bound(m_visible.begin(), m_visible.end(), *std::prev(last), order);
        auto first = std::prev(last);
        while (first != rows.begin() && (at == m_visible.begin() || before(*std::prev(at), *std::prev(first)))) {
            --first;
        }
        const int position = static_cast<int>(at - m_visible.begin());
        beginInsertRows({}, position, position + static_cast<int>(last - first) - 1);
        m_visible.insert(at, first, last);
        endInsertRows();
        last = first;
    }
}

template <class Row>
void TableModel<Row>::resort() {
    Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList old = persistentIndexList();
    std::vector<const Row*> held;
    for (const auto& at : old) {
        held.push_back(m_visible[static_cast<std::size_t>(at.row())]);
    }
    std::sort(m_visible.begin(), m_visible.end(), [this](const Row* a, const Row* b) { return before(a, b); });
    QModelIndexList fresh;
    for (qsizetype i = 0; i < old.size(); ++i) {
        fresh.append(index(positionOf(held[static_cast<std::size_t>(i)]), old[i].column()));
    }
    changePersistentIndexList(old, fresh);
    Q_EMIT layoutChanged({}, VerticalSortHint);
}

template <class Row>
void TableModel<Row>::sort(int column, Qt::SortOrder order) {
    if (column < 0 || column >= columnCount()) {
        return;
    }
    m_sortColumn = column;
    m_sortOrder = order;
    resort();
}

template <class Row>
void TableModel<Row>::setFilter(Predicate filter) {
    m_filter = std::move(filter);
    std::vector<const Row*> next;
    for (const auto& [key, row] : m_rows) {
        if (accepts(*row)) {
            next.push_back(row.get());
        }
    }
    std::sort(next.begin(), next.end(), [this](const Row* a, const Row* b) { return before(a, b); });

    std::vector<int> leaving;
    std::vector<const Row*> entering;
    std::size_t spans = 0;
    auto fresh = next.begin();
    for (std::size_t i = 0; i < m_visible.size() || fresh != next.end();) {
        if (i < m_visible.size() && fresh != next.end() && m_visible[i] == *fresh) {
            ++i;
            ++fresh;
        } else if (fresh == next.end() || (i < m_visible.size() && before(m_visible[i], *fresh))) {
            spans += leaving.empty() || leaving.back() != static_cast<int>(i) - 1 ? 1 : 0;
            leaving.push_back(static_cast<int>(i++));
        } else {
            entering.push_back(*fresh++);
        }
    }
    if (spans > kMostSpans || entering.size() > kMostSpans) {
        beginResetModel();
        m_visible = std::move(next);
        endResetModel();
        return;
    }
    removePositions(std::move(leaving));
    insertRows(std::move(entering));
}

}  // namespace hanshu::table
