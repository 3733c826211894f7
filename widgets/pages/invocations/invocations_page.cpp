// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/invocations_page.h"

#include "feedback/banner.h"
#include "feedback/error_text.h"
#include "feedback/state_stack.h"
#include "filter/filter_field.h"
#include "pages/invocations/invocation_detail.h"
#include "pages/invocations/phase_strip.h"
#include "rpc/connection.h"
#include "table/badge_delegate.h"
#include "table/table_view.h"
#include "text/format.h"

#include <QAction>
#include <QHBoxLayout>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace hanshu::pages {

namespace {

const auto kSplitterKey = QStringLiteral("splitters/invocations");

}  // namespace

InvocationsPage::InvocationsPage(rpc::Client& client, InvocationModel& model, InvocationFeed& feed, QWidget* parent)
    : Page(parent),
      m_client(client),
      m_model(model),
      m_feed(feed),
      m_splitter(new QSplitter),
      m_table(new table::TableView(QStringLiteral("invocations"))),
      m_states(new feedback::StateStack(m_table)),
      m_gap(new feedback::Banner),
      m_filter(new filter::FilterField(this, m_table)),
      m_detail(new InvocationDetail),
      m_retry(new QAction(this)) {
    m_table->setTable(&model, InvocationModel::Time, Qt::DescendingOrder);
    m_table->setItemDelegateForColumn(InvocationModel::Status, new table::BadgeDelegate(m_table));
    m_table->setItemDelegateForColumn(InvocationModel::Phases, new PhasesDelegate(m_table));
    header()->addWidget(m_filter);
    m_splitter->addWidget(m_states);
    m_splitter->addWidget(m_detail);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({700, 460});
    m_splitter->restoreState(QSettings().value(kSplitterKey).toByteArray());
    m_detail->hide();
    body()->addWidget(m_gap);
    body()->addWidget(m_splitter, 1);

    connect(m_filter, &filter::FilterField::termsChanged, this, [this](const QStringList& terms) {
        m_terms = terms;
        m_model.setFilter(terms.isEmpty() ? InvocationModel::Predicate() : [terms](const InvocationRow& row) {
            const auto& run = row.run;
            return filter::matches(terms, {text::fromUtf8(run.function_name()), text::fromUtf8(run.request_id()),
                                           text::fromUtf8(run.status()), RunText::status(run.status()),
                                           RunText::source(run), RunText::startKind(run)});
        });
        showState();
    });
    connect(&feed, &InvocationFeed::changed, this, &InvocationsPage::showState);
    connect(&client.connection(), &rpc::Connection::changed, this, &InvocationsPage::showState);
    connect(m_retry, &QAction::triggered, &feed, &InvocationFeed::retry);
    connect(m_table, &table::TableView::currentKeyChanged, this, &InvocationsPage::showRun);
    connect(m_table->verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (value >= m_table->verticalScrollBar()->maximum()) {
            m_feed.loadOlder();
        }
    });
    connect(m_detail, &InvocationDetail::logsWanted, this, [this] {
        Q_EMIT logsWanted(text::fromUtf8(m_detail->run().function_name()),
                          text::fromUtf8(m_detail->run().request_id()));
    });
    connect(m_detail, &InvocationDetail::functionWanted, this,
            [this] { Q_EMIT functionWanted(text::fromUtf8(m_detail->run().function_name())); });
    retranslate();
}

void InvocationsPage::saveState() const {
    m_table->saveState();
    QSettings().setValue(kSplitterKey, m_splitter->saveState());
}

QWidget* InvocationsPage::mainWidget() const {
    return m_table;
}

void InvocationsPage::setFilterText(const QString& text) {
    m_filter->setText(text);
}

void InvocationsPage::showRun(const QVariant& key) {
    const auto* row = key.isValid() ? m_model.find(key.toLongLong()) : nullptr;
    m_detail->setVisible(row != nullptr);
    if (row == nullptr) {
        return;
    }
    m_detail->setRun(row->run);
    constexpr int kMostLines = 1000;
    api::QueryLogsRequest request;
    request.mutable_which()->set_request_id(row->run.request_id());
    request.set_limit(kMostLines);
    m_client.queryLogs(request, this, [this, sequence = row->key()](const Result<api::LogBatch>& log) {
        if (m_detail->run().sequence() == sequence) {
            m_detail->setLog(log);
        }
    });
}

void InvocationsPage::showState() {
    using feedback::State;
    const auto& connection = m_client.connection();
    const auto icon = QStringLiteral("invocations");
    setSubtitle(m_model.total() == 0 ? QString()
                : m_model.rowCount() == m_model.total()
                    ? tr("%n run(s)", nullptr, m_model.total())
                    : tr("%1 of %n run(s)", nullptr, m_model.total()).arg(text::Format::count(m_model.rowCount())));
    if (m_feed.gap() > 0) {
        m_gap->present(theme::Tone::Warning,
                       tr("%n run(s) are missing from this list: they came faster than the console "
                          "could take them. The runtime has them.",
                          nullptr, static_cast<int>(m_feed.gap())));
    }
    if (m_model.rowCount() > 0) {
        m_states->showContent();
    } else if (m_model.total() > 0) {
        m_states->showState(
            State::NoMatch, QStringLiteral("search"), tr("No run matches"),
            tr("None of the runs loaded so far has all of these words. Press Escape in the filter to see "
               "all."));
    } else if (m_feed.failure()) {
        const auto error = feedback::ErrorTexts::of(*m_feed.failure());
        m_states->showState(State::Failed, QStringLiteral("error"), error.event, error.remedy, m_retry);
    } else if (!connection.isConnected() && connection.state() != rpc::Connection::State::Connecting) {
        m_states->showState(State::NotConnected, QStringLiteral("offline"), tr("Not connected"),
                            tr("Runs appear here as soon as the runtime can be reached."));
    } else if (m_feed.isLoading()) {
        m_states->showState(State::Loading, icon, tr("Loading runs…"), {});
    } else {
        m_states->showState(
            State::Empty, icon, tr("Nothing has run yet"),
            tr("Every run of a function appears here the moment it ends, with its time, memory and log. "
               "Test a function on the Functions page to see the first one."));
    }
}

void InvocationsPage::retranslate() {
    setTitle(tr("Invocations"));
    m_table->setAccessibleName(tr("Invocations"));
    m_retry->setText(tr("Try again"));
    showState();
}

}  // namespace hanshu::pages
