// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/log_filter.h"

#include "base/time_format.h"
#include "query/lists.h"
#include "query/record.h"

#include <algorithm>
#include <cmath>

namespace hanshu::telemetry {
namespace {

using query::FieldId;
using query::Literals;
using query::Value;
namespace field = query::log_field;

class StoredLine final : public query::Record {
public:
    explicit StoredLine(const logs::LineView& line) : m_line(line) {}

    [[nodiscard]] Value value(FieldId id) const override {
        switch (id) {
            case field::kTime:
                return Value::time(m_line.time);
            case field::kLevel:
                return Value::choice(static_cast<std::size_t>(m_line.level));
            case field::kFunction:
                return Value::text(m_line.function);
            case field::kQualifier:
                return Value::text(m_line.qualifier);
            case field::kInstance:
                return orAbsent(m_line.instance);
            case field::kRequest:
                return orAbsent(m_line.requestId);
            case field::kStream:
                return Value::choice(static_cast<std::size_t>(m_line.stream));
            case field::kMessage:
                return Value::text(m_line.message);
            default:
                return {};
        }
    }

    static Value orAbsent(std::string_view text) { return text.empty() ? Value() : Value::text(text); }

private:
    const logs::LineView& m_line;
};

// The value that an index has for a field.
Value indexed(FieldId id, std::string_view text) {
    return id == field::kInstance || id == field::kRequest ? StoredLine::orAbsent(text) : Value::text(text);
}

logs::ValueFilter valuesOf(const query::Query& query, FieldId id) {
    logs::ValueFilter filter;
    if (auto only = query.onlyValues(id)) {
        filter.anyOf = std::move(*only);
        std::erase_if(filter.anyOf, [&](const std::string& value) { return !query.allows(id, indexed(id, value)); });
    } else if (query.mentions(id)) {
        filter.accepts = [query, id](std::string_view value) { return query.allows(id, indexed(id, value)); };
    }
    return filter;
}

template <std::size_t Count>
std::uint32_t choicesOf(const query::Query& query, FieldId id) {
    std::uint32_t set = 0;
    for (std::size_t i = 0; i < Count; ++i) {
        set |= query.allows(id, Value::choice(i)) ? 1U << i : 0U;
    }
    return set;
}

std::string longestOf(const Literals& literals);

// Of several that must all be there, the longest finds the fewest blocks.
std::string longestOf(const std::vector<Literals>& parts) {
    std::string longest;
    for (const auto& part : parts) {
        auto text = longestOf(part);
        longest = text.size() > longest.size() ? std::move(text) : std::move(longest);
    }
    return longest;
}

// A text that must be there; empty where one of several is enough.
std::string longestOf(const Literals& literals) {
    switch (literals.kind) {
        case Literals::Kind::Contains:
            return literals.text;
        case Literals::Kind::All:
            return longestOf(literals.parts);
        case Literals::Kind::Anything:
        case Literals::Kind::Any:
            break;
    }
    return {};
}

// Groups of which one text each must be there.
void addGroups(const Literals& literals, std::vector<std::vector<std::string>>& groups) {
    switch (literals.kind) {
        case Literals::Kind::Anything:
            return;
        case Literals::Kind::Contains:
            groups.push_back({literals.text});
            return;
        case Literals::Kind::All:
            for (const auto& part : literals.parts) {
                addGroups(part, groups);
            }
            return;
        case Literals::Kind::Any:
            break;
    }
    std::vector<std::string> group;
    for (const auto& part : literals.parts) {
        group.push_back(longestOf(part));
    }
    if (std::ranges::none_of(group, &std::string::empty)) {
        groups.push_back(std::move(group));
    }
}

}  // namespace

api::LogRecord recordOf(const logs::LineView& line) {
    api::LogRecord record;
    record.set_sequence(static_cast<std::int64_t>(line.sequence));
    record.set_time(unixMilliseconds(line.time));
    record.set_function_name(std::string(line.function));
    record.set_qualifier(std::string(line.qualifier));
    record.set_instance_id(std::string(line.instance));
    record.set_request_id(std::string(line.requestId));
    record.set_level(std::string(nameOf(line.level)));
    record.set_stream(std::string(nameOf(line.stream)));
    record.set_message(std::string(line.message));
    return record;
}

std::optional<logs::Filter> filterOf(const query::Query& query) {
    const auto times = query.times();
    logs::Filter filter;
    filter.levels = choicesOf<logs::kLevels>(query, field::kLevel);
    filter.streams = choicesOf<logs::kStreams>(query, field::kStream);
    if (times.empty() || filter.levels == 0 || filter.streams == 0 || query.matchesNothing()) {
        return std::nullopt;
    }
    if (times.front().from > SystemTime::min()) {
        filter.since = times.front().from;
    }
    if (times.back().until < SystemTime::max()) {
        filter.until = times.back().until;
    }
    for (const auto& [id, values] : {std::pair{field::kFunction, &filter.function},
                                     {field::kQualifier, &filter.qualifier},
                                     {field::kInstance, &filter.instance},
                                     {field::kRequest, &filter.requestId}}) {
        *values = valuesOf(query, id);
        if (values->anyOf.empty() && query.onlyValues(id)) {
            return std::nullopt;
        }
    }
    addGroups(query.required(field::kMessage), filter.text);
    const bool decided =
        times.size() == 1 && query.isDecidedBy({field::kTime, field::kLevel, field::kFunction, field::kQualifier,
                                                field::kInstance, field::kRequest, field::kStream});
    if (!decided) {
        filter.predicate = [query](const logs::LineView& line) { return matches(query, line); };
    }
    return filter;
}

bool matches(const query::Query& query, const logs::LineView& line) {
    return query.matches(StoredLine(line));
}

bool matches(const query::Query& query, const api::LogRecord& line) {
    logs::LineView view;
    view.time = SystemTime{std::chrono::microseconds{std::llround(line.time() * 1000)}};
    view.function = line.function_name();
    view.qualifier = line.qualifier();
    view.instance = line.instance_id();
    view.requestId = line.request_id();
    view.level = logs::levelOf(line.level());
    view.stream = logs::streamOf(line.stream());
    view.message = line.message();
    return matches(query, view);
}

}  // namespace hanshu::telemetry
