// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The fields and records that the tests of the grammar speak of: the runs of functions.
#pragma once

#include "query/query.h"

#include <array>
#include <map>
#include <optional>
#include <string>

namespace hanshu::query::tests {

enum RunField : FieldId { Status, Level, Function, Trigger, Message, Elapsed, Memory, Count, Cold, When, FieldCount };

inline const Schema& runSchema() {
    static const Schema schema({
        {.name = "status",
         .kind = FieldKind::Enumeration,
         .choices = {{"ok", {"success"}}, {"error"}, {"timeout"}, {"throttled"}}},
        {.name = "level",
         .kind = FieldKind::Enumeration,
         .aliases = {"severity"},
         .choices = {{"debug"}, {"info"}, {"warn", {"warning"}}, {"error"}, {"fatal"}},
         .ordered = true},
        {.name = "function", .kind = FieldKind::Keyword, .aliases = {"fn"}},
        {.name = "trigger", .kind = FieldKind::Keyword, .searched = true},
        {.name = "message", .kind = FieldKind::Text, .aliases = {"msg"}, .searched = true},
        {.name = "duration", .kind = FieldKind::Duration},
        {.name = "memory", .kind = FieldKind::Bytes},
        {.name = "count", .kind = FieldKind::Number},
        {.name = "cold", .kind = FieldKind::Boolean},
        {.name = "time", .kind = FieldKind::Time},
    });
    return schema;
}

// 2026-11-22T10:30:15.500Z
inline SystemTime testNow() {
    return SystemTime{std::chrono::microseconds{1'795'343'415'500'000}};
}

inline Options testOptions(std::string zone = "UTC") {
    return {.now = testNow(), .zone = std::move(zone)};
}

// A record that owns its values; a field that is not set is absent.
class Run final : public Record {
public:
    Run& text(FieldId field, std::string value) {
        m_texts.at(field) = std::move(value);
        return *this;
    }
    // Any kind that holds no text.
    Run& set(FieldId field, Value value) {
        m_values.at(field) = value;
        return *this;
    }
    [[nodiscard]] Value value(FieldId field) const override {
        const auto& text = m_texts.at(field);
        return text ? Value::text(*text) : m_values.at(field);
    }
    [[nodiscard]] const std::optional<std::string>& textOf(FieldId field) const { return m_texts.at(field); }

private:
    std::array<std::optional<std::string>, FieldCount> m_texts;
    std::array<Value, FieldCount> m_values{};
};

}  // namespace hanshu::query::tests
