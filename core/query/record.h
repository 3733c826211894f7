// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a record shows of itself to a query: one value a field, without copies. Any thread.
#pragma once

#include "base/clock.h"
#include "query/schema.h"

#include <cmath>
#include <string_view>

namespace hanshu::query {

// A value of a record. Refers to the record's text. Absent where the record has none, or it is not a number.
class Value {
public:
    enum class Kind : std::uint8_t { Absent, Text, Real, Integer };

    Value() = default;
    [[nodiscard]] static Value text(std::string_view text) noexcept { return Value(text); }  // Text, Keyword
    [[nodiscard]] static Value number(double number) noexcept { return std::isnan(number) ? Value() : Value(number); }
    [[nodiscard]] static Value duration(std::chrono::microseconds duration) noexcept { return Value(duration.count()); }
    [[nodiscard]] static Value bytes(std::int64_t size) noexcept { return Value(size); }
    [[nodiscard]] static Value time(SystemTime time) noexcept { return Value(time.time_since_epoch().count()); }
    [[nodiscard]] static Value choice(std::size_t index) noexcept { return Value(static_cast<std::int64_t>(index)); }
    [[nodiscard]] static Value boolean(bool truth) noexcept { return Value(std::int64_t{truth ? 1 : 0}); }

    [[nodiscard]] Kind kind() const noexcept { return m_kind; }
    [[nodiscard]] std::string_view text() const noexcept { return m_text; }
    [[nodiscard]] double real() const noexcept { return m_real; }
    [[nodiscard]] std::int64_t integer() const noexcept { return m_integer; }

private:
    explicit Value(std::string_view text) noexcept : m_kind(Kind::Text), m_text(text) {}
    explicit Value(double number) noexcept : m_kind(Kind::Real), m_real(number) {}
    explicit Value(std::int64_t integer) noexcept : m_kind(Kind::Integer), m_integer(integer) {}

    Kind m_kind = Kind::Absent;
    std::string_view m_text;
    union {
        std::int64_t m_integer = 0;
        double m_real;
    };
};

class Record {
public:
    virtual ~Record() = default;
    // The value of a field, of the field's kind. Valid while the record is unchanged.
    [[nodiscard]] virtual Value value(FieldId field) const = 0;
};

}  // namespace hanshu::query
