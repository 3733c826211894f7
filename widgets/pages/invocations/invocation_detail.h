// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Everything about one run: its facts, where its time went, its error, its log. Asks nobody: the page brings the log.
// GUI thread.
#pragma once

#include "base/result.h"
#include "invocation.pb.h"

#include <QScrollArea>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace hanshu::pages {

class BadgeLabel;
class FieldList;
class PhaseStrip;

class InvocationDetail : public QScrollArea {
    Q_OBJECT

public:
    explicit InvocationDetail(QWidget* parent = nullptr);
    void setRun(const api::Invocation& run);
    void setLog(const Result<api::LogBatch>& log);
    [[nodiscard]] const api::Invocation& run() const { return m_run; }
    // As wide as what can't be scrolled sideways.
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void logsWanted();
    void functionWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showRun();

    api::Invocation m_run;
    QLabel* m_name;
    BadgeLabel* m_status;
    QLabel* m_error;
    PhaseStrip* m_strip;
    FieldList* m_fields;
    QLabel* m_logTitle;
    QPlainTextEdit* m_log;
    QPushButton* m_showLogs;
    QPushButton* m_showFunction;
    QPushButton* m_copyId;
};

}  // namespace hanshu::pages
