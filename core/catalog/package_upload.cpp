// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/package_upload.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "catalog/package.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace hanshu::catalog {

PackageUpload::PackageUpload(std::filesystem::path file, UniqueFd fd)
    : m_file(std::move(file)), m_fd(std::move(fd)), m_digest(DigestKind::Sha256) {}

PackageUpload::~PackageUpload() {
    if (!m_kept) {
        ::unlink(m_file.c_str());
    }
}

Result<std::unique_ptr<PackageUpload>> PackageUpload::begin(const std::filesystem::path& folder) {
    // Its name is no digest: what a crash leaves of it is removed at the next start.
    auto file = folder / fmt::format("new-{}.zip", randomHex(8));
    UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) {
        return systemError(fmt::format("open {}", file.string()), errno);
    }
    return std::unique_ptr<PackageUpload>(new PackageUpload(std::move(file), std::move(fd)));
}

Result<void> PackageUpload::write(std::string_view bytes) {
    if (bytes.size() > kMaxPackageBytes - m_size) {
        return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(kMaxPackageBytes)}});
    }
    m_size += bytes.size();
    m_crc64 = hanshu::crc64(bytes, m_crc64);
    m_digest.update(bytes);
    while (!bytes.empty()) {
        const auto count = ::write(m_fd.get(), bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return systemError(fmt::format("write {}", m_file.string()), errno);
        }
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    return {};
}

Result<void> PackageUpload::finish() {
    if (::fsync(m_fd.get()) != 0) {
        return systemError(fmt::format("fsync {}", m_file.string()), errno);
    }
    m_sha256 = toHex(m_digest.finish());
    return {};
}

Result<void> PackageUpload::keepAs(const std::filesystem::path& file) {
    if (std::rename(m_file.c_str(), file.c_str()) != 0) {
        return systemError("rename of a package", errno);
    }
    m_kept = true;
    return {};
}

}  // namespace hanshu::catalog
