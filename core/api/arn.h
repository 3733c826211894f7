// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The parts of a resource name acs:{service}:{region}:{account}:{resource}. A view into the text; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace hanshu::api {

struct Arn {
    std::string_view service;
    std::string_view region;    // may be empty
    std::string_view account;   // may be empty
    std::string_view resource;  // the rest, colons included
};

// Empty unless the text has all five parts, with a service and a resource.
[[nodiscard]] std::optional<Arn> parseArn(std::string_view text) noexcept;

}  // namespace hanshu::api
