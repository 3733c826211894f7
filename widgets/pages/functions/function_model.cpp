// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/functions/function_model.h"

#include "pages/invocations/run_text.h"
#include "text/format.h"

#include <google/protobuf/util/message_differencer.h>

namespace hanshu::pages {

namespace {

constexpr const char* kContext = "hanshu::pages::FunctionModel";

const table::Column kColumns[] = {
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Name"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "The function's name"), 210, "functionName", false, true},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Last run"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "How the newest known run ended"), 145, "lastRunStatus"},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Ran"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "When the newest known run arrived"), 110, "lastRunTime"},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Runtime"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "What runs the code"), 110, "runtime"},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Memory"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "The most memory that an instance may use"), 90, "memorySize",
     true},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Timeout"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "The longest that a run may take"), 85, "timeout", true},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Code"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Size of the code package"), 85, "codeSize", true},
    {QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "Changed"),
     QT_TRANSLATE_NOOP("hanshu::pages::FunctionModel", "When the function was last changed"), 120, "lastModifiedTime"},
};

}  // namespace

FunctionModel::FunctionModel(QObject* parent) : TableModel(kContext, kColumns, parent) {}

void FunctionModel::put(const std::vector<api::Function>& functions, const std::vector<std::string>& gone) {
    std::vector<FunctionRow> rows;
    for (const auto& function : functions) {
        FunctionRow row;
        row.function = function;
        row.modified = text::Format::parseTime(function.last_modified_time());
        const auto run = m_lastRuns.find(function.function_name());
        if (run != m_lastRuns.end()) {
            row.lastRun = run->second;
        }
        rows.push_back(std::move(row));
    }
    for (const auto& name : gone) {
        m_lastRuns.erase(name);
    }
    update(std::move(rows), gone);
}

void FunctionModel::noteRuns(const std::vector<api::Invocation>& runs) {
    std::unordered_map<std::string, FunctionRow> changed;
    for (const auto& run : runs) {
        auto& known = m_lastRuns[run.function_name()];
        if (run.sequence() <= known.sequence) {
            continue;
        }
        known = {run.status(), run.started_time(), run.sequence()};
        if (const auto* row = find(run.function_name())) {
            auto& next = changed.try_emplace(run.function_name(), *row).first->second;
            next.lastRun = known;
        }
    }
    std::vector<FunctionRow> rows;
    for (auto& [name, row] : changed) {
        rows.push_back(std::move(row));
    }
    update(std::move(rows));
}

bool FunctionModel::same(const FunctionRow& a, const FunctionRow& b) const {
    const auto sequence = [](const FunctionRow& row) { return row.lastRun ? row.lastRun->sequence : 0; };
    return sequence(a) == sequence(b) && google::protobuf::util::MessageDifferencer::Equals(a.function, b.function);
}

QVariant FunctionModel::cell(const FunctionRow& row, int column, int role) const {
    const auto& function = row.function;
    const bool value = role == table::ValueRole;
    if (role == Qt::ToolTipRole) {
        switch (column) {
            case Name:
                return text::fromUtf8(function.description());
            case Ran:
                return text::Format::fullTime(row.lastRun ? row.lastRun->time : 0);
            case Modified:
                return text::Format::fullTime(row.modified);
            default:
                return {};
        }
    }
    if (role == table::ToneRole && row.lastRun) {
        return static_cast<int>(RunText::tone(row.lastRun->status));
    }
    if (!value && role != Qt::DisplayRole && role != Qt::AccessibleTextRole) {
        return {};
    }
    const auto now = static_cast<double>(QDateTime::currentMSecsSinceEpoch());
    switch (column) {
        case Name:
            return text::fromUtf8(function.function_name());
        case Last:
            return row.lastRun ? RunText::status(row.lastRun->status) : QString();
        case Ran:
            if (value) {
                return row.lastRun ? row.lastRun->time : 0.0;
            }
            return text::Format::elapsed(row.lastRun ? row.lastRun->time : 0, now);
        case Runtime:
            return text::fromUtf8(function.runtime());
        case Memory:
            return value ? QVariant(function.memory_size()) : text::Format::megabytes(function.memory_size());
        case Timeout:
            return value ? QVariant(function.timeout()) : text::Format::duration(function.timeout() * 1e6);
        case Code:
            return value ? QVariant(function.code_size()) : text::Format::bytes(function.code_size());
        case Modified:
            return value ? QVariant(row.modified) : text::Format::elapsed(row.modified, now);
        default:
            return {};
    }
}

}  // namespace hanshu::pages
