// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Gives one term its meaning: the fields it speaks of, its values by their kinds. Used by one compilation; one thread.
#pragma once

#include "query/expression.h"
#include "query/time_reader.h"

namespace hanshu::query {

class TermCompiler {
public:
    TermCompiler(const Schema& schema, TimeReader times) : m_schema(schema), m_times(std::move(times)) {}

    // What the term asks. `required`: the whole query asks for it, so that it may not contradict another such term.
    [[nodiscard]] Result<Expression> compile(const Term& term, bool required);

private:
    struct Target {
        FieldId id = 0;
        const Field* field = nullptr;
        const Term* term = nullptr;
        [[nodiscard]] bool compares() const noexcept;
        // From the field's name to the end of the operator, which stands right behind the colon.
        [[nodiscard]] SourceRange operatorRange() const noexcept;
        [[nodiscard]] ErrorParams params(const Operand* value = nullptr) const;
    };
    struct Bound {
        SystemTime time;
        std::string text;
    };

    [[nodiscard]] Result<Expression> freeText(const Operand& operand) const;
    [[nodiscard]] Result<Expression> boundary(const Term& term, bool required);
    [[nodiscard]] Result<void> inOrder(bool since, const TimeSpan& span, const Operand& operand);
    [[nodiscard]] static Result<void> checkForm(const Target& target);
    [[nodiscard]] Result<Expression> anyOf(const Target& target) const;
    [[nodiscard]] Result<Expression> textValue(const Target& target, const Operand& operand) const;
    [[nodiscard]] static Result<std::uint64_t> choiceSet(const Target& target, const Operand& operand);
    [[nodiscard]] static Result<std::uint64_t> chosenByPattern(const Target& target, const Operand& operand);
    [[nodiscard]] Result<Expression> numberValue(const Target& target, const Operand& operand) const;
    [[nodiscard]] Result<Expression> integerValue(const Target& target, const Operand& operand) const;
    [[nodiscard]] Result<IntegerInterval> integers(const Target& target, const Operand& operand, std::string_view text,
                                                   bool whole) const;

    const Schema& m_schema;
    TimeReader m_times;
    std::size_t m_regexes = 0;
    std::optional<Bound> m_since;  // the latest
    std::optional<Bound> m_until;  // the earliest
};

}  // namespace hanshu::query
