// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The last lines of a log, at most so many, with a filter over them. A line has a number that it keeps while older ones
// are trimmed. GUI thread.
#pragma once

#include <QString>
#include <QStringList>
#include <deque>
#include <string>
#include <vector>

namespace hanshu::logs {

struct Line {
    qint64 sequence = 0;
    double time = 0;  // Unix ms
    QString function;
    QString requestId;
    QString instanceId;
    QString level;
    QString message;  // as it came, line breaks included
};

class Ring {
public:
    explicit Ring(int capacity) : m_capacity(capacity) {}

    // What append did to the list of visible lines.
    struct Change {
        int appended = 0;
        int removed = 0;  // from the front
    };
    Change append(std::vector<Line> lines);
    void clear();
    void setTerms(QStringList terms);

    // Visible lines, oldest first.
    [[nodiscard]] int count() const { return static_cast<int>(m_terms.isEmpty() ? m_lines.size() : m_matching.size()); }
    [[nodiscard]] const Line& at(int index) const;
    // Lines held, visible or not.
    [[nodiscard]] int held() const { return static_cast<int>(m_lines.size()); }
    // Lines dropped since the last clear, because there were more than the capacity.
    [[nodiscard]] qint64 trimmed() const { return m_first; }
    [[nodiscard]] int capacity() const { return m_capacity; }
    [[nodiscard]] const QStringList& terms() const { return m_terms; }

private:
    [[nodiscard]] bool accepts(const Line& line) const;

    int m_capacity;
    std::deque<Line> m_lines;
    qint64 m_first = 0;             // the number of m_lines.front()
    std::deque<qint64> m_matching;  // numbers of the lines that match the terms
    QStringList m_terms;
};

}  // namespace hanshu::logs
