// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/table.h"

#include "cli/text.h"

namespace hanshu::cli {

Table::Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}

void Table::add(const std::vector<std::string>& cells) {
    std::vector<std::string> row;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        const auto text = i < cells.size() ? printable(cells[i]) : std::string();
        row.push_back(text.empty() ? "-" : text);
    }
    m_rows.push_back(std::move(row));
}

void Table::print(std::ostream& out) const {
    if (m_rows.empty()) {
        return;
    }
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < m_columns.size(); ++i) {
        auto width = displayWidth(m_columns[i].title);
        for (const auto& row : m_rows) {
            width = std::max(width, displayWidth(row[i]));
        }
        widths.push_back(width);
    }
    const auto line = [&](const auto& cellAt) {
        std::string text;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const std::string& cell = cellAt(i);
            const std::string padding(widths[i] - displayWidth(cell), ' ');
            text += i > 0 ? "  " : "";
            text += m_columns[i].align == Align::Right ? padding + cell : cell + padding;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out << text << '\n';
    };
    line([&](std::size_t i) -> const std::string& { return m_columns[i].title; });
    for (const auto& row : m_rows) {
        line([&](std::size_t i) -> const std::string& { return row[i]; });
    }
}

void printPairs(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::size_t width = 0;
    for (const auto& [name, value] : pairs) {
        width = std::max(width, displayWidth(name));
    }
    for (const auto& [name, value] : pairs) {
        if (!value.empty()) {
            out << name << ':' << std::string(width - displayWidth(name) + 2, ' ') << printable(value) << '\n';
        }
    }
}

}  // namespace hanshu::cli
