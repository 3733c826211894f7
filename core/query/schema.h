// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What can be asked for in one list: its fields with their kinds. Immutable once built; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::query {

enum class FieldKind {
    Text,         // prose: a value is contained in it, without regard to ASCII case
    Keyword,      // a name or an id: a value is all of it, byte for byte
    Number,       // double
    Duration,     // microseconds
    Bytes,        // a size
    Time,         // SystemTime
    Enumeration,  // one of `choices`
    Boolean,
};

// The stable name that errors carry as `kind`: text, keyword, number, duration, bytes, time, enumeration, boolean.
[[nodiscard]] std::string_view toText(FieldKind kind) noexcept;

struct Choice {
    std::string name;
    std::vector<std::string> aliases{};
};

struct Field {
    std::string name;  // isFieldName; found without regard to ASCII case
    FieldKind kind = FieldKind::Keyword;
    std::vector<std::string> aliases{};
    std::vector<Choice> choices{};  // Enumeration: 1 to 64, in ascending order where `ordered`
    bool ordered = false;           // Enumeration: `level:>=warn` and `level:info..error` have a meaning
    bool searched = false;          // Text, Keyword: free text looks in here
};

// The place of a field in its schema; records and mappings name fields by it.
using FieldId = std::uint16_t;

class Schema {
public:
    // Names and aliases are all different, and none is since, until or at: those stand for the first field of kind
    // Time.
    explicit Schema(std::vector<Field> fields);

    [[nodiscard]] const std::vector<Field>& fields() const noexcept { return m_fields; }
    [[nodiscard]] const Field& field(FieldId id) const { return m_fields.at(id); }
    // By name or alias.
    [[nodiscard]] std::optional<FieldId> find(std::string_view name) const;
    // The field that since:, until: and at: speak of.
    [[nodiscard]] std::optional<FieldId> timeField() const noexcept { return m_timeField; }
    // The ids of the fields that free text looks in.
    [[nodiscard]] const std::vector<FieldId>& searched() const noexcept { return m_searched; }
    // The name of a field, or since, until, at, that `name` was probably meant to be; empty when none is near.
    [[nodiscard]] std::string nearest(std::string_view name) const;

private:
    std::vector<Field> m_fields;
    std::vector<FieldId> m_searched;
    std::optional<FieldId> m_timeField;
};

// The index of the choice with this name or alias, without regard to ASCII case.
[[nodiscard]] std::optional<std::size_t> findChoice(const Field& field, std::string_view name);
// The one of `names` that `name` was probably meant to be; empty when none is near.
[[nodiscard]] std::string nearestName(std::string_view name, const std::vector<std::string_view>& names);

}  // namespace hanshu::query
