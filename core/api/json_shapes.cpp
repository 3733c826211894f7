// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "api/json_shapes.h"

#include "base/http.h"
#include "function.pb.h"
#include "grant.pb.h"

#include <algorithm>
#include <array>

namespace hanshu::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

struct ForeignField {
    std::string_view name;
    std::string_view harmless;  // the documented default beside the empty ones
};

// CreateFunctionInput and UpdateFunctionInput of Function Compute 3.0 that the schema does not have.
constexpr std::array kForeignFunctionFields{
    ForeignField{"customContainerConfig", ""},
    ForeignField{"customDNS", ""},
    ForeignField{"enableLongLiving", ""},
    ForeignField{"gpuConfig", ""},
    ForeignField{"instanceIsolationMode", "SHARE"},
    ForeignField{"juiceFsConfig", ""},
    ForeignField{"nasConfig", ""},
    ForeignField{"polarFsConfig", ""},
    ForeignField{"resourceGroupId", ""},
    ForeignField{"sessionAffinity", "NONE"},
    ForeignField{"sessionAffinityConfig", ""},
    ForeignField{"vpcConfig", ""},
};

bool asksForNothing(const JsonValue& value, std::string_view harmless) {
    struct Visitor {
        std::string_view harmless;
        bool operator()(std::monostate) const { return true; }
        bool operator()(bool flag) const { return !flag; }
        // nasConfig's documented default for userId and groupId is -1.
        bool operator()(std::int64_t number) const { return number == 0 || number == -1; }
        bool operator()(std::uint64_t number) const { return number == 0; }
        bool operator()(double number) const { return number == 0; }
        bool operator()(const std::string& text) const {
            return text.empty() || (!harmless.empty() && http::equalsIgnoringCase(text, harmless));
        }
        bool operator()(const JsonArray& list) const { return list.empty(); }
        bool operator()(const JsonObject& object) const {
            return std::ranges::all_of(object, [](const JsonMember& m) { return asksForNothing(m.value, ""); });
        }
    };
    return std::visit(Visitor{harmless}, value.data);
}

bool isFunctionInput(const Descriptor& type) {
    return &type == CreateFunctionInput::descriptor() || &type == UpdateFunctionInput::descriptor();
}

}  // namespace

bool isTransparent(const Descriptor& type) {
    return &type == ConditionBlock::descriptor() || &type == ConditionValues::descriptor();
}

bool acceptsSingleValue(const FieldDescriptor& list) {
    const auto* type = list.containing_type();
    return type == ConditionValues::descriptor() ||
           (type == Statement::descriptor() && list.number() != Statement::kConditionFieldNumber);
}

std::optional<std::string> problemOfUnknownField(const Descriptor& type, std::string_view key, const JsonValue& value) {
    if (isFunctionInput(type)) {
        for (const auto& field : kForeignFunctionFields) {
            if (!http::equalsIgnoringCase(field.name, key)) {
                continue;
            }
            if (asksForNothing(value, field.harmless)) {
                return std::nullopt;
            }
            return "is not supported by this server";
        }
    }
    return "is not a known field";
}

}  // namespace hanshu::api
