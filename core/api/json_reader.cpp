// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json_reader.h"

#include "api/json_document.h"
#include "api/json_shapes.h"
#include "api/json_text.h"
#include "base/encoding.h"
#include "base/http.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <cmath>
#include <limits>
#include <optional>

namespace hanshu::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// 2^53: up to here every whole double is the number that was written.
constexpr double kLargestExactWhole = 9007199254740992.0;

struct Path {
    std::string located;  // with indices, for violations
    std::string plain;    // without, for presence

    [[nodiscard]] Path child(std::string_view name) const {
        const auto join = [name](const std::string& parent) {
            return parent.empty() ? std::string(name) : fmt::format("{}.{}", parent, name);
        };
        return {join(located), join(plain)};
    }
    [[nodiscard]] Path at(std::size_t index) const { return {fmt::format("{}[{}]", located, index), plain}; }
};

std::optional<std::int64_t> wholeNumber(const JsonValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
        return *number;
    }
    if (const auto* number = std::get_if<double>(&value.data);
        number != nullptr && std::trunc(*number) == *number && std::abs(*number) <= kLargestExactWhole) {
        return static_cast<std::int64_t>(*number);
    }
    return std::nullopt;
}

std::optional<double> anyNumber(const JsonValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
        return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<std::uint64_t>(&value.data)) {
        return static_cast<double>(*number);
    }
    if (const auto* number = std::get_if<double>(&value.data); number != nullptr && std::isfinite(*number)) {
        return *number;
    }
    return std::nullopt;
}

bool isNumber(const JsonValue& value) {
    return std::holds_alternative<std::int64_t>(value.data) || std::holds_alternative<std::uint64_t>(value.data) ||
           std::holds_alternative<double>(value.data);
}

const FieldDescriptor* findField(const Descriptor& type, std::string_view key) {
    for (int i = 0; i < type.field_count(); ++i) {
        if (http::equalsIgnoringCase(type.field(i)->json_name(), key)) {
            return type.field(i);
        }
    }
    return nullptr;
}

class Reader {
public:
    Reader(Presence& presence, std::vector<Violation>& found) : m_presence(presence), m_found(found) {}

    void readMessage(JsonValue& value, Message& into, const Path& path) {
        const auto& type = *into.GetDescriptor();
        if (isTransparent(type)) {
            readField(value, into, *type.field(0), path);
            return;
        }
        auto* object = std::get_if<JsonObject>(&value.data);
        if (object == nullptr) {
            wrongType(path, "an object", value);
            return;
        }
        std::set<const FieldDescriptor*> seen;
        for (auto& [key, member] : *object) {
            const auto* field = findField(type, key);
            if (field == nullptr) {
                if (auto problem = problemOfUnknownField(type, key, member)) {
                    refuse(path.child(shortened(key)), std::move(*problem));
                }
            } else if (!seen.insert(field).second) {
                refuse(path.child(field->json_name()), "is given more than once");
            } else if (!member.isNull()) {
                const auto below = path.child(field->json_name());
                m_presence.insert(below.plain);
                readField(member, into, *field, below);
            }
        }
    }

private:
    void readField(JsonValue& value, Message& into, const FieldDescriptor& field, const Path& path) {
        if (field.is_map()) {
            readMap(value, into, field, path);
        } else if (field.is_repeated()) {
            readList(value, into, field, path);
        } else {
            readValue(value, into, field, path);
        }
    }

    void readList(JsonValue& value, Message& into, const FieldDescriptor& field, const Path& path) {
        auto* list = std::get_if<JsonArray>(&value.data);
        if (list == nullptr && acceptsSingleValue(field)) {
            readValue(value, into, field, path);
            return;
        }
        if (list == nullptr) {
            wrongType(path, "a list", value);
            return;
        }
        for (std::size_t i = 0; i < list->size(); ++i) {
            if ((*list)[i].isNull()) {
                refuse(path.at(i), "must not be null");
            } else {
                readValue((*list)[i], into, field, path.at(i));
            }
        }
    }

    // The keys of a map are data: they keep their case, and two that differ in it are two.
    void readMap(JsonValue& value, Message& into, const FieldDescriptor& field, const Path& path) {
        auto* object = std::get_if<JsonObject>(&value.data);
        if (object == nullptr) {
            wrongType(path, "an object", value);
            return;
        }
        std::set<std::string_view> seen;
        for (auto& [key, member] : *object) {
            const auto below = path.child(shortened(key));
            if (!seen.insert(key).second) {
                refuse(below, "is given more than once");
                continue;
            }
            if (member.isNull()) {
                continue;
            }
            auto* entry = into.GetReflection()->AddMessage(&into, &field);
            const auto* type = entry->GetDescriptor();
            entry->GetReflection()->SetString(entry, type->map_key(), key);
            readValue(member, *entry, *type->map_value(), below);
        }
    }

