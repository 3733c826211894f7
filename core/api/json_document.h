// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A JSON text as a tree that still knows the members which an object names twice. Used by the reader alone; values,
// any thread.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hanshu::api {

struct JsonMember;
struct JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::vector<JsonMember>;

struct JsonValue {
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, JsonArray, JsonObject> data;

    [[nodiscard]] bool isNull() const noexcept { return std::holds_alternative<std::monostate>(data); }
    // "a string", "a list", …: what a violation calls it.
    [[nodiscard]] std::string_view typeName() const noexcept;
};

struct JsonMember {
    std::string key;
    JsonValue value;
};

// InvalidArgument with a parameter `message` that says what is wrong in which line and column.
[[nodiscard]] Result<JsonValue> parseJson(std::string_view text);

}  // namespace hanshu::api
