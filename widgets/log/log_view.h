// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A live log: paints only the lines on screen, all of one height. Follows the end until somebody scrolls up; then it
// stands still, counts what is new, and offers the way back. GUI thread.
#pragma once

#include "log/ring.h"

#include <QAbstractScrollArea>

class QPushButton;

namespace hanshu::logs {

class LogView : public QAbstractScrollArea {
    Q_OBJECT

public:
    explicit LogView(int capacity, QWidget* parent = nullptr);

    void append(std::vector<Line> lines);
    void clear();
    void setTerms(const QStringList& terms);
    void setStale(bool stale);
    // The function's column only tells something when there are several.
    void setFunctionShown(bool shown);

    [[nodiscard]] const Ring& ring() const { return m_ring; }
    [[nodiscard]] bool isFollowing() const { return m_following; }
    [[nodiscard]] int newLines() const { return m_new; }
    [[nodiscard]] const Line* currentLine() const;
    [[nodiscard]] int firstVisible() const;
    void follow();
    void pause();
    // The selected lines as text, one a line.
    [[nodiscard]] QString selectedText() const;

Q_SIGNALS:
    void followingChanged(bool following);
    void currentChanged();
    void countsChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void changeEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] int rowsOnScreen() const;
    [[nodiscard]] int rowAt(int y) const;
    void paintLine(QPainter& painter, const Line& line, const QRect& row, bool selected) const;
    void setCurrent(int index, bool extend);
    void updateScrollBar();
    void placeButton();
    void retranslate();
    void copy() const;

    Ring m_ring;
    bool m_following = true;
    bool m_adjusting = false;  // the scroll bar moves because the content does, not because somebody scrolls
    bool m_stale = false;
    bool m_functionShown = true;
    int m_new = 0;
    int m_widest = 0;  // pixels that the longest line needs
    int m_current = -1;
    int m_anchor = -1;
    QPushButton* m_jump;
    QAction* m_copy;
};

}  // namespace hanshu::logs
