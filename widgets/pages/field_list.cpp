// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/field_list.h"

namespace hanshu::pages {

FieldList::FieldList(QWidget* parent) : QWidget(parent), m_form(new QFormLayout(this)) {
    m_form->setContentsMargins(0, 0, 0, 0);
    m_form->setHorizontalSpacing(18);
    m_form->setVerticalSpacing(6);
    m_form->setLabelAlignment(Qt::AlignLeft);
    m_form->setRowWrapPolicy(QFormLayout::DontWrapRows);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
}

void FieldList::setFields(const std::vector<Field>& fields) {
    int row = 0;
    for (const auto& field : fields) {
        if (field.value.isEmpty()) {
            continue;
        }
        if (row == m_form->rowCount()) {
            auto* name = new QLabel(this);
            name->setProperty("muted", true);
            auto* value = new QLabel(this);
            value->setTextFormat(Qt::PlainText);
            value->setTextInteractionFlags(Qt::TextSelectableByMouse);
            value->setWordWrap(true);
            m_form->addRow(name, value);
        }
        const auto labelAt = [&](QFormLayout::ItemRole role) {
            return static_cast<QLabel*>(m_form->itemAt(row, role)->widget());
        };
        labelAt(QFormLayout::LabelRole)->setText(field.name);
        auto* value = labelAt(QFormLayout::FieldRole);
        if (value->text() != field.value) {
            value->setText(field.value);
        }
        value->setAccessibleName(field.name + QStringLiteral(": ") + field.value);
        ++row;
    }
    while (m_form->rowCount() > row) {
        m_form->removeRow(row);
    }
}

QLabel* sectionTitle(QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(QStringLiteral("sectionTitle"));
    return label;
}

}  // namespace hanshu::pages
