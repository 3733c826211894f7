// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What of a folder belongs into its package. Blocks; any thread.
#pragma once

#include "base/result.h"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace hanshu::bundle {

// The runtime takes no package with more entries.
inline constexpr std::size_t kMaxEntries = 50'000;

struct Item {
    std::string path;  // below the root, with / between its parts, and at the end of a folder
    mode_t mode = 0;
    std::uint64_t size = 0;
    std::string target;  // of a symbolic link, relative
};

struct Folder {
    std::filesystem::path root;
    std::vector<Item> items;  // sorted; of the folders only the empty ones
    std::uint64_t bytes = 0;
};

// Every file but what .fcignore leaves out. An absolute link to something in the folder becomes a relative one.
//
// Errors, all with `path`, which is below the root but for the root itself: InvalidArgument PackageUnreadable (`detail`
// tells why), PackageNameNotUtf8, PackageSpecialFile (a device, a pipe, a socket), PackageLinkOutside, PackageEmpty,
// PackageTooLarge (also `limit`); Cancelled.
[[nodiscard]] Result<Folder> readFolder(const std::filesystem::path& root, const std::stop_token& stop = {});

}  // namespace hanshu::bundle
