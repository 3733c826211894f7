// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Between the filter grammar, the stored lines, and lines as they cross the API. Values; any thread.
#pragma once

#include "invocation.pb.h"
#include "logs/filter.h"
#include "query/query.h"

namespace hanshu::telemetry {

// A stored line as it crosses the API.
[[nodiscard]] api::LogRecord recordOf(const logs::LineView& line);

// What a query over query::logSchema() asks of the stored lines: by the indexes where they serve, by the query itself
// for the rest. Nothing where no line can match. Keeps a copy of the query.
[[nodiscard]] std::optional<logs::Filter> filterOf(const query::Query& query);

// Whether a line, stored or as it crosses the API, matches a query over query::logSchema().
[[nodiscard]] bool matches(const query::Query& query, const logs::LineView& line);
[[nodiscard]] bool matches(const query::Query& query, const api::LogRecord& line);

}  // namespace hanshu::telemetry
