// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A code package on its way in: written to a file as it comes, measured and digested meanwhile. Blocks; one disk thread
// at a time.
#pragma once

#include "base/digest.h"
#include "base/result.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hanshu::catalog {

class PackageUpload {
public:
    // A new file in `folder`.
    [[nodiscard]] static Result<std::unique_ptr<PackageUpload>> begin(const std::filesystem::path& folder);
    // Removes the file unless it was kept.
    ~PackageUpload();
    PackageUpload(const PackageUpload&) = delete;
    PackageUpload& operator=(const PackageUpload&) = delete;

    // EntityTooLarge beyond the largest package there may be; StorageFull.
    [[nodiscard]] Result<void> write(std::string_view bytes);
    // No more bytes. Synced, and digested; once.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return m_file; }
    [[nodiscard]] std::uint64_t size() const noexcept { return m_size; }
    [[nodiscard]] std::uint64_t crc64() const noexcept { return m_crc64; }
    // Lower hex; after `finish`.
    [[nodiscard]] const std::string& sha256() const noexcept { return m_sha256; }

    // Moves the file to its place. Errors of the file system.
    [[nodiscard]] Result<void> keepAs(const std::filesystem::path& file);

private:
    PackageUpload(std::filesystem::path file, UniqueFd fd);

    std::filesystem::path m_file;
    UniqueFd m_fd;
    Digest m_digest;
    std::uint64_t m_size = 0;
    std::uint64_t m_crc64 = 0;
    std::string m_sha256;
    bool m_kept = false;
};

}  // namespace hanshu::catalog
