// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which log lines a request selects: its filter and its plain fields together. A value; any thread.
#pragma once

#include "base/result.h"
#include "logs/filter.h"
#include "query/query.h"
#include "services.pb.h"

#include <optional>

namespace hanshu::gateway {

class LogSelection {
public:
    // InvalidArgument for times that are none; the errors of query/source.h for the filter.
    [[nodiscard]] static Result<LogSelection> of(const api::LogSelection& asked, SystemTime now);

    // For stored lines; nothing where no line can be selected.
    [[nodiscard]] std::optional<logs::Filter> stored() const;
    // For a line that comes.
    [[nodiscard]] bool wants(const api::LogRecord& line) const;

private:
    query::Query m_query;
    std::string m_function;
    std::string m_request;
    std::string m_contains;
    SystemTime m_since = SystemTime::min();
    SystemTime m_until = SystemTime::max();
};

}  // namespace hanshu::gateway
