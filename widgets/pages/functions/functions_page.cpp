// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/functions_page.h"

#include "feedback/banner.h"
#include "feedback/error_text.h"
#include "feedback/state_stack.h"
#include "filter/filter_field.h"
#include "pages/functions/deploy_flow.h"
#include "pages/functions/function_detail.h"
#include "pages/functions/test_panel.h"
#include "rpc/connection.h"
#include "table/badge_delegate.h"
#include "table/table_view.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QHBoxLayout>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QVBoxLayout>

namespace hanshu::pages {

namespace {

const auto kSplitterKey = QStringLiteral("splitters/functions");

}  // namespace

FunctionsPage::FunctionsPage(rpc::Client& client, FunctionModel& model, FunctionFeed& feed, QAction* deployAction,
                             QWidget* parent)
    : Page(parent),
      m_client(client),
      m_model(model),
      m_feed(feed),
      m_deployAction(deployAction),
      m_splitter(new QSplitter),
      m_table(new table::TableView(QStringLiteral("functions"))),
      m_states(new feedback::StateStack(m_table)),
      m_banner(new feedback::Banner),
      m_filter(new filter::FilterField(this, m_table)),
      m_deployButton(new QPushButton),
      m_detail(new FunctionDetail),
      m_deploy(new DeployFlow(client, model, m_banner, this)),
      m_retry(new QAction(this)) {
    m_table->setTable(&model, FunctionModel::Name, Qt::AscendingOrder);
    m_table->setItemDelegateForColumn(FunctionModel::Last, new table::BadgeDelegate(m_table));
    m_table->setItemDelegateForColumn(FunctionModel::Ran, new table::ElapsedDelegate(m_table));
    m_table->setItemDelegateForColumn(FunctionModel::Modified, new table::ElapsedDelegate(m_table));
    m_deployButton->setProperty("primary", true);
    m_deployButton->setIcon(theme::iconOnAccent(QStringLiteral("deploy")));
    connect(m_deployButton, &QPushButton::clicked, deployAction, &QAction::trigger);
    header()->addWidget(m_filter);
    header()->addWidget(m_deployButton);
    m_splitter->addWidget(m_states);
    m_splitter->addWidget(m_detail);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 2);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({640, 520});
    m_splitter->restoreState(QSettings().value(kSplitterKey).toByteArray());
    m_detail->setMinimumWidth(400);
    m_detail->hide();
    body()->addWidget(m_banner);
    body()->addWidget(m_splitter, 1);

    connect(m_filter, &filter::FilterField::termsChanged, this, [this](const QStringList& terms) {
        m_model.setFilter(terms.isEmpty() ? FunctionModel::Predicate() : [terms](const FunctionRow& row) {
            const auto& function = row.function;
            return filter::matches(terms, {text::fromUtf8(function.function_name()),
                                           text::fromUtf8(function.description()), text::fromUtf8(function.runtime())});
        });
        showState();
    });
    connect(&feed, &FunctionFeed::changed, this, &FunctionsPage::showState);
    connect(&client.connection(), &rpc::Connection::changed, this, &FunctionsPage::showState);
    connect(m_retry, &QAction::triggered, &feed, &FunctionFeed::retry);
    connect(m_table, &table::TableView::currentKeyChanged, this, &FunctionsPage::showFunction);
    connect(&model, &QAbstractItemModel::dataChanged, this, [this] { showFunction(m_table->currentKey()); });
    connect(&model, &QAbstractItemModel::rowsInserted, this, [this] {
        if (!m_selectLater.isEmpty()) {
            select(QString(m_selectLater));
        }
    });
    const auto name = [this] { return text::fromUtf8(m_detail->function().function_name()); };
    connect(m_detail, &FunctionDetail::logsWanted, this, [this, name] { Q_EMIT logsWanted(name(), {}); });
    connect(m_detail, &FunctionDetail::invocationsWanted, this, [this, name] { Q_EMIT invocationsWanted(name()); });
    connect(m_detail, &FunctionDetail::updateWanted, this, [this, name] { Q_EMIT updateWanted(name()); });
    connect(m_detail, &FunctionDetail::deleteWanted, this, &FunctionsPage::askToDelete);
    connect(m_detail->test(), &TestPanel::runWanted, this, &FunctionsPage::run);
    connect(m_detail->test(), &TestPanel::cancelWanted, this, [this] { m_run.cancel(); });
    connect(m_deploy, &DeployFlow::deployed, this, &FunctionsPage::select);
    retranslate();
}

void FunctionsPage::saveState() const {
    m_table->saveState();
    m_detail->test()->saveState();
    QSettings().setValue(kSplitterKey, m_splitter->saveState());
}

QWidget* FunctionsPage::mainWidget() const {
    return m_table;
}

