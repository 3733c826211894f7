// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A run as the filter grammar sees it. Values; any thread.
#pragma once

#include "invocation.pb.h"
#include "query/record.h"

namespace hanshu::store {

// Over query::runSchema(). Outlived by the run.
class RunRecord final : public query::Record {
public:
    explicit RunRecord(const api::Invocation& run) : m_run(run) {}
    [[nodiscard]] query::Value value(query::FieldId field) const override;

private:
    const api::Invocation& m_run;
};

}  // namespace hanshu::store
