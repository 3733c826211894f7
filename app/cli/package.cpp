// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/package.h"

#include "base/encoding.h"
#include "cli/ignore_rules.h"
#include "cli/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <clocale>
#include <cstring>
#include <fstream>
#include <vector>

namespace hanshu::cli {
namespace {

namespace fs = std::filesystem;

struct Source {
    std::string path;  // within the package
    struct stat status{};
};

Failure unreadable(const fs::path& path, int errnoValue) {
    return usage(fmt::format("can't read {}: {}", path.string(), std::strerror(errnoValue)));
}

// Names are UTF-8 in the zip, whatever the locale of this process says.
class Utf8Locale {
public:
    Utf8Locale() : m_locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)), m_before(::uselocale(m_locale)) {}
    ~Utf8Locale() {
        ::uselocale(m_before);
        ::freelocale(m_locale);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

private:
    locale_t m_locale;
    locale_t m_before;
};

class Folder {
public:
    explicit Folder(fs::path root) : m_root(std::move(root)) {}

    // Every file that belongs to the package, by name; an empty folder too, so that it is there when the code runs.
    Result<std::vector<Source>> collect() {
        const auto rules = m_root / ".fcignore";
        std::error_code error;
        if (fs::exists(rules, error)) {
            std::ifstream file(rules, std::ios::binary);
            const std::string text((std::istreambuf_iterator<char>(file)), {});
            if (!file.is_open() || file.bad()) {
                return usage(fmt::format("can't read {}", rules.string()));
            }
            m_rules.add(text);
        }
        HANSHU_TRY(walk(""));
        std::ranges::sort(m_found, {}, &Source::path);
        return std::move(m_found);
    }

private:
    Result<void> walk(const std::string& below) {
        std::error_code error;
        fs::directory_iterator entries(m_root / below, error);
        if (error) {
            return unreadable(m_root / below, error.value());
        }
        for (; entries != fs::directory_iterator(); entries.increment(error)) {
            HANSHU_TRY(take(below + entries->path().filename().string()));
            if (error) {
                return unreadable(m_root / below, error.value());
            }
        }
        return {};
    }

    Result<void> take(std::string path) {
        Source source{std::move(path), {}};
        if (::lstat((m_root / source.path).c_str(), &source.status) != 0) {
            return unreadable(m_root / source.path, errno);
        }
        const auto mode = source.status.st_mode;
        if (m_rules.ignores(source.path, S_ISDIR(mode))) {
            return {};
        }
        if (!isUtf8(source.path)) {
            return usage(fmt::format("the name of {} is not UTF-8", printable(source.path)));
        }
        if (S_ISDIR(mode)) {
            const auto before = m_found.size();
            source.path += '/';
            HANSHU_TRY(walk(source.path));
            if (m_found.size() == before) {
                m_found.push_back(std::move(source));
            }
            return {};
        }
        if (!S_ISREG(mode) && !S_ISLNK(mode)) {
            return usage(fmt::format("{} is neither a file nor a folder nor a link: list it in .fcignore",
                                     (m_root / source.path).string()));
        }
        m_found.push_back(std::move(source));
        return {};
    }

    fs::path m_root;
    IgnoreRules m_rules;
    std::vector<Source> m_found;
};

class ZipWriter {
public:
    ZipWriter(fs::path root, int fd)
        : m_root(std::move(root)), m_archive(::archive_write_new()), m_entry(::archive_entry_new()) {
        ::archive_write_set_format_zip(m_archive);
        ::archive_write_set_options(m_archive, "zip:compression=deflate,zip:hdrcharset=UTF-8");
        ::archive_write_set_bytes_in_last_block(m_archive, 1);
        m_open = ::archive_write_open_fd(m_archive, fd) == ARCHIVE_OK;
    }
    ~ZipWriter() {
        ::archive_entry_free(m_entry);
        ::archive_write_free(m_archive);
    }
    ZipWriter(const ZipWriter&) = delete;
    ZipWriter& operator=(const ZipWriter&) = delete;

