// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Texts of users made fit for formats that are stricter than they were. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace hanshu::alarms {

// What is not UTF-8 becomes U+FFFD.
[[nodiscard]] std::string cleanUtf8(std::string_view text);
// At most so many bytes of UTF-8, with … where something is missing.
[[nodiscard]] std::string shortened(std::string text, std::size_t bytes);
// One line: control characters become spaces.
[[nodiscard]] std::string oneLine(std::string_view text);
[[nodiscard]] std::string escapeHtml(std::string_view text);

}  // namespace hanshu::alarms
