// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Rows in aligned columns, two spaces apart. One thread.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace hanshu::cli {

enum class Align { Left, Right };

class Table {
public:
    struct Column {
        std::string title;
        Align align = Align::Left;
    };
    explicit Table(std::vector<Column> columns);
    // A cell for each column; what is not printable is escaped.
    void add(const std::vector<std::string>& cells);
    [[nodiscard]] bool empty() const noexcept { return m_rows.empty(); }
    // Title row first; nothing where there are no rows.
    void print(std::ostream& out) const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

// Names and values below each other; pairs without a value are left out.
void printPairs(std::ostream& out, const std::vector<std::pair<std::string, std::string>>& pairs);

}  // namespace hanshu::cli
