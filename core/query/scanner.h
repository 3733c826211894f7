// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads the pieces of a query's text from left to right: spaces, words, quotes, regular expressions. One thread.
#pragma once

#include "query/ast.h"

namespace hanshu::query {

class Scanner {
public:
    // `text` is valid UTF-8 and outlives the scanner.
    explicit Scanner(std::string_view text) noexcept : m_text(text) {}

    void skipSpace() noexcept;
    [[nodiscard]] bool atEnd() const noexcept { return m_at >= m_text.size(); }
    // At a space, a parenthesis or the end.
    [[nodiscard]] bool atBreak() const noexcept;
    [[nodiscard]] std::size_t position() const noexcept { return m_at; }
    void moveTo(std::size_t position) noexcept { m_at = position; }
    [[nodiscard]] char peek() const noexcept { return atEnd() ? '\0' : m_text[m_at]; }
    // Takes it when it stands here.
    bool take(char c) noexcept;
    // Takes the keyword when it stands here as a word of its own.
    bool takeKeyword(std::string_view keyword) noexcept;
    // Takes the name and the colon of a term with a field; nothing, and stays, where the term is free text.
    [[nodiscard]] std::optional<SourceRange> takeField() noexcept;
    [[nodiscard]] Operator takeOperator() noexcept;
    // A quoted text, a regular expression, or a word. `ofField`: a comma ends it.
    [[nodiscard]] Result<Operand> takeOperand(bool ofField);

private:
    [[nodiscard]] Result<Operand> takeQuoted();
    [[nodiscard]] Result<char> takeEscaped();
    [[nodiscard]] Result<Operand> takeRegex(bool ofField);
    [[nodiscard]] Result<Operand> takeWord(bool ofField);
    [[nodiscard]] bool endsOperand(std::size_t at, bool ofField) const noexcept;

    std::string_view m_text;
    std::size_t m_at = 0;
};

}  // namespace hanshu::query