    // No times and owners: they differ from one machine to the next.
    Result<void> add(const Source& source, const std::function<void(std::size_t)>& onRead) {
        const auto& mode = source.status.st_mode;
        ::archive_entry_clear(m_entry);
        ::archive_entry_set_pathname_utf8(m_entry, source.path.c_str());
        if (S_ISLNK(mode)) {
            std::error_code error;
            const auto target = fs::read_symlink(m_root / source.path, error);
            if (error) {
                return unreadable(m_root / source.path, error.value());
            }
            ::archive_entry_set_mode(m_entry, S_IFLNK | 0777);
            ::archive_entry_set_symlink_utf8(m_entry, target.c_str());
            return header();
        }
        if (S_ISDIR(mode)) {
            ::archive_entry_set_mode(m_entry, S_IFDIR | 0755);
            return header();
        }
        const bool executable = (mode & S_IXUSR) != 0;
        ::archive_entry_set_mode(m_entry, S_IFREG | (executable ? 0755U : 0644U));
        ::archive_entry_set_size(m_entry, source.status.st_size);
        HANSHU_TRY(header());
        return content(source, onRead);
    }

    Result<void> close() {
        if (::archive_write_close(m_archive) != ARCHIVE_OK) {
            return broken();
        }
        return {};
    }

    [[nodiscard]] bool open() const noexcept { return m_open; }

    Failure broken() const {
        return internalError(fmt::format("can't write the package: {}", ::archive_error_string(m_archive)));
    }

private:
    Result<void> header() {
        if (::archive_write_header(m_archive, m_entry) != ARCHIVE_OK) {
            return broken();
        }
        return {};
    }

    Result<void> content(const Source& source, const std::function<void(std::size_t)>& onRead) {
        const auto path = m_root / source.path;
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
        std::vector<char> buffer(256 * 1024);
        std::int64_t left = source.status.st_size;
        while (fd) {
            const auto count = ::read(fd.get(), buffer.data(), buffer.size());
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count <= 0 || count > left) {
                break;
            }
            left -= count;
            if (::archive_write_data(m_archive, buffer.data(), static_cast<std::size_t>(count)) != count) {
                return broken();
            }
            onRead(static_cast<std::size_t>(count));
        }
        if (!fd) {
            return unreadable(path, errno);
        }
        if (left != 0) {
            return usage(fmt::format("{} changed while it was read", path.string()));
        }
        return {};
    }

    fs::path m_root;
    archive* m_archive;
    archive_entry* m_entry;
    bool m_open = false;
};

Result<UniqueFd> temporaryFile() {
    std::error_code error;
    auto folder = fs::temp_directory_path(error);
    if (error) {
        folder = "/tmp";
    }
    auto name = (folder / "hanshu-package-XXXXXX").string();
    UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) {
        return usage(fmt::format("can't write to {}: {}", folder.string(), std::strerror(errno)));
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

Result<Package> openZip(const fs::path& path) {
    Package package;
    package.file.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    char magic[2] = {};
    if (!package.file) {
        return unreadable(path, errno);
    }
    if (::read(package.file.get(), magic, 2) != 2 || magic[0] != 'P' || magic[1] != 'K') {
        return usage(fmt::format("{} is neither a folder nor a zip", path.string()));
    }
    const auto size = rewound(package.file);
    if (!size) {
        return fail(size.error());
    }
    package.size = *size;
    return package;
}

}  // namespace

Result<Package> packFolder(const fs::path& folder, const PackProgress& progress) {
    auto sources = Folder(folder).collect();
    if (!sources) {
        return fail(std::move(sources.error()));
    }
    if (sources->empty()) {
        return usage(fmt::format("{} has no files to deploy", folder.string()));
    }
    std::uint64_t total = 0;
    for (const auto& source : *sources) {
        total += S_ISREG(source.status.st_mode) ? static_cast<std::uint64_t>(source.status.st_size) : 0;
    }
    Package package;
    auto file = temporaryFile();
    if (!file) {
        return fail(std::move(file.error()));
    }
    package.file = std::move(*file);
    const Utf8Locale locale;
    ZipWriter zip(folder, package.file.get());
    if (!zip.open()) {
        return zip.broken();
    }
    std::uint64_t done = 0;
    for (const auto& source : *sources) {
        HANSHU_TRY(zip.add(source, [&](std::size_t count) {
            done += count;
            if (progress) {
                progress(done, total);
            }
        }));
    }
    HANSHU_TRY(zip.close());
    const auto size = rewound(package.file);
    if (!size) {
        return fail(size.error());
    }
    package.size = *size;
    package.files = sources->size();
    return package;
}

Result<Package> openPackage(const fs::path& path, const PackProgress& progress) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        return unreadable(path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return packFolder(path, progress);
    }
    if (!S_ISREG(status.st_mode)) {
        return usage(fmt::format("{} is neither a folder nor a zip", path.string()));
    }
    return openZip(path);
}

}  // namespace hanshu::cli
