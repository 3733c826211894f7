// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/invocation_model.h"

#include "text/format.h"

namespace hanshu::pages {

namespace {

constexpr const char* kContext = "hanshu::pages::InvocationModel";

const table::Column kColumns[] = {
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Time"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "When the request arrived"), 120, "startedTime"},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Function"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "The function that ran"), 170, "functionName", false, true},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Status"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "How the run ended"), 150, "status"},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Duration"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "From arrival to answer"), 90, "durationUs", true},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Phases"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel",
                       "Where the time went: queue, schedule, sandbox start, init, run"),
     170, "phases"},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Start"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Cold: an instance had to be made for it"), 70, "coldStart"},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Source"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "What caused the run"), 150, "source"},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Memory"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "The most memory that the run used"), 90, "memoryPeak", true},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Billed"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Billed duration, in steps of 1 ms"), 80, "billedDurationMs",
     true},
    {QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Request ID"),
     QT_TRANSLATE_NOOP("hanshu::pages::InvocationModel", "Names the run in logs and answers"), 300, "requestId"},
};

}  // namespace

InvocationModel::InvocationModel(QObject* parent) : TableModel(kContext, kColumns, parent) {}

void InvocationModel::add(std::vector<api::Invocation> runs) {
    std::vector<InvocationRow> rows;
    rows.reserve(runs.size());
    for (auto& run : runs) {
        m_sequences.insert(run.sequence());
        rows.push_back({std::move(run)});
    }
    std::vector<qint64> gone;
    while (m_sequences.size() > kCapacity) {
        gone.push_back(*m_sequences.begin());
        m_sequences.erase(m_sequences.begin());
    }
    std::erase_if(rows, [this](const InvocationRow& row) { return !m_sequences.contains(row.key()); });
    update(std::move(rows), gone);
}

bool InvocationModel::less(const InvocationRow& a, const InvocationRow& b, int column) const {
    switch (column) {
        case Time:
            return a.run.started_time() < b.run.started_time();
        case Function:
            return a.run.function_name() < b.run.function_name();
        case Duration:
            return a.duration() < b.duration();
        case Phases:
            return a.run.run_us() < b.run.run_us();
        case Memory:
            return a.run.memory_peak() < b.run.memory_peak();
        case Billed:
            return a.run.billed_duration_ms() < b.run.billed_duration_ms();
        default:
            return TableModel::less(a, b, column);
    }
}

QVariant InvocationModel::cell(const InvocationRow& row, int column, int role) const {
    const auto& run = row.run;
    const bool value = role == table::ValueRole;
    const bool display = role == Qt::DisplayRole || role == Qt::AccessibleTextRole;
    if (role == Qt::ToolTipRole) {
        switch (column) {
            case Time:
                return text::Format::fullTime(run.started_time());
            case Status:
                return text::fromUtf8(run.error_message());
            case Phases:
                return RunText::phasesLine(RunText::phases(run));
            case Source:
                return text::fromUtf8(run.source_arn());
            default:
                return {};
        }
    }
    if (role == table::ToneRole) {
        return static_cast<int>(RunText::tone(run.status()));
    }
    if (role == table::PhasesRole) {
        return QVariant::fromValue(RunText::phases(run));
    }
    if (!value && !display) {
        return {};
    }
    switch (column) {
        case Time:
            return value ? QVariant(run.started_time()) : text::Format::time(run.started_time());
        case Function:
            return text::fromUtf8(run.function_name());
        case Status:
            return RunText::status(run.status());
        case Duration:
            return value ? QVariant(row.duration()) : text::Format::duration(row.duration());
        case Phases:
            // The strip draws it; only a screen reader gets the words.
            return role == Qt::AccessibleTextRole ? RunText::phasesLine(RunText::phases(run)) : QVariant();
        case Start:
            return RunText::startKind(run);
        case Source:
            return RunText::source(run);
        case Memory:
            if (value) {
                return run.memory_peak();
            }
            return run.memory_peak() > 0 ? text::Format::bytes(run.memory_peak()) : QString();
        case Billed:
            return value ? QVariant(run.billed_duration_ms()) : text::Format::duration(run.billed_duration_ms() * 1000);
        case Request:
            return text::fromUtf8(run.request_id());
        default:
            return {};
    }
}

}  // namespace hanshu::pages