void FunctionsPage::select(const QString& name) {
    const bool there = m_model.find(name.toStdString()) != nullptr;
    m_selectLater = there ? QString() : name;
    if (there && !m_model.indexOf(name).isValid()) {
        m_filter->clear();
        m_model.setFilter({});
    }
    m_table->selectKey(name);
}

void FunctionsPage::showFunction(const QVariant& key) {
    const auto* row = key.isValid() ? m_model.find(key.toString().toStdString()) : nullptr;
    m_detail->setVisible(row != nullptr);
    if (row != nullptr) {
        m_detail->setFunction(row->function);
    }
}

void FunctionsPage::run(const QByteArray& payload) {
    api::InvokeRequest request;
    request.set_function_name(m_detail->function().function_name());
    request.set_payload(payload.toStdString());
    request.set_log_tail(true);
    m_detail->test()->showRunning();
    m_run =
        m_client.invoke(request, this, [this, name = request.function_name()](const Result<api::InvokeReply>& reply) {
            // The result of a function that is no longer looked at is found on the invocations page.
            if (m_detail->function().function_name() == name) {
                m_detail->test()->showReply(reply);
            }
        });
}

void FunctionsPage::askToDelete() {
    const QString name = text::fromUtf8(m_detail->function().function_name());
    auto* box =
        new QMessageBox(QMessageBox::NoIcon, tr("Delete a function"),
                        tr("Delete “%1”, its configuration and its code?").arg(name), QMessageBox::NoButton, this);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(tr("Its runs and log lines so far stay. This can't be undone."));
    box->setAttribute(Qt::WA_DeleteOnClose);
    auto* keep = box->addButton(tr("Keep"), QMessageBox::RejectRole);
    auto* drop = box->addButton(tr("Delete"), QMessageBox::DestructiveRole);
    box->setDefaultButton(keep);
    box->setEscapeButton(keep);
    connect(drop, &QPushButton::clicked, this, [this, name] { remove(name); });
    box->open();
}

void FunctionsPage::remove(const QString& name) {
    m_client.deleteFunction(name.toStdString(), this, [this, name](const Result<api::Empty>& result) {
        if (result) {
            m_banner->present(theme::Tone::Success, tr("%1 is deleted.").arg(name));
        } else {
            m_banner->present(theme::Tone::Danger,
                              tr("%1 was not deleted. %2").arg(name, feedback::ErrorTexts::of(result.error()).whole()));
        }
    });
}

void FunctionsPage::showState() {
    using feedback::State;
    const auto& connection = m_client.connection();
    const auto icon = QStringLiteral("function");
    m_deployAction->setEnabled(connection.isConnected());
    m_deployButton->setEnabled(connection.isConnected());
    setSubtitle(
        m_model.total() == 0 ? QString()
        : m_model.rowCount() == m_model.total()
            ? tr("%n function(s)", nullptr, m_model.total())
            : tr("%1 of %n function(s)", nullptr, m_model.total()).arg(text::Format::count(m_model.rowCount())));
    if (m_model.rowCount() > 0) {
        m_states->showContent();
    } else if (m_model.total() > 0) {
        m_states->showState(
            State::NoMatch, QStringLiteral("search"), tr("No function matches"),
            tr("No function has all of these words in its name, description or runtime. Press Escape in "
               "the filter to see all."));
    } else if (m_feed.failure()) {
        const auto error = feedback::ErrorTexts::of(*m_feed.failure());
        m_states->showState(State::Failed, QStringLiteral("error"), error.event, error.remedy, m_retry);
    } else if (connection.state() == rpc::Connection::State::Starting) {
        m_states->showState(State::Loading, icon, tr("Starting the runtime…"), {});
    } else if (!connection.isConnected() && connection.state() != rpc::Connection::State::Connecting) {
        m_states->showState(State::NotConnected, QStringLiteral("offline"), tr("Not connected"),
                            tr("Functions appear here as soon as the runtime can be reached."));
    } else if (m_feed.isLoading()) {
        m_states->showState(State::Loading, icon, tr("Loading functions…"), {});
    } else {
        m_states->showState(
            State::Empty, QStringLiteral("folder"), tr("Drop a folder here"),
            tr("A function is a folder of code with a handler in it. Drop one onto this window, or a zip "
               "file, and it is deployed and ready to run."),
            m_deployAction);
    }
}

void FunctionsPage::retranslate() {
    setTitle(tr("Functions"));
    m_table->setAccessibleName(tr("Functions"));
    m_deployButton->setText(tr("Deploy…"));
    m_deployButton->setAccessibleName(tr("Deploy"));
    m_deployButton->setToolTip(
        tr("Deploys a folder as a function. A folder or zip can also be dropped onto the window."));
    m_retry->setText(tr("Try again"));
    m_deploy->retranslate();
    showState();
}

}  // namespace hanshu::pages
