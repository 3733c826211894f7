// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Reading JSON that is itself a field of something: its violations are located below that field. Any thread.
#pragma once

#include "api/json.h"

namespace hanshu::api {

// As readJson, but violations are added to `found` with paths that begin with `field`, and a text that is no JSON
// object is a violation of `field` itself.
Presence collectJson(std::string_view text, std::string_view field, google::protobuf::Message& into,
                     std::vector<Violation>& found);

}  // namespace hanshu::api
