// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The code package of a folder: a zip whose bytes depend on names, contents and executable bits alone, so that the same
// folder makes the same package everywhere. Blocks; any thread.
#pragma once

#include "base/unique_fd.h"
#include "bundle/folder.h"

#include <functional>

namespace hanshu::bundle {

struct Package {
    UniqueFd file;  // at its start, without a name in the file system where it was made here
    std::uint64_t size = 0;
    std::size_t entries = 0;  // 0 for a zip that was there
};

// Called with the bytes read so far and those that there are.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Writes to a temporary file, with a buffer's worth in memory. Symbolic links stay links. Errors: InvalidArgument
// PackageUnreadable with `path`, also for a file that changed since the folder was read; ResourceExhausted
// PackageNotWritten with the temporary `folder`; Cancelled.
[[nodiscard]] Result<Package> packFolder(const Folder& folder, const Progress& progress = {},
                                         const std::stop_token& stop = {});
// A folder is read and packed, a zip taken as it is. InvalidArgument PackageNotZip for anything else.
[[nodiscard]] Result<Package> openPackage(const std::filesystem::path& path, const Progress& progress = {},
                                          const std::stop_token& stop = {});

}  // namespace hanshu::bundle
