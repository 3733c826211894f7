// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/scanner.h"

#include "query/characters.h"

#include <charconv>

namespace hanshu::query {

void Scanner::skipSpace() noexcept {
    while (const auto length = spaceLength(m_text, m_at)) {
        m_at += length;
    }
}

bool Scanner::atBreak() const noexcept {
    return atEnd() || peek() == '(' || peek() == ')' || spaceLength(m_text, m_at) > 0;
}

bool Scanner::take(char c) noexcept {
    if (atEnd() || m_text[m_at] != c) {
        return false;
    }
    ++m_at;
    return true;
}

bool Scanner::takeKeyword(std::string_view keyword) noexcept {
    if (m_text.substr(m_at, keyword.size()) != keyword) {
        return false;
    }
    const auto start = m_at;
    m_at += keyword.size();
    if (!atBreak()) {
        m_at = start;
        return false;
    }
    return true;
}

std::optional<SourceRange> Scanner::takeField() noexcept {
    // A name is short, so that looking for its colon again and again costs no more than the text.
    const auto colon = m_text.substr(m_at, 65).find(':');
    if (colon == std::string_view::npos || !isFieldName(m_text.substr(m_at, colon))) {
        return std::nullopt;
    }
    if (m_text.substr(m_at + colon + 1, 2) == "//") {
        return std::nullopt;  // an address: no value begins so
    }
    const SourceRange name{m_at, colon};
    m_at += colon + 1;
    return name;
}

Operator Scanner::takeOperator() noexcept {
    if (take('>')) {
        return take('=') ? Operator::GreaterEqual : Operator::Greater;
    }
    if (take('<')) {
        return take('=') ? Operator::LessEqual : Operator::Less;
    }
    return take('=') ? Operator::Equal : Operator::Is;
}

Result<Operand> Scanner::takeOperand(bool ofField) {
    switch (peek()) {
        case '"':
            return takeQuoted();
        case '/':
            return takeRegex(ofField);
        default:
            return takeWord(ofField);
    }
}

Result<Operand> Scanner::takeQuoted() {
    Operand operand{.form = Operand::Form::Quoted};
    const auto start = m_at++;
    while (!atEnd()) {
        const char c = m_text[m_at];
        if (c == '\\' && m_at + 1 < m_text.size()) {
            auto escaped = takeEscaped();
            if (!escaped) {
                return fail(std::move(escaped.error()));
            }
            operand.text += *escaped;
            continue;
        }
        ++m_at;
        if (c == '"') {
            operand.range = {start, m_at - start};
            return operand;
        }
        operand.text += c;
    }
    return failAt({start, m_text.size() - start}, reason::kUnterminatedQuote);
}

// The character that a backslash and what follows it stand for.
Result<char> Scanner::takeEscaped() {
    constexpr std::string_view kNames = "\"\\nrt";
    constexpr std::string_view kMeanings = "\"\\\n\r\t";
    const auto start = m_at++;
    const auto known = kNames.find(m_text[m_at]);
    if (known != std::string_view::npos) {
        ++m_at;
        return kMeanings[known];
    }
    if (m_text[m_at] == 'x') {
        const auto digits = m_text.substr(m_at + 1, 2);
        unsigned value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        // Beyond ASCII a byte is no character of UTF-8.
        if (error == std::errc{} && digits.size() == 2 && end == digits.data() + 2 && value < 0x80U) {
            m_at += 3;
            return static_cast<char>(value);
        }
    }
    const SourceRange where{start, 1 + characterLength(m_text, m_at)};
    return failAt(where, reason::kBadEscape, {{"escape", std::string(where.of(m_text))}});
}

bool Scanner::endsOperand(std::size_t at, bool ofField) const noexcept {
    return at >= m_text.size() || m_text[at] == ')' || m_text[at] == '(' || (ofField && m_text[at] == ',') ||
           spaceLength(m_text, at) > 0;
}

Result<Operand> Scanner::takeRegex(bool ofField) {
    Operand operand{.form = Operand::Form::Regex};
    const auto start = m_at++;
    while (!atEnd()) {
        const char c = m_text[m_at];
        if (c == '\\' && m_at + 1 < m_text.size()) {
            // RE2 takes an escaped slash for a slash.
            operand.text.append(m_text.substr(m_at, 2));
            m_at += 2;
            continue;
        }
        ++m_at;
        if (c == '/') {
            const bool flag = peek() == 'i';
            if (endsOperand(m_at + (flag ? 1U : 0U), ofField)) {
                m_at += flag ? 1U : 0U;
                operand.ignoreCase = flag;
                operand.range = {start, m_at - start};
                return operand;
            }
        }
        operand.text += c;
    }
    return failAt({start, m_text.size() - start}, reason::kUnterminatedRegex);
}

Result<Operand> Scanner::takeWord(bool ofField) {
    Operand operand;
    const auto start = m_at;
    while (!endsOperand(m_at, ofField) && peek() != '"') {
        if (peek() == '\\') {
            if (m_at + 1 >= m_text.size()) {
                return failAt({m_at, 1}, reason::kBadEscape, {{"escape", "\\"}});
            }
            ++m_at;
        } else if (peek() == '*' || peek() == '?') {
            operand.wildcards.push_back(operand.text.size());
        }
        const auto length = characterLength(m_text, m_at);
        operand.text.append(m_text.substr(m_at, length));
        m_at += length;
    }
    operand.range = {start, m_at - start};
    if (operand.wildcards.size() == 1 && operand.text == "*") {
        operand = {.form = Operand::Form::Present, .range = operand.range};
    }
    return operand;
}

}  // namespace hanshu::query
