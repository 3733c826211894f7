// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The log as it is written, of all functions, one, or one run. Asks for lines only while it is looked at. GUI thread.
#pragma once

#include "pages/page.h"
#include "rpc/client.h"

#include <optional>

class QComboBox;
class QPlainTextEdit;
class QPushButton;
class QSplitter;
class QToolButton;

namespace hanshu::feedback {
class Banner;
class StateStack;
}  // namespace hanshu::feedback
namespace hanshu::filter {
class FilterField;
}
namespace hanshu::logs {
class LogView;
}

namespace hanshu::pages {

class FunctionModel;

class LogsPage : public Page {
    Q_OBJECT

public:
    LogsPage(rpc::Client& client, const FunctionModel& functions, QWidget* parent = nullptr);
    ~LogsPage() override;
    void saveState() const override;
    [[nodiscard]] QWidget* mainWidget() const override;
    // Narrows the log to a function and a run; empty: all.
    void show(const QString& function, const QString& requestId);
    [[nodiscard]] logs::LogView* view() const { return m_view; }

protected:
    void retranslate() override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void restart();
    void open();
    void take(std::vector<api::LogBatch> batches);
    void showState();
    void showLine();
    void fillFunctions();

    rpc::Client& m_client;
    const FunctionModel& m_functions;
    std::unique_ptr<rpc::Subscription> m_stream;
    QString m_function;
    QString m_request;
    qint64 m_cursor = 0;
    qint64 m_gap = 0;
    std::optional<Error> m_failure;
    QComboBox* m_choice;
    QPushButton* m_requestChip;
    filter::FilterField* m_filter;
    QToolButton* m_follow;
    QToolButton* m_clear;
    feedback::Banner* m_notice;
    QSplitter* m_splitter;
    logs::LogView* m_view;
    feedback::StateStack* m_states;
    QPlainTextEdit* m_detail;
    QAction* m_retry;
};

}  // namespace hanshu::pages
