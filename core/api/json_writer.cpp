// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json.h"
#include "api/json_shapes.h"
#include "api/json_text.h"
#include "base/encoding.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <cmath>
#include <iterator>
#include <map>

namespace hanshu::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Writer {
public:
    std::string out;

    void writeMessage(const Message& message) {
        const auto& type = *message.GetDescriptor();
        if (isTransparent(type)) {
            writeField(message, *type.field(0));
            return;
        }
        out += '{';
        bool first = true;
        for (int i = 0; i < type.field_count(); ++i) {
            const auto& field = *type.field(i);
            if (!isPrinted(message, field)) {
                continue;
            }
            separate(first);
            appendJsonString(out, field.json_name());
            out += ':';
            writeField(message, field);
        }
        out += '}';
    }

private:
    static bool isPrinted(const Message& message, const FieldDescriptor& field) {
        const auto& reflection = *message.GetReflection();
        if (field.is_repeated()) {
            return reflection.FieldSize(message, &field) > 0;
        }
        return !field.has_presence() || reflection.HasField(message, &field);
    }

    void separate(bool& first) {
        if (!first) {
            out += ',';
        }
        first = false;
    }

    void writeField(const Message& message, const FieldDescriptor& field) {
        if (field.is_map()) {
            writeMap(message, field);
        } else if (field.is_repeated()) {
            writeList(message, field);
        } else {
            writeValue(message, field, -1);
        }
    }

    void writeList(const Message& message, const FieldDescriptor& field) {
        out += '[';
        bool first = true;
        for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
            separate(first);
            writeValue(message, field, i);
        }
        out += ']';
    }

    // By key, so that equal messages print equally.
    void writeMap(const Message& message, const FieldDescriptor& field) {
        const auto& reflection = *message.GetReflection();
        std::map<std::string, const Message*> entries;
        for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
            const auto& entry = reflection.GetRepeatedMessage(message, &field, i);
            entries[entry.GetReflection()->GetString(entry, entry.GetDescriptor()->map_key())] = &entry;
        }
        out += '{';
        bool first = true;
        for (const auto& [key, entry] : entries) {
            separate(first);
            appendJsonString(out, key);
            out += ':';
            writeValue(*entry, *entry->GetDescriptor()->map_value(), -1);
        }
        out += '}';
    }

    // The value of a singular field, or the one at `index` of a repeated field.
    void writeValue(const Message& message, const FieldDescriptor& field, int index) {
        const auto& r = *message.GetReflection();
        const bool one = index < 0;
        switch (field.cpp_type()) {
            case FieldDescriptor::CPPTYPE_MESSAGE:
                writeMessage(one ? r.GetMessage(message, &field) : r.GetRepeatedMessage(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_STRING:
                writeText(field, one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_BOOL:
                out +=
                    (one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index)) ? "true" : "false";
                return;
            case FieldDescriptor::CPPTYPE_DOUBLE:
                writeDouble(one ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_FLOAT:
                writeDouble(one ? r.GetFloat(message, &field) : r.GetRepeatedFloat(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_INT32:
                writeInteger(one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_INT64:
                writeInteger(one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_UINT32:
                writeInteger(one ? r.GetUInt32(message, &field) : r.GetRepeatedUInt32(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_UINT64:
                writeInteger(one ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index));
                return;
            case FieldDescriptor::CPPTYPE_ENUM:
                appendJsonString(
                    out, (one ? r.GetEnum(message, &field) : r.GetRepeatedEnum(message, &field, index))->name());
                return;
        }
    }

    void writeText(const FieldDescriptor& field, const std::string& text) {
        appendJsonString(out, field.type() == FieldDescriptor::TYPE_BYTES ? toBase64(text) : text);
    }

    template <class Integer>
    void writeInteger(Integer number) {
        fmt::format_to(std::back_inserter(out), "{}", number);
    }

    void writeDouble(double number) {
        constexpr double kLargestExactWhole = 9007199254740992.0;  // 2^53
        if (!std::isfinite(number)) {
            out += "null";  // JSON has no other word for it
        } else if (std::trunc(number) == number && std::abs(number) <= kLargestExactWhole) {
            writeInteger(static_cast<std::int64_t>(number));
        } else {
            fmt::format_to(std::back_inserter(out), "{}", number);
        }
    }
};

}  // namespace

std::string writeJson(const Message& message) {
    Writer writer;
    writer.writeMessage(message);
    return std::move(writer.out);
}

}  // namespace hanshu::api
