// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Text as JSON strings and as quotations in messages. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace hanshu::api {

// Appends `text` with quotes and escapes. What is not UTF-8 becomes U+FFFD, so that the result always is.
void appendJsonString(std::string& out, std::string_view text);

// Shortened to a length that a message bears, at a character's end; for what a user wrote.
[[nodiscard]] std::string shortened(std::string_view text);
// The same between ' and '.
[[nodiscard]] std::string inQuotes(std::string_view text);

}  // namespace hanshu::api
