// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One function: what it is, a way to test it, its configuration. Asks nobody: the page makes the calls. GUI thread.
#pragma once

#include "function.pb.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QScrollArea;
class QTabWidget;

namespace hanshu::pages {

class BadgeLabel;
class FieldList;
class TestPanel;

class FunctionDetail : public QWidget {
    Q_OBJECT

public:
    explicit FunctionDetail(QWidget* parent = nullptr);
    void setFunction(const api::Function& function);
    [[nodiscard]] const api::Function& function() const { return m_function; }
    [[nodiscard]] TestPanel* test() const { return m_test; }

Q_SIGNALS:
    void logsWanted();
    void invocationsWanted();
    void updateWanted();
    void deleteWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showFunction();

    api::Function m_function;
    QLabel* m_name;
    QLabel* m_description;
    BadgeLabel* m_state;
    QPushButton* m_logs;
    QPushButton* m_invocations;
    QPushButton* m_update;
    QPushButton* m_delete;
    QTabWidget* m_tabs;
    TestPanel* m_test;
    QScrollArea* m_configuration;
    FieldList* m_fields;
};

}  // namespace hanshu::pages
