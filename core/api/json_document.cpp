// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json_document.h"

#include <fmt/format.h>
#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

namespace hanshu::api {
namespace {

// The deepest message of the schema needs 6; 32 is what Boost.JSON proposes.
constexpr std::size_t kMaxDepth = 32;
// A tree takes up to 40 times the room of its text ("[0,0,…"): this bounds it at some 10 MB beside the strings. The
// largest honest input, a function with all lists full, has below 1000 values.
constexpr std::size_t kMaxValues = 100'000;

namespace json = boost::json;

// The events of Boost.JSON's parser, put together to a tree.
class Builder {
public:
    // NOLINTBEGIN(readability-identifier-naming): the parser prescribes these names.
    static constexpr std::size_t max_object_size = std::size_t(-1);
    static constexpr std::size_t max_array_size = std::size_t(-1);
    static constexpr std::size_t max_key_size = std::size_t(-1);
    static constexpr std::size_t max_string_size = std::size_t(-1);

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code& error) { return open(JsonObject{}, error); }
    bool on_object_end(std::size_t, json::error_code&) { return close(); }
    bool on_array_begin(json::error_code& error) { return open(JsonArray{}, error); }
    bool on_array_end(std::size_t, json::error_code&) { return close(); }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        append(part);
        m_open.back().key = std::exchange(m_text, {});
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
    bool on_string(json::string_view part, std::size_t, json::error_code& error) {
        append(part);
        return add(JsonValue{std::exchange(m_text, {})}, error);
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t value, json::string_view, json::error_code& error) {
        return add(JsonValue{value}, error);
    }
    bool on_uint64(std::uint64_t value, json::string_view, json::error_code& error) {
        return add(JsonValue{value}, error);
    }
    bool on_double(double value, json::string_view, json::error_code& error) { return add(JsonValue{value}, error); }
    bool on_bool(bool value, json::error_code& error) { return add(JsonValue{value}, error); }
    bool on_null(json::error_code& error) { return add(JsonValue{}, error); }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
    // NOLINTEND(readability-identifier-naming)

    JsonValue root;

private:
    struct Open {
        JsonValue container;
        std::string key;  // of the member that comes next
    };

    bool append(json::string_view part) {
        m_text.append(part.data(), part.size());
        return true;
    }

    template <class Container>
    bool open(Container container, json::error_code& error) {
        if (!count(error)) {
            return false;
        }
        m_open.push_back({JsonValue{std::move(container)}, {}});
        return true;
    }

    bool close() {
        auto done = std::move(m_open.back().container);
        m_open.pop_back();
        place(std::move(done));
        return true;
    }

    bool add(JsonValue value, json::error_code& error) {
        if (!count(error)) {
            return false;
        }
        place(std::move(value));
        return true;
    }

    void place(JsonValue value) {
        if (m_open.empty()) {
            root = std::move(value);
        } else if (auto* array = std::get_if<JsonArray>(&m_open.back().container.data)) {
            array->push_back(std::move(value));
        } else {
            std::get<JsonObject>(m_open.back().container.data)
                .push_back({std::exchange(m_open.back().key, {}), std::move(value)});
        }
    }

    bool count(json::error_code& error) {
        if (++m_values > kMaxValues) {
            error = json::error::array_too_large;
            return false;
        }
        return true;
    }

    std::vector<Open> m_open;
    std::string m_text;
    std::size_t m_values = 0;
};

std::string_view problemOf(const json::error_code& error) {
    if (error == json::error::incomplete) {
        return "it ends too early";
    }
    if (error == json::error::extra_data) {
        return "something follows the value";
    }
    if (error == json::error::too_deep) {
        return "it is nested too deeply";
    }
    if (error == json::error::array_too_large) {
        return "it has too many values";
    }
    if (error == json::error::illegal_leading_surrogate || error == json::error::illegal_trailing_surrogate ||
        error == json::error::expected_utf16_escape) {
        return "a \\u escape is half of a surrogate pair";
    }
    return "it is not JSON in UTF-8 from there on";
}

Failure syntaxError(std::string_view text, std::size_t offset, const json::error_code& error) {
    const auto before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto lineStart = before.rfind('\n');
    const auto column = lineStart == std::string_view::npos ? offset + 1 : offset - lineStart;
    return fail(
        Code::InvalidArgument, "InvalidArgument",
        {{"message", fmt::format("The JSON is malformed at line {}, column {}: {}", line, column, problemOf(error))}},
        error.message());
}

}  // namespace

std::string_view JsonValue::typeName() const noexcept {
    constexpr std::array<std::string_view, 8> kNames{"null",     "a boolean", "a number", "a number",
                                                     "a number", "a string",  "a list",   "an object"};
    return kNames.at(data.index());
}

Result<JsonValue> parseJson(std::string_view text) {
    json::parse_options options;
    options.max_depth = kMaxDepth;
    json::basic_parser<Builder> parser(options);
    json::error_code error;
    const auto used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size()) {
        error = json::error::extra_data;
    }
    if (error) {
        return syntaxError(text, used, error);
    }
    return std::move(parser.handler().root);
}

}  // namespace hanshu::api
