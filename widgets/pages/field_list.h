// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Names and values, one pair a line; values can be selected. GUI thread.
#pragma once

#include <QFormLayout>
#include <QLabel>
#include <QWidget>
#include <vector>

namespace hanshu::pages {

struct Field {
    QString name;
    QString value;
};

class FieldList : public QWidget {
    Q_OBJECT

public:
    explicit FieldList(QWidget* parent = nullptr);
    // Fields without a value are left out.
    void setFields(const std::vector<Field>& fields);

private:
    QFormLayout* m_form;
};

// A line of muted text above a part of a page.
[[nodiscard]] QLabel* sectionTitle(QWidget* parent);

}  // namespace hanshu::pages
