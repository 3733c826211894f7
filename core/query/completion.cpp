// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/completion.h"

#include "query/ast.h"
#include "query/characters.h"
#include "query/scanner.h"

#include <algorithm>
#include <array>

namespace hanshu::query {
namespace {

constexpr std::size_t kCompletionLimit = 50;  // more than a list shows
constexpr std::array<std::string_view, 3> kBoundaries{"since", "until", "at"};
constexpr std::array<std::string_view, 9> kMoments{"15m", "1h", "6h", "1d", "7d", "30d", "today", "yesterday", "now"};

// What is being written at the cursor.
struct Place {
    std::size_t start = 0;  // of the value, or of a word that may become a field
    std::optional<std::string> field{};
    bool bare = false;    // right behind the field's colon, where an operator may stand
    bool broken = false;  // within quotes or an expression that has not ended
};

Place placeAt(std::string_view before) {
    Scanner scanner(before);
    while (true) {
        scanner.skipSpace();
        if (scanner.atEnd()) {
            return {.start = before.size()};
        }
        if (scanner.take('(') || scanner.take(')') || scanner.take('-')) {
            continue;
        }
        Place place;
        auto op = Operator::Is;
        if (const auto name = scanner.takeField()) {
            place.field = std::string(name->of(before));
            op = scanner.takeOperator();
        }
        place.bare = place.field && op == Operator::Is;
        do {
            place.start = scanner.position();
            const auto operand = scanner.takeOperand(place.field.has_value());
            place.broken = !operand.has_value();
            if (place.broken || scanner.atEnd()) {
                return place;
            }
            place.bare = false;
        } while (place.field && scanner.take(','));
    }
}

// Where the word that the cursor stands in ends.
std::size_t wordEnd(std::string_view text, std::size_t at) {
    while (at < text.size() && std::string_view("(),\":").find(text[at]) == std::string_view::npos &&
           spaceLength(text, at) == 0) {
        at += characterLength(text, at);
    }
    return at;
}

class Completer {
public:
    Completer(std::string_view text, std::size_t cursor, const Place& place)
        : m_partial(text.substr(place.start, cursor - place.start)), m_range{place.start, 0} {
        auto end = wordEnd(text, cursor);
        if (!m_partial.empty() && m_partial.front() == '"') {
            m_partial.remove_prefix(1);
            const auto close = text.find('"', cursor);
            end = close == std::string_view::npos ? end : close + 1;
        }
        if (!place.field && end < text.size() && text[end] == ':') {
            ++end;
        }
        m_range.length = end - place.start;
    }

    [[nodiscard]] std::string_view partial() const noexcept { return m_partial; }

    // Keeps it when it goes on from what is there.
    void offer(Completion::Kind kind, std::string_view name, std::string text) {
        if (startsIgnoringCase(name, m_partial)) {
            m_found.push_back({m_range, std::move(text), kind});
        } else if (m_partial.size() >= 2 && lowerAscii(name).find(lowerAscii(m_partial)) != std::string::npos) {
            m_within.push_back({m_range, std::move(text), kind});
        }
    }

    std::vector<Completion> take() {
        m_found.insert(m_found.end(), m_within.begin(), m_within.end());
        m_found.resize(std::min(m_found.size(), kCompletionLimit));
        return std::move(m_found);
    }

private:
    std::string_view m_partial;
    SourceRange m_range;
    std::vector<Completion> m_found;   // begin with what is there
    std::vector<Completion> m_within;  // contain it
};

void offerFields(Completer& completer, const Schema& schema) {
    for (const auto& field : schema.fields()) {
        completer.offer(Completion::Kind::Field, field.name, field.name + ':');
    }
    if (schema.timeField()) {
        for (const auto name : kBoundaries) {
            completer.offer(Completion::Kind::Field, name, std::string(name) + ':');
        }
    }
    if (!completer.partial().empty()) {
        for (const std::string_view keyword : {"AND", "OR", "NOT"}) {
            completer.offer(Completion::Kind::Keyword, keyword, std::string(keyword) + ' ');
        }
    }
}

void offerValues(Completer& completer, const Schema& schema, FieldId id, bool bare, const RecentValues& values) {
    const auto& field = schema.field(id);
    for (const auto& choice : field.choices) {
        completer.offer(Completion::Kind::Choice, choice.name, toWord(choice.name));
    }
    if (field.kind == FieldKind::Boolean) {
        completer.offer(Completion::Kind::Choice, "true", "true");
        completer.offer(Completion::Kind::Choice, "false", "false");
    }
    const bool measured = field.kind == FieldKind::Number || field.kind == FieldKind::Duration ||
                          field.kind == FieldKind::Bytes || field.kind == FieldKind::Time;
    if (bare && (measured || field.ordered)) {
        for (const std::string_view op : {">", ">=", "<", "<="}) {
            completer.offer(Completion::Kind::Operator, op, std::string(op));
        }
    }
    if (field.kind == FieldKind::Time) {
        for (const auto moment : kMoments) {
            completer.offer(Completion::Kind::Time, moment, std::string(moment));
        }
    }
    if (values && field.choices.empty()) {
        for (const auto& value : values(id, completer.partial())) {
            completer.offer(Completion::Kind::Value, value, toWord(value));
        }
    }
}

}  // namespace

std::vector<Completion> complete(std::string_view text, std::size_t cursor, const Schema& schema,
                                 const RecentValues& values) {
    if (text.size() > kTextLimit) {
        return {};
    }
    cursor = std::min(cursor, text.size());
    while (cursor > 0 && cursor < text.size() && (static_cast<unsigned char>(text[cursor]) & 0xC0U) == 0x80U) {
        --cursor;
    }
    auto place = placeAt(text.substr(0, cursor));
    const auto opening = place.start < cursor ? text[place.start] : '\0';
    const bool isQuoted = opening == '"';
    if (opening == '/' || (isQuoted && !(place.field && place.broken))) {
        return {};
    }
    Completer completer(text, cursor, place);
    if (!place.field) {
        offerFields(completer, schema);
        return completer.take();
    }
    if (const auto id = schema.find(*place.field)) {
        offerValues(completer, schema, *id, place.bare, values);
        return completer.take();
    }
    const bool boundary = std::any_of(kBoundaries.begin(), kBoundaries.end(),
                                      [&](std::string_view name) { return equalIgnoringCase(name, *place.field); });
    if (boundary && schema.timeField()) {
        for (const auto moment : kMoments) {
            completer.offer(Completion::Kind::Time, moment, std::string(moment));
        }
    }
    return completer.take();
}

}  // namespace hanshu::query
