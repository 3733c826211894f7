// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The code package of a folder: a zip whose bytes depend on names, contents and executable bits alone, so that the same
// folder makes the same package everywhere. Blocks; one thread.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace hanshu::cli {

struct Package {
    UniqueFd file;  // at its start, without a name in the file system where it was made here
    std::uint64_t size = 0;
    std::size_t files = 0;  // 0 for a zip that was there
};

// Called with the bytes read so far and those that there are.
using PackProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Packs the folder but for what its .fcignore leaves out. Symbolic links stay links. InvalidArgument: not readable,
// empty, a name that is not UTF-8, a device or a socket in it, a file that changes meanwhile.
[[nodiscard]] Result<Package> packFolder(const std::filesystem::path& folder, const PackProgress& progress);
// A folder is packed, a zip taken as it is. InvalidArgument for anything else.
[[nodiscard]] Result<Package> openPackage(const std::filesystem::path& path, const PackProgress& progress);

}  // namespace hanshu::cli
