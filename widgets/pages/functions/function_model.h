// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The functions of the runtime, each with how its last run went. GUI thread.
#pragma once

#include "function.pb.h"
#include "invocation.pb.h"
#include "table/table_model.h"

#include <optional>

namespace hanshu::pages {

struct LastRun {
    std::string status;
    double time = 0;  // Unix ms
    qint64 sequence = 0;
};

struct FunctionRow {
    api::Function function;
    double modified = 0;  // Unix ms
    std::optional<LastRun> lastRun;
    [[nodiscard]] const std::string& key() const { return function.function_name(); }
};

class FunctionModel : public table::TableModel<FunctionRow> {
    Q_OBJECT

public:
    enum Column { Name, Last, Ran, Runtime, Memory, Timeout, Code, Modified };

    explicit FunctionModel(QObject* parent = nullptr);
    // Adds or replaces functions; what is known of their runs stays.
    void put(const std::vector<api::Function>& functions, const std::vector<std::string>& gone = {});
    void noteRuns(const std::vector<api::Invocation>& runs);

protected:
    [[nodiscard]] QVariant cell(const FunctionRow& row, int column, int role) const override;
    [[nodiscard]] bool same(const FunctionRow& a, const FunctionRow& b) const override;

private:
    // Of functions that are not there (yet), too: runs may be known first.
    std::unordered_map<std::string, LastRun> m_lastRuns;
};

}  // namespace hanshu::pages
