// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/log_selection.h"

#include "gateway/grpc_call.h"
#include "query/lists.h"
#include "telemetry/log_filter.h"

#include <algorithm>
#include <cmath>

namespace hanshu::gateway {
namespace {

// Unix time in ms as it crosses the API. Whatever the year 9999 does not reach is out of range.
Result<SystemTime> timeOf(std::string_view field, double milliseconds) {
    constexpr double kEndOfYears = 253402300800e3;
    if (!(milliseconds >= 0 && milliseconds < kEndOfYears)) {
        return invalidField(field, "must be a Unix time in milliseconds");
    }
    return SystemTime{std::chrono::microseconds{std::llround(milliseconds * 1000)}};
}

// False where the filter rules the value out.
bool narrow(logs::ValueFilter& filter, const std::string& value) {
    if (value.empty()) {
        return true;
    }
    if (!filter.isAny() && !filter.has(value)) {
        return false;
    }
    filter = {.anyOf = {value}, .accepts = {}};
    return true;
}

}  // namespace

Result<LogSelection> LogSelection::of(const api::LogSelection& asked, SystemTime now) {
    LogSelection selection;
    auto query = query::compile(asked.filter(), query::logSchema(),
                                {.now = now, .zone = asked.zone().empty() ? "UTC" : asked.zone()});
    HANSHU_TRY(query);
    selection.m_query = std::move(*query);
    if (asked.since() != 0) {
        const auto since = timeOf("since", asked.since());
        HANSHU_TRY(since);
        selection.m_since = *since;
    }
    if (asked.until() != 0) {
        const auto until = timeOf("until", asked.until());
        HANSHU_TRY(until);
        selection.m_until = *until;
    }
    selection.m_function = asked.function_name();
    selection.m_request = asked.request_id();
    selection.m_contains = asked.contains();
    return selection;
}

std::optional<logs::Filter> LogSelection::stored() const {
    auto filter = telemetry::filterOf(m_query);
    if (!filter || !narrow(filter->function, m_function) || !narrow(filter->requestId, m_request)) {
        return std::nullopt;
    }
    if (m_since > SystemTime::min()) {
        filter->since = filter->since ? std::max(*filter->since, m_since) : m_since;
    }
    if (m_until < SystemTime::max()) {
        // The filter's bound is the first moment that is not meant; a request's is the last that is.
        const auto until = m_until + std::chrono::microseconds(1);
        filter->until = filter->until ? std::min(*filter->until, until) : until;
    }
    if (!m_contains.empty()) {
        filter->text.push_back({m_contains});
        filter->predicate = [contains = m_contains,
                             further = std::move(filter->predicate)](const logs::LineView& line) {
            return line.message.find(contains) != std::string_view::npos && (!further || further(line));
        };
    }
    return filter;
}

bool LogSelection::wants(const api::LogRecord& line) const {
    const auto time = SystemTime{std::chrono::microseconds{std::llround(line.time() * 1000)}};
    return (m_function.empty() || m_function == line.function_name()) &&
           (m_request.empty() || m_request == line.request_id()) &&
           (m_contains.empty() || line.message().find(m_contains) != std::string::npos) && time >= m_since &&
           time <= m_until && telemetry::matches(m_query, line);
}

}  // namespace hanshu::gateway
