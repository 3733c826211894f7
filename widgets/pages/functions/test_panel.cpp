// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/test_panel.h"

#include "feedback/error_text.h"
#include "pages/badge_label.h"
#include "pages/field_list.h"
#include "pages/invocations/phase_strip.h"
#include "text/format.h"
#include "theme/icon.h"

#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonParseError>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QVBoxLayout>

namespace hanshu::pages {

namespace {

const auto kSplitterKey = QStringLiteral("splitters/test");
constexpr const char* kFirstPayload = "{\n  \"key\": \"value\"\n}";
// Larger payloads belong into a file; settings stay small.
constexpr qsizetype kMostRemembered = 64 * 1024;
constexpr int kTickMs = 100;

QPlainTextEdit* monospace(bool readOnly) {
    auto* edit = new QPlainTextEdit;
    edit->setReadOnly(readOnly);
    edit->setTabChangesFocus(true);
    QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    font.setPointSizeF(edit->font().pointSizeF());
    edit->setFont(font);
    return edit;
}

// Valid JSON with line breaks and indentation; keys stay in their order and numbers as they were written.
QString indented(const QString& json) {
    constexpr int kStep = 2;
    QString out;
    int depth = 0;
    bool quoted = false;
    const auto newLine = [&] { out += QLatin1Char('\n') + QString(kStep * depth, QLatin1Char(' ')); };
    for (qsizetype i = 0; i < json.size(); ++i) {
        const QChar c = json[i];
        const bool escaped = quoted && c == QLatin1Char('\\');
        if (c == QLatin1Char('"')) {
            quoted = !quoted;
        }
        if (quoted || c == QLatin1Char('"')) {
            out += c;
            if (escaped) {
                out += json[++i];
            }
        } else if (c == QLatin1Char('{') || c == QLatin1Char('[')) {
            qsizetype next = i + 1;
            while (json[next].isSpace()) {
                ++next;
            }
            out += c;
            if (json[next] == QLatin1Char('}') || json[next] == QLatin1Char(']')) {
                out += json[next];
                i = next;
            } else {
                ++depth;
                newLine();
            }
        } else if (c == QLatin1Char('}') || c == QLatin1Char(']')) {
            --depth;
            newLine();
            out += c;
        } else if (c == QLatin1Char(',')) {
            out += c;
            newLine();
        } else if (c == QLatin1Char(':')) {
            out += QStringLiteral(": ");
        } else if (!c.isSpace()) {
            out += c;
        }
    }
    return out;
}

// JSON is shown indented, anything else as it is; bytes that are no text as what they are.
QString readable(const std::string& payload) {
    const auto bytes = QByteArray::fromStdString(payload);
    QJsonParseError error;
    QJsonDocument::fromJson(bytes, &error);
    auto text = QString::fromUtf8(bytes);
    if (error.error == QJsonParseError::NoError) {
        return indented(text);
    }
    if (text.contains(QChar(QChar::ReplacementCharacter)) || bytes.contains('\0')) {
        constexpr qsizetype kShown = 4096;
        return QString::fromLatin1(bytes.left(kShown).toHex(' ')) +
               (bytes.size() > kShown ? QStringLiteral(" …") : QString());
    }
    return text;
}

}  // namespace

TestPanel::TestPanel(QWidget* parent)
    : QWidget(parent),
      m_splitter(new QSplitter(Qt::Vertical)),
      m_payloadTitle(sectionTitle(nullptr)),
      m_payload(monospace(false)),
      m_run(new QPushButton),
      m_cancel(new QPushButton),
      m_outcome(new QWidget),
      m_status(new BadgeLabel),
      m_facts(new QLabel),
      m_strip(new PhaseStrip),
      m_resultTitle(sectionTitle(nullptr)),
      m_result(monospace(true)),
      m_logTitle(sectionTitle(nullptr)),
      m_log(monospace(true)) {
    m_run->setProperty("primary", true);
    m_run->setIcon(theme::iconOnAccent(QStringLiteral("run")));
    m_cancel->setIcon(theme::icon(QStringLiteral("stop")));
    m_cancel->hide();
    m_log->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_facts->setProperty("muted", true);
    m_facts->setWordWrap(true);
    m_facts->setTextFormat(Qt::PlainText);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_tick.setInterval(kTickMs);
    connect(&m_tick, &QTimer::timeout, this, &TestPanel::showResult);
    connect(m_run, &QPushButton::clicked, this, &TestPanel::run);
    connect(m_cancel, &QPushButton::clicked, this, &TestPanel::cancelWanted);
    for (const auto key : {Qt::Key_Return, Qt::Key_Enter}) {
        auto* shortcut =
            new QShortcut(QKeySequence(Qt::CTRL | key), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, &TestPanel::run);
    }

    auto* input = new QWidget;
    auto* inputColumn = new QVBoxLayout(input);
    inputColumn->setContentsMargins(18, 12, 18, 10);
    auto* inputHead = new QHBoxLayout;
    inputHead->addWidget(m_payloadTitle);
    inputHead->addStretch(1);
    inputHead->addWidget(m_cancel);
    inputHead->addWidget(m_run);
    inputColumn->addLayout(inputHead);
    inputColumn->addWidget(m_payload, 1);

    auto* outcomeColumn = new QVBoxLayout(m_outcome);
    outcomeColumn->setContentsMargins(18, 12, 18, 14);
    outcomeColumn->setSpacing(8);
    auto* head = new QHBoxLayout;
    head->setSpacing(10);
    head->addWidget(m_status, 0, Qt::AlignTop);
    head->addWidget(m_facts, 1);
    outcomeColumn->addLayout(head);
    outcomeColumn->addWidget(m_strip);
    outcomeColumn->addWidget(m_resultTitle);
    outcomeColumn->addWidget(m_result, 1);
    outcomeColumn->addWidget(m_logTitle);
    outcomeColumn->addWidget(m_log, 1);
    outcomeColumn->addStretch(0);

    m_splitter->addWidget(input);
    m_splitter->addWidget(m_outcome);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({190, 420});
    m_splitter->restoreState(QSettings().value(kSplitterKey).toByteArray());
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_splitter);
    retranslate();
}

