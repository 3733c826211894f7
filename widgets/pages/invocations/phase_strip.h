// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the time of a run went, as a strip of its phases in order: a delegate for lists, a widget with a legend for
// details. GUI thread.
#pragma once

#include "pages/invocations/run_text.h"
#include "table/badge_delegate.h"

#include <QWidget>

namespace hanshu::pages {

class PhasesDelegate : public table::PlainDelegate {
    Q_OBJECT

public:
    using PlainDelegate::PlainDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

class PhaseStrip : public QWidget {
    Q_OBJECT

public:
    explicit PhaseStrip(QWidget* parent = nullptr);
    void setTimes(const PhaseTimes& times);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    // Lays the legend out in lines; draws when there is a painter. Gives the height.
    int layOut(QPainter* painter, int width) const;
    void retranslate();

    PhaseTimes m_times;
};

}  // namespace hanshu::pages
