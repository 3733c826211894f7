// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What isolation this host gives, and how to get what is missing. Blocks for some ms; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hanshu::sandbox {

struct Finding {
    enum class Level { Ok, Warning, Missing };
    std::string name;  // user namespaces, cgroups, seccomp, bubblewrap, /tmp images, disk, file descriptors
    Level level = Level::Ok;
    std::string detail;
    std::string remedy;  // empty where nothing is to do
};

[[nodiscard]] std::vector<Finding> examineHost(const std::filesystem::path& stateDirectory);

}  // namespace hanshu::sandbox
