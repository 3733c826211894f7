// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every run, live, and beside the list the one that is chosen. GUI thread.
#pragma once

#include "pages/invocations/invocation_feed.h"
#include "pages/page.h"

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

class InvocationDetail;

class InvocationsPage : public Page {
    Q_OBJECT

public:
    InvocationsPage(rpc::Client& client, InvocationModel& model, InvocationFeed& feed, QWidget* parent = nullptr);
    void saveState() const override;
    [[nodiscard]] QWidget* mainWidget() const override;
    void setFilterText(const QString& text);

Q_SIGNALS:
    void logsWanted(const QString& function, const QString& requestId);
    void functionWanted(const QString& function);

protected:
    void retranslate() override;

private:
    void showState();
    void showRun(const QVariant& key);

    rpc::Client& m_client;
    InvocationModel& m_model;
    InvocationFeed& m_feed;
    QStringList m_terms;
    QSplitter* m_splitter;
    table::TableView* m_table;
    feedback::StateStack* m_states;
    feedback::Banner* m_gap;
    filter::FilterField* m_filter;
    InvocationDetail* m_detail;
    QAction* m_retry;
};

}  // namespace hanshu::pages
