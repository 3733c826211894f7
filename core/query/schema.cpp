// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/schema.h"

#include "query/characters.h"

#include <algorithm>
#include <cassert>

namespace hanshu::query {
namespace {

constexpr std::size_t kChoiceLimit = 64;      // a set of them is one 64-bit word
constexpr std::size_t kSuggestionLimit = 64;  // longer words are no misspelt names

bool isNamed(std::string_view name, const std::string& own, const std::vector<std::string>& aliases) {
    return equalIgnoringCase(name, own) || std::any_of(aliases.begin(), aliases.end(), [&](const std::string& alias) {
               return equalIgnoringCase(name, alias);
           });
}

}  // namespace

std::string_view toText(FieldKind kind) noexcept {
    switch (kind) {
        case FieldKind::Text:
            return "text";
        case FieldKind::Keyword:
            return "keyword";
        case FieldKind::Number:
            return "number";
        case FieldKind::Duration:
            return "duration";
        case FieldKind::Bytes:
            return "bytes";
        case FieldKind::Time:
            return "time";
        case FieldKind::Enumeration:
            return "enumeration";
        case FieldKind::Boolean:
            return "boolean";
    }
    return "";
}

Schema::Schema(std::vector<Field> fields) : m_fields(std::move(fields)) {
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        const auto& field = m_fields[i];
        const auto id = static_cast<FieldId>(i);
        assert(isFieldName(field.name) && find(field.name) == id);
        assert((field.kind == FieldKind::Enumeration) == !field.choices.empty() &&
               field.choices.size() <= kChoiceLimit);
        if (field.kind == FieldKind::Time && !m_timeField) {
            m_timeField = id;
        }
        if (field.searched) {
            assert(field.kind == FieldKind::Text || field.kind == FieldKind::Keyword);
            m_searched.push_back(id);
        }
    }
}

std::optional<FieldId> Schema::find(std::string_view name) const {
    const auto found = std::find_if(m_fields.begin(), m_fields.end(),
                                    [&](const Field& field) { return isNamed(name, field.name, field.aliases); });
    if (found == m_fields.end()) {
        return std::nullopt;
    }
    return static_cast<FieldId>(found - m_fields.begin());
}

std::string Schema::nearest(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const auto& field : m_fields) {
        names.emplace_back(field.name);
        names.insert(names.end(), field.aliases.begin(), field.aliases.end());
    }
    if (m_timeField) {
        names.insert(names.end(), {"since", "until", "at"});
    }
    return nearestName(name, names);
}

std::optional<std::size_t> findChoice(const Field& field, std::string_view name) {
    const auto found = std::find_if(field.choices.begin(), field.choices.end(),
                                    [&](const Choice& choice) { return isNamed(name, choice.name, choice.aliases); });
    if (found == field.choices.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - field.choices.begin());
}

std::string nearestName(std::string_view name, const std::vector<std::string_view>& names) {
    if (name.size() > kSuggestionLimit) {
        return {};
    }
    // A third of the word may be wrong; of a word of two letters, nothing.
    auto best = std::max<std::size_t>(name.size() / 3, name.size() >= 3 ? 1 : 0) + 1;
    std::string_view nearest;
    for (const auto candidate : names) {
        // The beginning of a name is as good as one wrong letter.
        const bool begins = name.size() >= 2 && startsIgnoringCase(candidate, name);
        const auto distance = begins ? 1 : editDistance(name, candidate, best);
        if (distance < best) {
            best = distance;
            nearest = candidate;
        }
    }
    return std::string(nearest);
}

}  // namespace hanshu::query
