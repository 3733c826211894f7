// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The grammars of names and resource names that validation needs. Any thread.
#pragma once

#include <string_view>

namespace hanshu::api {

// `[A-Za-z_][A-Za-z0-9_-]*` of 1 to `longest` characters.
[[nodiscard]] bool isName(std::string_view text, std::size_t longest) noexcept;

// acs:ram::{account}:role/{name}: the account not empty, the name of RAM's 1 to 64 characters A-Z a-z 0-9 . _ @ -.
[[nodiscard]] bool isRoleArn(std::string_view text) noexcept;

// Whether the text has no control characters: names, keys and values that end up in environments, files and headers.
[[nodiscard]] bool isPrintable(std::string_view text) noexcept;

}  // namespace hanshu::api
