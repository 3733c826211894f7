// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where the JSON of a message differs from its fields: the condition block and the lists of RAM policies, and the
// fields of Function Compute that Hanshu does not have. Any thread.
#pragma once

#include "api/json_document.h"

#include <google/protobuf/descriptor.h>
#include <optional>
#include <string>
#include <string_view>

namespace hanshu::api {

// Whether the JSON of such a message is that of its only field: a RAM condition is {"StringLike": {"oss:Prefix": [..]}}
// but protobuf has neither maps of maps nor maps of lists.
[[nodiscard]] bool isTransparent(const google::protobuf::Descriptor& type);

// Whether one value may stand for a list of one, as in RAM's "Action": "oss:GetObject".
[[nodiscard]] bool acceptsSingleValue(const google::protobuf::FieldDescriptor& list);

// What is wrong with a member that the message does not have: unknown, or known to Function Compute and not supported
// here. Empty where the value asks for nothing (null, "", [], {}, the documented default): SDKs send such fields.
[[nodiscard]] std::optional<std::string> problemOfUnknownField(const google::protobuf::Descriptor& type,
                                                               std::string_view key, const JsonValue& value);

}  // namespace hanshu::api
