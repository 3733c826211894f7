// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The platform's own log, to stderr as one line a record. Any thread. Never above debug on the request path.
#pragma once

#include <fmt/format.h>
#include <string_view>

namespace hanshu::log {

enum class Level { Debug, Info, Warning, Error };

void setLevel(Level level);
void write(Level level, std::string_view room, std::string_view message);
[[nodiscard]] bool enabled(Level level) noexcept;

template <class... Args>
void debug(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Debug)) {
        write(Level::Debug, room, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void info(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
    if (enabled(Level::Info)) {
        write(Level::Info, room, fmt::format(format, std::forward<Args>(args)...));
    }
}
template <class... Args>
void warning(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Warning, room, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(std::string_view room, fmt::format_string<Args...> format, Args&&... args) {
    write(Level::Error, room, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace hanshu::log
