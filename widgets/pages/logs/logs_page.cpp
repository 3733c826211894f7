// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/logs/logs_page.h"

#include "feedback/banner.h"
#include "feedback/error_text.h"
#include "feedback/state_stack.h"
#include "filter/filter_field.h"
#include "log/log_view.h"
#include "pages/functions/function_model.h"
#include "rpc/connection.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QAction>
#include <QComboBox>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QTextDocument>
#include <QToolButton>
#include <QVBoxLayout>

namespace hanshu::pages {

namespace {

// What a person may scroll back through; the rest is searched for in the runtime.
constexpr int kCapacity = 100'000;
constexpr int kBacklog = 1000;
const auto kSplitterKey = QStringLiteral("splitters/logs");

logs::Line toLine(const api::LogRecord& record) {
    return {record.sequence(),
            record.time(),
            text::fromUtf8(record.function_name()),
            text::fromUtf8(record.request_id()),
            text::fromUtf8(record.instance_id()),
            text::fromUtf8(record.level()),
            text::fromUtf8(record.message())};
}

}  // namespace

LogsPage::LogsPage(rpc::Client& client, const FunctionModel& functions, QWidget* parent)
    : Page(parent),
      m_client(client),
      m_functions(functions),
      m_choice(new QComboBox),
      m_requestChip(new QPushButton),
      m_follow(new QToolButton),
      m_clear(new QToolButton),
      m_notice(new feedback::Banner),
      m_splitter(new QSplitter(Qt::Vertical)),
      m_view(new logs::LogView(kCapacity)),
      m_states(new feedback::StateStack(m_view)),
      m_detail(new QPlainTextEdit),
      m_retry(new QAction(this)) {
    m_filter = new filter::FilterField(this, m_view);
    m_choice->setMinimumWidth(190);
    m_choice->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_requestChip->setIcon(theme::icon(QStringLiteral("close")));
    m_requestChip->hide();
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    m_follow->setIcon(theme::icon(QStringLiteral("bottom")));
    m_follow->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_clear->setIcon(theme::icon(QStringLiteral("delete")));
    m_detail->setReadOnly(true);
    m_detail->setTabChangesFocus(true);
    m_detail->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_detail->setFrameShape(QFrame::NoFrame);
    constexpr int kMargin = 12;
    m_detail->document()->setDocumentMargin(kMargin);
    m_detail->hide();
    for (QWidget* widget : std::initializer_list<QWidget*>{m_requestChip, m_choice, m_filter, m_follow, m_clear}) {
        header()->addWidget(widget);
    }
    m_splitter->addWidget(m_states);
    m_splitter->addWidget(m_detail);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({520, 180});
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_splitter->restoreState(QSettings().value(kSplitterKey).toByteArray());
    body()->addWidget(m_notice);
    body()->addWidget(m_splitter, 1);

    connect(m_choice, &QComboBox::activated, this,
            [this](int index) { show(m_choice->itemData(index).toString(), {}); });
    connect(m_requestChip, &QPushButton::clicked, this, [this] { show(m_function, {}); });
    connect(m_filter, &filter::FilterField::termsChanged, this, [this](const QStringList& terms) {
        m_view->setTerms(terms);
        showState();
    });
    connect(m_follow, &QToolButton::clicked, this,
            [this](bool checked) { checked ? m_view->follow() : m_view->pause(); });
    connect(m_view, &logs::LogView::followingChanged, m_follow, &QToolButton::setChecked);
    connect(m_view, &logs::LogView::currentChanged, this, &LogsPage::showLine);
    connect(m_view, &logs::LogView::countsChanged, this, &LogsPage::showState);
    connect(m_clear, &QToolButton::clicked, m_view, &logs::LogView::clear);
    connect(m_retry, &QAction::triggered, this, [this] {
        m_failure.reset();
        m_stream->retry();
        showState();
    });
    connect(&functions, &QAbstractItemModel::rowsInserted, this, &LogsPage::fillFunctions);
    connect(&functions, &QAbstractItemModel::rowsRemoved, this, &LogsPage::fillFunctions);
    connect(&functions, &QAbstractItemModel::modelReset, this, &LogsPage::fillFunctions);
    connect(&client.connection(), &rpc::Connection::changed, this, [this] {
        m_view->setStale(!m_client.connection().isConnected());
        showState();
    });
    retranslate();
}

LogsPage::~LogsPage() = default;

void LogsPage::saveState() const {
    QSettings().setValue(kSplitterKey, m_splitter->saveState());
}

QWidget* LogsPage::mainWidget() const {
    return m_view;
}

void LogsPage::show(const QString& function, const QString& requestId) {
    m_function = function;
    m_request = requestId;
    m_requestChip->setVisible(!requestId.isEmpty());
    m_requestChip->setText(requestId);
    m_requestChip->setAccessibleName(tr("Only run %1; press to see all").arg(requestId));
    m_view->setFunctionShown(function.isEmpty());
    fillFunctions();
    restart();
}

void LogsPage::showEvent(QShowEvent* event) {
    Page::showEvent(event);
    if (m_stream == nullptr) {
        open();
    }
}

void LogsPage::hideEvent(QHideEvent* event) {
    Page::hideEvent(event);
    if (!event->spontaneous()) {
        m_stream.reset();
    }
}

void LogsPage::restart() {
    m_stream.reset();
    m_cursor = 0;
    m_gap = 0;
    m_failure.reset();
    m_view->clear();
    if (isVisible()) {
        open();
    }
    showState();
}

void LogsPage::open() {
    m_stream = m_client.tailLogs({.request =
                                      [this] {
                                          api::TailLogsRequest request;
                                          auto& which = *request.mutable_which();
                                          which.set_function_name(m_function.toStdString());
                                          which.set_request_id(m_request.toStdString());
                                          if (m_cursor > 0) {
                                              request.set_after_sequence(m_cursor);
                                          } else {
                                              request.set_backlog(kBacklog);
                                          }
                                          return request;
                                      },
                                  .opening = {},
                                  .messages = [this](auto batches) { take(std::move(batches)); },
                                  .failed =
                                      [this](const Error& error) {
                                          m_failure = error;
                                          showState();
                                      }});
}

void LogsPage::take(std::vector<api::LogBatch> batches) {
    std::vector<logs::Line> lines;
    for (const auto& batch : batches) {
        m_gap += batch.gap();
        for (const auto& record : batch.records()) {
            // A resumed stream may begin with what is already here.
            if (record.sequence() > m_cursor) {
                m_cursor = record.sequence();
                lines.push_back(toLine(record));
            }
        }
    }
    m_view->append(std::move(lines));
    showState();
}

void LogsPage::showLine() {
    const auto* line = m_view->currentLine();
    m_detail->setVisible(line != nullptr);
    if (line == nullptr) {
        return;
    }
    QJsonObject json{{QStringLiteral("time"), text::Format::fullTime(line->time)},
                     {QStringLiteral("functionName"), line->function},
                     {QStringLiteral("requestId"), line->requestId},
                     {QStringLiteral("instanceId"), line->instanceId},
                     {QStringLiteral("level"), line->level}};
    QString text = line->message + QStringLiteral("\n\n") +
                   QString::fromUtf8(QJsonDocument(json).toJson(QJsonDocument::Indented)).trimmed();
    if (m_detail->toPlainText() != text) {
        m_detail->setPlainText(text);
    }
}

void LogsPage::fillFunctions() {
    QStringList names;
    m_functions.forEach([&](const FunctionRow& row) { names.append(text::fromUtf8(row.key())); });
    names.sort(Qt::CaseInsensitive);
    if (!m_function.isEmpty() && !names.contains(m_function)) {
        names.prepend(m_function);
    }
    m_choice->clear();
    m_choice->addItem(tr("All functions"), QString());
    for (const auto& name : std::as_const(names)) {
        m_choice->addItem(name, name);
    }
    m_choice->setCurrentIndex(std::max(0, m_choice->findData(m_function)));
}

void LogsPage::showState() {
    using feedback::State;
    using text::Format;
    const auto& ring = m_view->ring();
    const auto& connection = m_client.connection();
    const auto icon = QStringLiteral("logs");
    setSubtitle(ring.held() == 0 ? QString()
                : ring.terms().isEmpty()
                    ? tr("%n line(s)", nullptr, ring.held())
                    : tr("%1 of %n line(s)", nullptr, ring.held()).arg(Format::count(ring.count())));
    if (m_gap > 0) {
        m_notice->present(
            theme::Tone::Warning,
            tr("%n line(s) came faster than the console could take them and are not shown. The runtime has "
               "them.",
               nullptr, static_cast<int>(m_gap)));
    } else if (ring.trimmed() > 0) {
        m_notice->present(theme::Tone::Neutral,
                          tr("Only the newest %1 lines are kept here; %2 older ones were trimmed.")
                              .arg(Format::count(ring.capacity()), Format::count(ring.trimmed())));
    } else {
        m_notice->hide();
    }
    if (ring.count() > 0) {
        m_states->showContent();
    } else if (ring.held() > 0) {
        m_states->showState(
            State::NoMatch, QStringLiteral("search"), tr("No line matches"),
            tr("None of the lines here has all of these words. New lines that do appear by themselves."));
    } else if (m_failure) {
        const auto error = feedback::ErrorTexts::of(*m_failure);
        m_states->showState(State::Failed, QStringLiteral("error"), error.event, error.remedy, m_retry);
    } else if (!connection.isConnected() && connection.state() != rpc::Connection::State::Connecting) {
        m_states->showState(State::NotConnected, QStringLiteral("offline"), tr("Not connected"),
                            tr("Log lines appear here as soon as the runtime can be reached."));
    } else {
        m_states->showState(State::Empty, icon, tr("Waiting for log lines"),
                            m_function.isEmpty() ? tr("Whatever a function prints appears here at once.")
                                                 : tr("Whatever %1 prints appears here at once.").arg(m_function));
    }
}

void LogsPage::retranslate() {
    setTitle(tr("Logs"));
    m_choice->setAccessibleName(tr("Function"));
    m_choice->setToolTip(tr("Shows the log of one function only"));
    m_requestChip->setToolTip(tr("Only the lines of this run are shown. Press to see all."));
    m_follow->setText(tr("Follow"));
    m_follow->setAccessibleName(tr("Follow the log"));
    m_follow->setToolTip(tr("Stays at the newest line (Space in the log)"));
    m_clear->setToolTip(tr("Empties this view; the runtime keeps its log"));
    m_clear->setAccessibleName(tr("Empty the view"));
    m_detail->setAccessibleName(tr("The chosen line"));
    m_retry->setText(tr("Try again"));
    fillFunctions();
    showState();
}

}  // namespace hanshu::pages
