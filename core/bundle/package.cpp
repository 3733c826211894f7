// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/package.h"

#include "base/utf8_locale.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace hanshu::bundle {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 256 * 1024;

Failure refused(const char* reason, std::string path, std::string detail = {}) {
    return fail(Code::InvalidArgument, reason, {{"path", std::move(path)}}, std::move(detail));
}

Failure unreadable(const fs::path& path, int errnoValue) {
    return refused("PackageUnreadable", path.string(), std::strerror(errnoValue));
}

fs::path temporaryFolder() {
    std::error_code error;
    auto folder = fs::temp_directory_path(error);
    return error ? "/tmp" : folder;
}

Failure notWritten(std::string detail) {
    return fail(Code::ResourceExhausted, "PackageNotWritten", {{"folder", temporaryFolder().string()}},
                std::move(detail));
}

class ZipWriter {
public:
    ZipWriter(const fs::path& root, const Progress& progress, std::uint64_t total, const std::stop_token& stop)
        : m_root(root), m_progress(progress), m_total(total), m_stop(stop) {}

    Result<void> open(int fd) {
        auto* zip = m_archive.get();
        if (archive_write_set_format_zip(zip) != ARCHIVE_OK ||
            archive_write_set_options(zip, "zip:compression=deflate,zip:hdrcharset=UTF-8") != ARCHIVE_OK ||
            archive_write_set_bytes_in_last_block(zip, 1) != ARCHIVE_OK ||
            archive_write_open_fd(zip, fd) != ARCHIVE_OK) {
            return broken();
        }
        return {};
    }

    // No times and owners: they differ from one machine to the next.
    Result<void> add(const Item& item) {
        if (m_stop.stop_requested()) {
            return fail(Code::Cancelled, "Cancelled");
        }
        auto* entry = m_entry.get();
        archive_entry_clear(entry);
        archive_entry_set_pathname_utf8(entry, item.path.c_str());
        if (S_ISLNK(item.mode)) {
            archive_entry_set_mode(entry, S_IFLNK | 0777U);
            archive_entry_set_symlink_utf8(entry, item.target.c_str());
            return header();
        }
        if (S_ISDIR(item.mode)) {
            archive_entry_set_mode(entry, S_IFDIR | 0755U);
            return header();
        }
        archive_entry_set_mode(entry, S_IFREG | ((item.mode & S_IXUSR) != 0 ? 0755U : 0644U));
        archive_entry_set_size(entry, static_cast<la_int64_t>(item.size));
        HANSHU_TRY(header());
        return content(item);
    }

    Result<void> close() {
        if (archive_write_close(m_archive.get()) != ARCHIVE_OK) {
            return broken();
        }
        return {};
    }

private:
    Failure broken() const {
        const char* text = archive_error_string(m_archive.get());
        return notWritten(text == nullptr ? "unknown defect" : text);
    }

    Result<void> header() {
        if (archive_write_header(m_archive.get(), m_entry.get()) != ARCHIVE_OK) {
            return broken();
        }
        return {};
    }

    Result<void> content(const Item& item) {
        const UniqueFd fd(::open((m_root / item.path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        if (!fd) {
            return unreadable(item.path, errno);
        }
        std::uint64_t left = item.size;
        while (left > 0) {
            if (m_stop.stop_requested()) {
                return fail(Code::Cancelled, "Cancelled");
            }
            const auto count = ::read(fd.get(), m_block.data(), std::min<std::uint64_t>(left, kBlock));
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count < 0) {
                return unreadable(item.path, errno);
            }
            if (count == 0) {
                return refused("PackageUnreadable", item.path, "it became shorter while it was read");
            }
            if (archive_write_data(m_archive.get(), m_block.data(), static_cast<std::size_t>(count)) != count) {
                return broken();
            }
            left -= static_cast<std::uint64_t>(count);
            m_done += static_cast<std::uint64_t>(count);
            if (m_progress) {
                m_progress(m_done, m_total);
            }
        }
        return {};
    }

    const fs::path& m_root;
    const Progress& m_progress;
    std::uint64_t m_done = 0;
    std::uint64_t m_total;
    const std::stop_token& m_stop;
    std::unique_ptr<archive, decltype(&archive_write_free)> m_archive{archive_write_new(), archive_write_free};
    std::unique_ptr<archive_entry, decltype(&archive_entry_free)> m_entry{archive_entry_new(), archive_entry_free};
    std::vector<char> m_block = std::vector<char>(kBlock);
};

Result<UniqueFd> temporaryFile() {
    auto name = (temporaryFolder() / "hanshu-package-XXXXXX").string();
    UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) {
        return notWritten(std::strerror(errno));
    }
    ::unlink(name.c_str());
    return fd;
}

Result<std::uint64_t> rewound(const UniqueFd& fd) {
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0 || ::lseek(fd.get(), 0, SEEK_SET) != 0) {
        return systemError("lseek", errno);
    }
    return static_cast<std::uint64_t>(status.st_size);
}

Result<Package> finished(UniqueFd file, std::size_t entries) {
    auto size = rewound(file);
    if (!size) {
        return fail(std::move(size.error()));
    }
    Package package;
    package.file = std::move(file);
    package.size = *size;
    package.entries = entries;
    return package;
}

Result<Package> openZip(const fs::path& path) {
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return unreadable(path, errno);
    }
    char magic[2] = {};
    if (::read(file.get(), magic, 2) != 2 || magic[0] != 'P' || magic[1] != 'K') {
        return refused("PackageNotZip", path.string());
    }
    return finished(std::move(file), 0);
}

}  // namespace

Result<Package> packFolder(const Folder& folder, const Progress& progress, const std::stop_token& stop) {
    auto file = temporaryFile();
    if (!file) {
        return fail(std::move(file.error()));
    }
    const Utf8Locale locale;
    ZipWriter zip(folder.root, progress, folder.bytes, stop);
    HANSHU_TRY(zip.open(file->get()));
    for (const auto& item : folder.items) {
        HANSHU_TRY(zip.add(item));
    }
    HANSHU_TRY(zip.close());
    return finished(std::move(*file), folder.items.size());
}

Result<Package> openPackage(const fs::path& path, const Progress& progress, const std::stop_token& stop) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return unreadable(path, errno);
    }
    if (S_ISREG(status.st_mode)) {
        return openZip(path);
    }
    if (!S_ISDIR(status.st_mode)) {
        return refused("PackageNotZip", path.string());
    }
    const auto folder = readFolder(path, stop);
    if (!folder) {
        return fail(folder.error());
    }
    return packFolder(*folder, progress, stop);
}

}  // namespace hanshu::bundle
