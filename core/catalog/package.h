// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A code package: a zip, checked and unpacked into a folder of its own. Blocks; on disk threads only.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace hanshu::catalog {

// Reference 5.7: 500 MB of package; what it may unpack to and how many entries it may have are ours: four times as
// much, and half of what makes file systems slow.
inline constexpr std::uint64_t kMaxPackageBytes = 500ULL << 20U;
struct PackageLimits {
    std::uint64_t unpackedBytes = 2048ULL << 20U;
    std::size_t entries = 50'000;
};

// Unpacks `zip` below `folder`, which must exist and be empty. Files become 0644 or 0755, folders 0755; symbolic links
// stay where they lead to something inside the package. Everything is synced to disk.
//
// Errors: InvalidArgument with `message`, for a package that is empty, truncated or no zip, too large when unpacked,
// has too many entries, an absolute or `..` path, a link that leads out, a special file, a name that is not UTF-8, or
// two names that are equal or differ in case alone. StorageFull.
[[nodiscard]] Result<void> unpackZip(std::string_view zip, const std::filesystem::path& folder,
                                     const PackageLimits& limits = {});
// The same of a zip in a file, which is read piece by piece.
[[nodiscard]] Result<void> unpackZipFile(const std::filesystem::path& zip, const std::filesystem::path& folder,
                                         const PackageLimits& limits = {});

}  // namespace hanshu::catalog
