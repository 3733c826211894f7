// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The runs that the console knows, newest first by default, at most kCapacity. GUI thread.
#pragma once

#include "pages/invocations/run_text.h"
#include "table/table_model.h"

#include <set>

namespace hanshu::pages {

struct InvocationRow {
    api::Invocation run;
    [[nodiscard]] qint64 key() const { return run.sequence(); }
    [[nodiscard]] double duration() const { return RunText::phases(run).total(); }
};

class InvocationModel : public table::TableModel<InvocationRow> {
    Q_OBJECT

public:
    enum Column { Time, Function, Status, Duration, Phases, Start, Source, Memory, Billed, Request };

    explicit InvocationModel(QObject* parent = nullptr);
    // Adds runs; the oldest beyond the capacity go.
    void add(std::vector<api::Invocation> runs);
    [[nodiscard]] qint64 newest() const { return m_sequences.empty() ? 0 : *m_sequences.rbegin(); }
    [[nodiscard]] bool isFull() const { return m_sequences.size() >= kCapacity; }

    // As many runs as a person scrolls through; the server finds older ones.
    static constexpr std::size_t kCapacity = 20'000;

protected:
    [[nodiscard]] QVariant cell(const InvocationRow& row, int column, int role) const override;
    [[nodiscard]] bool less(const InvocationRow& a, const InvocationRow& b, int column) const override;

private:
    std::set<qint64> m_sequences;
};

}  // namespace hanshu::pages
