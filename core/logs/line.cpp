// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/line.h"

#include <algorithm>
#include <array>

namespace hanshu::logs {
namespace {

constexpr std::array<std::string_view, kLevels> kLevelNames{"", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
constexpr std::array<std::string_view, kStreams> kStreamNames{"stdout", "stderr", "logger", "platform"};

bool sameLetters(std::string_view a, std::string_view b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return std::ranges::equal(a, b, {}, upper, upper);
}

}  // namespace

std::string_view nameOf(Level level) noexcept {
    return kLevelNames[static_cast<std::size_t>(level)];
}

std::string_view nameOf(Stream stream) noexcept {
    return kStreamNames[static_cast<std::size_t>(stream)];
}

Level levelOf(std::string_view name) noexcept {
    for (std::size_t i = 1; i < kLevels; ++i) {
        if (sameLetters(name, kLevelNames[i])) {
            return static_cast<Level>(i);
        }
    }
    if (sameLetters(name, "WARNING")) {
        return Level::Warn;
    }
    return sameLetters(name, "CRITICAL") ? Level::Fatal : Level::None;
}

Stream streamOf(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kStreamNames, name);
    return found == kStreamNames.end() ? Stream::Stdout : static_cast<Stream>(found - kStreamNames.begin());
}

}  // namespace hanshu::logs
