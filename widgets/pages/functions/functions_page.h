// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The functions of the runtime: the list, and beside it the one that is chosen, to test, change and delete. A folder or
// zip dropped here is deployed. GUI thread.
#pragma once

#include "pages/functions/function_feed.h"
#include "pages/page.h"

class QPushButton;
class QSplitter;

namespace hanshu::feedback {
class Banner;
class StateStack;
}  // namespace hanshu::feedback
namespace hanshu::filter {
class FilterField;
}
namespace hanshu::table {
class TableView;
}

namespace hanshu::pages {

class DeployFlow;
class FunctionDetail;

class FunctionsPage : public Page {
    Q_OBJECT

public:
    // `deployAction` asks for a folder; the page puts it on a button.
    FunctionsPage(rpc::Client& client, FunctionModel& model, FunctionFeed& feed, QAction* deployAction,
                  QWidget* parent = nullptr);
    void saveState() const override;
    [[nodiscard]] QWidget* mainWidget() const override;
    void select(const QString& name);
    [[nodiscard]] DeployFlow* deployFlow() const { return m_deploy; }
    [[nodiscard]] FunctionDetail* detail() const { return m_detail; }

Q_SIGNALS:
    void logsWanted(const QString& function, const QString& requestId);
    void invocationsWanted(const QString& function);
    // A folder or zip is to be chosen as the new code of a function.
    void updateWanted(const QString& function);

protected:
    void retranslate() override;

private:
    void showState();
    void showFunction(const QVariant& key);
    void run(const QByteArray& payload);
    void askToDelete();
    void remove(const QString& name);

    rpc::Client& m_client;
    FunctionModel& m_model;
    FunctionFeed& m_feed;
    QAction* m_deployAction;
    QSplitter* m_splitter;
    table::TableView* m_table;
    feedback::StateStack* m_states;
    feedback::Banner* m_banner;
    filter::FilterField* m_filter;
    QPushButton* m_deployButton;
    FunctionDetail* m_detail;
    DeployFlow* m_deploy;
    QAction* m_retry;
    rpc::Call m_run;
    QString m_selectLater;  // deployed, but not in the list yet
};

}  // namespace hanshu::pages
