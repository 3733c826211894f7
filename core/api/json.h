// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The schema's messages as the JSON of Function Compute's REST API. One reader, one writer, both by reflection. Any
// thread.
//
// Rules of the reader: strict JSON (RFC 8259, UTF-8, 32 levels, 100,000 values); keys match without case, a field is
// given once (the keys of a map are data: those keep their case); an unknown field, a wrong type, an integer out of
// range are violations, and all of them are told at once; `null` is as absent; a whole number may be written as 3.0.
// Rules of the writer: a plain scalar is always printed, an `optional` one and a message when set, a list or map when
// it has elements; doubles that hold whole numbers are printed as integers.
#pragma once

#include "base/result.h"

#include <google/protobuf/message.h>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::api {

// What is wrong with one field; `field` is a path such as code.zipFile or tags[2].Key.
struct Violation {
    std::string field;
    std::string problem;  // an English clause: "must be between 128 and 32768 (actual: 64)"
};

// InvalidArgument with parameter `message` naming every violation, for both generations of SDKs; one parameter
// `violation` ("path: problem") for each, and `field`, the path of the first. The first 20 are told.
[[nodiscard]] Failure violations(const std::vector<Violation>& list);

// The paths (JSON names, as above without indices) that were present in the input: what an update replaces. `[]` and
// `{}` are present, `null` is not.
using Presence = std::set<std::string, std::less<>>;

[[nodiscard]] Result<Presence> readJson(std::string_view text, google::protobuf::Message& into);
[[nodiscard]] std::string writeJson(const google::protobuf::Message& message);

}  // namespace hanshu::api
