// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs a function by hand: a payload, and beside it result, log and timings of the run. Asks nobody: the page makes the
// call. GUI thread.
#pragma once

#include "base/result.h"
#include "services.pb.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>
#include <optional>

class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSplitter;

namespace hanshu::pages {

class BadgeLabel;
class PhaseStrip;

class TestPanel : public QWidget {
    Q_OBJECT

public:
    explicit TestPanel(QWidget* parent = nullptr);
    // Another function: its payload of last time, and no result.
    void setFunction(const QString& name);
    void showRunning();
    void showReply(const Result<api::InvokeReply>& reply);
    [[nodiscard]] bool isRunning() const { return m_running; }
    [[nodiscard]] QString resultText() const;
    [[nodiscard]] QString logText() const;
    [[nodiscard]] QString statusText() const;
    void setPayload(const QString& payload);
    void run();
    void saveState() const;

Q_SIGNALS:
    void runWanted(const QByteArray& payload);
    void cancelWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void showResult();
    void rememberPayload() const;

    QString m_function;
    bool m_running = false;
    std::optional<Result<api::InvokeReply>> m_reply;
    QElapsedTimer m_since;
    QTimer m_tick;
    QSplitter* m_splitter;
    QLabel* m_payloadTitle;
    QPlainTextEdit* m_payload;
    QPushButton* m_run;
    QPushButton* m_cancel;
    QWidget* m_outcome;
    BadgeLabel* m_status;
    QLabel* m_facts;
    PhaseStrip* m_strip;
    QLabel* m_resultTitle;
    QPlainTextEdit* m_result;
    QLabel* m_logTitle;
    QPlainTextEdit* m_log;
};

}  // namespace hanshu::pages
