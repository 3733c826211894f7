// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/invocation_detail.h"

#include "feedback/error_text.h"
#include "pages/badge_label.h"
#include "pages/field_list.h"
#include "pages/invocations/phase_strip.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QVBoxLayout>

namespace hanshu::pages {

InvocationDetail::InvocationDetail(QWidget* parent)
    : QScrollArea(parent),
      m_name(new QLabel),
      m_status(new BadgeLabel),
      m_error(new QLabel),
      m_strip(new PhaseStrip),
      m_fields(new FieldList),
      m_logTitle(sectionTitle(nullptr)),
      m_log(new QPlainTextEdit),
      m_showLogs(new QPushButton),
      m_showFunction(new QPushButton),
      m_copyId(new QPushButton) {
    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("detail"));
    setFrameShape(NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    m_name->setObjectName(QStringLiteral("objectTitle"));
    m_name->setTextFormat(Qt::PlainText);
    m_name->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_name->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_log->setReadOnly(true);
    m_log->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_log->setMinimumHeight(140);
    m_log->setTabChangesFocus(true);
    m_showLogs->setIcon(theme::icon(QStringLiteral("logs")));
    m_showFunction->setIcon(theme::icon(QStringLiteral("function")));
    m_copyId->setIcon(theme::icon(QStringLiteral("copy")));
    connect(m_showLogs, &QPushButton::clicked, this, &InvocationDetail::logsWanted);
    connect(m_showFunction, &QPushButton::clicked, this, &InvocationDetail::functionWanted);
    connect(m_copyId, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(text::fromUtf8(m_run.request_id())); });

    auto* title = new QHBoxLayout;
    title->addWidget(m_name, 1);
    title->addWidget(m_status, 0, Qt::AlignTop);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_showLogs);
    buttons->addWidget(m_showFunction);
    buttons->addWidget(m_copyId);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(18, 14, 18, 14);
    column->setSpacing(12);
    column->addLayout(title);
    column->addWidget(m_error);
    column->addWidget(m_strip);
    column->addLayout(buttons);
    column->addWidget(m_fields);
    column->addWidget(m_logTitle);
    column->addWidget(m_log, 1);
    setWidget(content);
    retranslate();
}

QSize InvocationDetail::minimumSizeHint() const {
    const int bar = verticalScrollBar()->sizeHint().width();
    return {widget()->minimumSizeHint().width() + bar, QScrollArea::minimumSizeHint().height()};
}

void InvocationDetail::setRun(const api::Invocation& run) {
    const bool other = run.sequence() != m_run.sequence();
    m_run = run;
    if (other) {
        m_log->setPlainText({});
        m_log->setPlaceholderText(tr("Loading the log…"));
    }
    showRun();
}

void InvocationDetail::showRun() {
    using text::Format;
    using text::fromUtf8;
    m_name->setText(fromUtf8(m_run.function_name()));
    m_status->setBadge(RunText::tone(m_run.status()), RunText::status(m_run.status()));
    QStringList error;
    if (!m_run.error_type().empty()) {
        error.append(fromUtf8(m_run.error_type()));
    }
    if (!m_run.error_message().empty()) {
        error.append(fromUtf8(m_run.error_message()));
    }
    m_error->setText(error.join(QStringLiteral(": ")));
    m_error->setVisible(!error.isEmpty());
    m_strip->setTimes(RunText::phases(m_run));
    m_strip->setVisible(RunText::phases(m_run).total() > 0);
    m_fields->setFields({
        {tr("Request ID"), fromUtf8(m_run.request_id())},
        {tr("Arrived"), Format::fullTime(m_run.started_time())},
        {tr("Duration"), Format::duration(RunText::phases(m_run).total())},
        {tr("Billed"), Format::duration(m_run.billed_duration_ms() * 1000) + QStringLiteral(" · ") +
                           Format::gbSeconds(m_run.gb_seconds())},
        {tr("Memory"),
         m_run.memory_peak() > 0
             ? tr("%1 of %2").arg(Format::bytes(m_run.memory_peak()), Format::megabytes(m_run.memory_size()))
             : QString()},
        {tr("Start"), RunText::startKind(m_run)},
        {tr("Source"), RunText::source(m_run)},
        {tr("Source ARN"), fromUtf8(m_run.source_arn())},
        {tr("Attempt"), m_run.attempt() > 0 ? Format::count(m_run.attempt() + 1) : QString()},
        {tr("Instance"), fromUtf8(m_run.instance_id())},
        {tr("Request size"), Format::bytes(m_run.request_bytes())},
        {tr("Response size"), Format::bytes(m_run.response_bytes())},
    });
}

void InvocationDetail::setLog(const Result<api::LogBatch>& log) {
    if (!log) {
        m_log->setPlaceholderText(feedback::ErrorTexts::of(log.error()).whole());
        return;
    }
    QStringList lines;
    for (const auto& record : log->records()) {
        lines.append(text::Format::time(record.time()) + QStringLiteral("  ") + text::fromUtf8(record.message()));
    }
    m_log->setPlaceholderText(tr("This run wrote no log lines."));
    m_log->setPlainText(lines.join(QLatin1Char('\n')));
}

void InvocationDetail::retranslate() {
    m_logTitle->setText(tr("Log of this run"));
    m_log->setAccessibleName(tr("Log of this run"));
    m_showLogs->setText(tr("Show in logs"));
    m_showLogs->setToolTip(tr("All lines of this request on the logs page"));
    m_showFunction->setText(tr("Show function"));
    m_showFunction->setToolTip(tr("The function's page, to test or configure it"));
    m_copyId->setText(tr("Copy request ID"));
    for (auto* button : {m_showLogs, m_showFunction, m_copyId}) {
        button->setAccessibleName(button->text());
    }
    updateGeometry();
    showRun();
}

void InvocationDetail::changeEvent(QEvent* event) {
    QScrollArea::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::pages
