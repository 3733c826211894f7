// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/query_text.h"

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace hanshu::cli {

// TZ, or where /etc/localtime leads (localtime(5)).
std::string localZone() {
    constexpr std::string_view kFolder = "zoneinfo/";
    std::string place;
    if (const char* zone = std::getenv("TZ"); zone != nullptr) {
        place = *zone == ':' ? zone + 1 : zone;
    } else {
        std::error_code error;
        place = std::filesystem::read_symlink("/etc/localtime", error).string();
        if (place.find(kFolder) == std::string::npos) {
            return {};
        }
    }
    const auto at = place.rfind(kFolder);
    auto name = at == std::string::npos ? place : place.substr(at + kFolder.size());
    // A rule of POSIX, such as EST5EDT4, is no name.
    std::error_code error;
    return std::filesystem::exists("/usr/share/zoneinfo/" + name, error) ? name : std::string();
}

}  // namespace hanshu::cli