void TestPanel::setFunction(const QString& name) {
    rememberPayload();
    m_function = name;
    m_running = false;
    m_reply.reset();
    m_tick.stop();
    m_payload->setPlainText(
        QSettings().value(QStringLiteral("payloads/%1").arg(name), QString::fromLatin1(kFirstPayload)).toString());
    showResult();
}

void TestPanel::rememberPayload() const {
    const QString payload = m_payload->toPlainText();
    if (!m_function.isEmpty() && payload != QLatin1String(kFirstPayload) && payload.size() <= kMostRemembered) {
        QSettings().setValue(QStringLiteral("payloads/%1").arg(m_function), payload);
    }
}

void TestPanel::saveState() const {
    rememberPayload();
    QSettings().setValue(kSplitterKey, m_splitter->saveState());
}

void TestPanel::setPayload(const QString& payload) {
    m_payload->setPlainText(payload);
}

void TestPanel::run() {
    if (!m_running && !m_function.isEmpty()) {
        Q_EMIT runWanted(m_payload->toPlainText().toUtf8());
    }
}

void TestPanel::showRunning() {
    m_running = true;
    m_reply.reset();
    m_since.start();
    m_tick.start();
    showResult();
}

void TestPanel::showReply(const Result<api::InvokeReply>& reply) {
    m_running = false;
    m_tick.stop();
    m_reply = reply;
    showResult();
}

void TestPanel::showResult() {
    using text::Format;
    m_run->setEnabled(!m_running);
    m_cancel->setVisible(m_running);
    const bool answered = m_reply && m_reply->has_value();
    for (auto* widget : std::initializer_list<QWidget*>{m_resultTitle, m_result, m_logTitle, m_log}) {
        widget->setVisible(answered);
    }
    m_strip->setVisible(false);
    if (m_running) {
        m_status->setBadge(theme::Tone::Info, tr("Running"));
        m_facts->setText(Format::duration(static_cast<double>(m_since.nsecsElapsed()) / 1000));
        return;
    }
    if (!m_reply) {
        m_status->setBadge(theme::Tone::Neutral, {});
        m_facts->setText(tr("Run the function to see its result, log and timings here."));
        return;
    }
    if (!answered) {
        const auto& error = m_reply->error();
        const bool cancelled = error.code == Code::Cancelled;
        m_status->setBadge(cancelled ? theme::Tone::Neutral : theme::Tone::Danger,
                           cancelled ? tr("Cancelled") : tr("Did not run"));
        m_facts->setText(feedback::ErrorTexts::of(error).whole());
        return;
    }
    const auto& reply = **m_reply;
    const auto& run = reply.invocation();
    m_status->setBadge(RunText::tone(run.status()), RunText::status(run.status()));
    QStringList facts{tr("%1 in all").arg(Format::duration(RunText::phases(run).total())),
                      tr("billed %1").arg(Format::duration(run.billed_duration_ms() * 1000)), RunText::startKind(run)};
    if (run.memory_peak() > 0) {
        facts.append(tr("%1 of %2").arg(Format::bytes(run.memory_peak()), Format::megabytes(run.memory_size())));
    }
    m_facts->setText(facts.join(QStringLiteral(" · ")) + QLatin1Char('\n') + text::fromUtf8(reply.request_id()));
    m_strip->setTimes(RunText::phases(run));
    m_strip->setVisible(RunText::phases(run).total() > 0);
    m_result->setPlainText(readable(reply.payload()));
    m_log->setPlainText(text::fromUtf8(reply.log_tail()).trimmed());
    m_log->verticalScrollBar()->setValue(m_log->verticalScrollBar()->maximum());
}

QString TestPanel::resultText() const {
    return m_result->toPlainText();
}

QString TestPanel::logText() const {
    return m_log->toPlainText();
}

QString TestPanel::statusText() const {
    return m_status->text();
}

void TestPanel::retranslate() {
    m_payloadTitle->setText(tr("Payload"));
    m_payload->setAccessibleName(tr("Payload"));
    m_payload->setPlaceholderText(tr("What the function gets as its event, usually JSON"));
    m_run->setText(tr("Run"));
    m_run->setAccessibleName(tr("Run"));
    m_run->setToolTip(tr("Runs the function with this payload and waits for its result (Ctrl+Enter)"));
    m_cancel->setText(tr("Cancel"));
    m_cancel->setAccessibleName(tr("Cancel the run"));
    m_cancel->setToolTip(tr("Stops waiting and ends the run"));
    m_resultTitle->setText(tr("Result"));
    m_result->setAccessibleName(tr("Result"));
    m_result->setPlaceholderText(tr("The function returned nothing."));
    m_logTitle->setText(tr("Log tail"));
    m_log->setAccessibleName(tr("Log tail"));
    m_log->setPlaceholderText(tr("No log was returned."));
    showResult();
}

void TestPanel::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
}

}  // namespace hanshu::pages