    // Sets a singular field, or adds to a repeated one.
    void readValue(JsonValue& value, Message& into, const FieldDescriptor& field, const Path& path) {
        const auto& reflection = *into.GetReflection();
        const bool add = field.is_repeated();
        switch (field.cpp_type()) {
            case FieldDescriptor::CPPTYPE_MESSAGE:
                readMessage(value,
                            *(add ? reflection.AddMessage(&into, &field) : reflection.MutableMessage(&into, &field)),
                            path);
                return;
            case FieldDescriptor::CPPTYPE_STRING:
                if (auto text = readText(value, field, path)) {
                    add ? reflection.AddString(&into, &field, std::move(*text))
                        : reflection.SetString(&into, &field, std::move(*text));
                }
                return;
            case FieldDescriptor::CPPTYPE_BOOL:
                if (const auto* flag = std::get_if<bool>(&value.data)) {
                    add ? reflection.AddBool(&into, &field, *flag) : reflection.SetBool(&into, &field, *flag);
                } else {
                    wrongType(path, "true or false", value);
                }
                return;
            case FieldDescriptor::CPPTYPE_DOUBLE:
                if (const auto number = anyNumber(value)) {
                    add ? reflection.AddDouble(&into, &field, *number) : reflection.SetDouble(&into, &field, *number);
                } else {
                    wrongType(path, "a number", value);
                }
                return;
            case FieldDescriptor::CPPTYPE_INT32:
                if (const auto number = readInteger(value, std::numeric_limits<std::int32_t>::min(),
                                                    std::numeric_limits<std::int32_t>::max(), path)) {
                    const auto narrow = static_cast<std::int32_t>(*number);
                    add ? reflection.AddInt32(&into, &field, narrow) : reflection.SetInt32(&into, &field, narrow);
                }
                return;
            case FieldDescriptor::CPPTYPE_INT64:
                if (const auto number = readInteger(value, std::numeric_limits<std::int64_t>::min(),
                                                    std::numeric_limits<std::int64_t>::max(), path)) {
                    add ? reflection.AddInt64(&into, &field, *number) : reflection.SetInt64(&into, &field, *number);
                }
                return;
            case FieldDescriptor::CPPTYPE_UINT32:
            case FieldDescriptor::CPPTYPE_UINT64:
            case FieldDescriptor::CPPTYPE_FLOAT:
            case FieldDescriptor::CPPTYPE_ENUM:
                // No message that is read as JSON has such a field.
                refuse(path, "can't be set through JSON");
                return;
        }
    }

    std::optional<std::string> readText(JsonValue& value, const FieldDescriptor& field, const Path& path) {
        auto* text = std::get_if<std::string>(&value.data);
        if (text == nullptr) {
            wrongType(path, "a string", value);
            return std::nullopt;
        }
        if (field.type() != FieldDescriptor::TYPE_BYTES) {
            return std::move(*text);
        }
        auto bytes = fromBase64(*text);
        if (!bytes) {
            refuse(path, "must be Base64");
            return std::nullopt;
        }
        return std::move(*bytes);
    }

    std::optional<std::int64_t> readInteger(const JsonValue& value, std::int64_t low, std::int64_t high,
                                            const Path& path) {
        const auto number = wholeNumber(value);
        if (number && *number >= low && *number <= high) {
            return number;
        }
        if (number || std::holds_alternative<std::uint64_t>(value.data)) {
            refuse(path, fmt::format("must be between {} and {}", low, high));
        } else if (isNumber(value)) {
            refuse(path, "must be a whole number");
        } else {
            wrongType(path, "a whole number", value);
        }
        return std::nullopt;
    }

    void wrongType(const Path& path, std::string_view wanted, const JsonValue& value) {
        refuse(path, fmt::format("must be {} (actual: {})", wanted, value.typeName()));
    }

    void refuse(const Path& path, std::string problem) {
        m_found.push_back({path.located.empty() ? "the body" : path.located, std::move(problem)});
    }

    Presence& m_presence;
    std::vector<Violation>& m_found;
};

// A message with a hundred violations helps nobody more than one with these.
constexpr std::size_t kMaxToldViolations = 20;

}  // namespace

Failure violations(const std::vector<Violation>& list) {
    Error error{Code::InvalidArgument, "InvalidArgument", {}, {}};
    std::string sentence;
    for (std::size_t i = 0; i < list.size() && i < kMaxToldViolations; ++i) {
        sentence += fmt::format("{}{} {}", i == 0 ? "" : "; ", list[i].field, list[i].problem);
        error.params.emplace_back("violation", fmt::format("{}: {}", list[i].field, list[i].problem));
    }
    if (list.size() > kMaxToldViolations) {
        sentence += fmt::format("; and {} more", list.size() - kMaxToldViolations);
    }
    if (!sentence.empty() && sentence.front() >= 'a' && sentence.front() <= 'z') {
        sentence.front() = static_cast<char>(sentence.front() - 'a' + 'A');
    }
    error.params.insert(error.params.begin(), {"message", std::move(sentence)});
    if (!list.empty()) {
        error.params.emplace_back("field", list.front().field);
    }
    return fail(std::move(error));
}

Presence collectJson(std::string_view text, std::string_view field, Message& into, std::vector<Violation>& found) {
    Presence presence;
    auto document = parseJson(text);
    if (!document) {
        found.push_back(
            {std::string(field), fmt::format("must be a JSON object. {}", document.error().param("message"))});
        return presence;
    }
    Reader(presence, found).readMessage(*document, into, Path{std::string(field), {}});
    return presence;
}

Result<Presence> readJson(std::string_view text, Message& into) {
    auto document = parseJson(text);
    if (!document) {
        return fail(std::move(document.error()));
    }
    Presence presence;
    std::vector<Violation> found;
    Reader(presence, found).readMessage(*document, into, Path{});
    if (!found.empty()) {
        return violations(found);
    }
    return presence;
}

}  // namespace hanshu::api
