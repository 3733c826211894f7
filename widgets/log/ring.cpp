// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "log/ring.h"

#include "filter/filter_field.h"

namespace hanshu::logs {

Ring::Change Ring::append(std::vector<Line> lines) {
    Change change;
    // Of a batch that is larger than the ring only its end is ever seen.
    const auto capacity = static_cast<std::size_t>(m_capacity);
    const std::size_t skipped = lines.size() > capacity ? lines.size() - capacity : 0;
    if (skipped > 0) {
        change.removed = count();
        m_first += static_cast<qint64>(m_lines.size() + skipped);
        m_lines.clear();
        m_matching.clear();
    }
    for (std::size_t i = skipped; i < lines.size(); ++i) {
        if (m_lines.size() == capacity) {
            const bool visible = m_terms.isEmpty() || (!m_matching.empty() && m_matching.front() == m_first);
            if (visible && !m_terms.isEmpty()) {
                m_matching.pop_front();
            }
            change.removed += visible ? 1 : 0;
            m_lines.pop_front();
            ++m_first;
        }
        m_lines.push_back(std::move(lines[i]));
        if (m_terms.isEmpty()) {
            ++change.appended;
        } else if (accepts(m_lines.back())) {
            m_matching.push_back(m_first + static_cast<qint64>(m_lines.size()) - 1);
            ++change.appended;
        }
    }
    return change;
}

void Ring::clear() {
    m_lines.clear();
    m_matching.clear();
    m_first = 0;
}

void Ring::setTerms(QStringList terms) {
    m_terms = std::move(terms);
    m_matching.clear();
    if (m_terms.isEmpty()) {
        return;
    }
    qint64 number = m_first;
    for (const auto& line : m_lines) {
        if (accepts(line)) {
            m_matching.push_back(number);
        }
        ++number;
    }
}

const Line& Ring::at(int index) const {
    const auto position = static_cast<std::size_t>(index);
    return m_terms.isEmpty() ? m_lines[position] : m_lines[static_cast<std::size_t>(m_matching[position] - m_first)];
}

bool Ring::accepts(const Line& line) const {
    return filter::matches(m_terms, {line.message, line.function, line.requestId, line.level});
}

}  // namespace hanshu::logs
