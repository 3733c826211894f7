// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "catalog/package.h"

#include "base/encoding.h"
#include "base/unique_fd.h"
#include "base/utf8_locale.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <memory>
#include <set>
#include <vector>

namespace hanshu::catalog {
namespace {

namespace fs = std::filesystem;

// PATH_MAX leaves room for the folder that the package is unpacked below.
constexpr std::size_t kMaxPathBytes = 2048;
constexpr std::size_t kMaxComponentBytes = 255;
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kReadBlock = std::size_t{64} * 1024;  // of a file; larger ones read no faster

struct ArchiveCloser {
    void operator()(archive* handle) const noexcept { archive_read_free(handle); }
};
using Archive = std::unique_ptr<archive, ArchiveCloser>;

Failure defect(std::string message) {
    return fail(Code::InvalidArgument, "InvalidArgument", {{"field", "code.zipFile"}, {"message", std::move(message)}});
}

std::string shown(std::string_view name) {
    return isUtf8(name) ? fmt::format("'{}'", name.substr(0, 200)) : fmt::format("(hex) {}", toHex(name.substr(0, 60)));
}

// Lower case of ASCII and of nothing else: enough to find twins that a case-insensitive file system would merge.
std::string folded(std::string_view name) {
    std::string out(name);
    for (auto& c : out) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

// The components of an entry's path; fails on what could leave the folder.
Result<std::vector<std::string>> componentsOf(std::string_view name) {
    if (name.empty() || name.size() > kMaxPathBytes) {
        return defect(
            fmt::format("the package has an entry whose name is empty or longer than {} bytes", kMaxPathBytes));
    }
    if (!isUtf8(name)) {
        return defect(fmt::format("the name of entry {} is not UTF-8; zip it again with UTF-8 names", shown(name)));
    }
    if (name.front() == '/' || name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos) {
        return defect(fmt::format("entry {} has an absolute path, a backslash or a NUL; use relative paths with '/'",
                                  shown(name)));
    }
    std::vector<std::string> components;
    while (!name.empty()) {
        const auto slash = name.find('/');
        const auto part = name.substr(0, slash);
        name = slash == std::string_view::npos ? std::string_view{} : name.substr(slash + 1);
        if (part == "..") {
            return defect("the package has an entry with '..' in its path, which would lead out of it");
        }
        if (part.size() > kMaxComponentBytes) {
            return defect(fmt::format("a name in the package is longer than {} bytes", kMaxComponentBytes));
        }
        if (!part.empty() && part != ".") {
            components.emplace_back(part);
        }
    }
    if (components.size() > kMaxDepth) {
        return defect(fmt::format("the package has folders more than {} deep", kMaxDepth));
    }
    return components;
}

// Unpacks one archive. Nothing that it creates is reached through a link: links are made last, and every folder is one
// that it made itself.
class Unpacker {
public:
    Unpacker(const fs::path& folder, const PackageLimits& limits) : m_root(folder), m_limits(limits) {}

    // `open` gives the reader its source.
    template <class Open>
    Result<void> run(Open open) {
        const Utf8Locale locale;
        Archive reader(archive_read_new());
        // By the central directory alone: a reader that streams takes a truncated archive for a whole one.
        archive_read_support_format_zip_seekable(reader.get());
        if (open(reader.get()) != ARCHIVE_OK) {
            return defect(fmt::format("the package is damaged, truncated or no zip archive: {}", archiveError(reader)));
        }
        for (;;) {
            archive_entry* entry = nullptr;
            const int status = archive_read_next_header(reader.get(), &entry);
            if (status == ARCHIVE_EOF) {
                break;
            }
            if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
                return defect(
                    fmt::format("the package is damaged, truncated or no zip archive: {}", archiveError(reader)));
            }
            HANSHU_TRY(take(reader, entry));
        }
        if (m_files == 0) {
            return defect("the package has no files; zip the folder that holds the handler's file");
        }
        HANSHU_TRY(makeLinks());
        return sync();
    }

private:
    struct Link {
        std::vector<std::string> path;
        std::string target;
    };

    static std::string archiveError(const Archive& reader) {
        const char* text = archive_error_string(reader.get());
        return text == nullptr ? "unknown defect" : text;
    }

    Result<void> take(const Archive& reader, archive_entry* entry) {
        if (++m_entries > m_limits.entries) {
            return defect(fmt::format("the package has more than {} entries", m_limits.entries));
        }
        const char* raw = archive_entry_pathname(entry);
        auto path = componentsOf(raw == nullptr ? "" : raw);
        if (!path) {
            return fail(std::move(path.error()));
        }
        if (path->empty()) {
            return {};
        }
        const auto type = archive_entry_filetype(entry);
        if (type == AE_IFDIR) {
            return makeFolders(*path);
        }
        HANSHU_TRY(claim(*path));
        const std::vector<std::string> parent(path->begin(), path->end() - 1);
        HANSHU_TRY(makeFolders(parent));
        if (type == AE_IFLNK) {
            const char* target = archive_entry_symlink(entry);
            m_linkNames.insert(join(*path));
            m_links.push_back({std::move(*path), target == nullptr ? "" : target});
            return {};
        }
        if (type != AE_IFREG) {
            return defect(fmt::format("entry {} is a device, socket or pipe; only files, folders and links are allowed",
                                      shown(join(*path))));
        }
        ++m_files;
        return writeFile(reader, *path, (archive_entry_perm(entry) & 0111U) != 0);
    }

    // A name may be taken once, in any case.
    Result<void> claim(const std::vector<std::string>& path) {
        const auto name = join(path);
        if (!m_taken.insert(folded(name)).second) {
            return defect(fmt::format(
                "the package has {} twice, or beside a name that differs in upper and lower case alone", shown(name)));
        }
        return {};
    }

    Result<void> makeFolders(const std::vector<std::string>& path) {
        std::string name;
        for (const auto& part : path) {
            name += name.empty() ? part : "/" + part;
            if (m_folders.contains(name)) {
                continue;
            }
            if (!m_taken.insert(folded(name)).second) {
                return defect(fmt::format("the package has {} both as a file and as a folder, or twice in another case",
                                          shown(name)));
            }
            if (::mkdir((m_root / name).c_str(), 0755) != 0) {
                return systemError(fmt::format("mkdir {}", name), errno);
            }
            m_folders.insert(name);
        }
        return {};
    }

    Result<void> writeFile(const Archive& reader, const std::vector<std::string>& path, bool executable) {
        const auto name = join(path);
        const UniqueFd fd(::open((m_root / name).c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                 executable ? 0755 : 0644));
        if (!fd) {
            return systemError(fmt::format("open {}", name), errno);
        }
        // The umask of whoever started the daemon is not the package's.
        ::fchmod(fd.get(), executable ? 0755 : 0644);
        for (;;) {
            const void* data = nullptr;
            std::size_t size = 0;
            la_int64_t offset = 0;
            const int status = archive_read_data_block(reader.get(), &data, &size, &offset);
            if (status == ARCHIVE_EOF) {
                break;
            }
            if (status != ARCHIVE_OK) {
                return defect(fmt::format("the package is damaged at {}: {}", shown(name), archiveError(reader)));
            }
            m_bytes += size;
            if (m_bytes > m_limits.unpackedBytes) {
                return defect(fmt::format("the package unpacks to more than {} MB", m_limits.unpackedBytes >> 20U));
            }
            HANSHU_TRY(writeAll(fd.get(), static_cast<const char*>(data), size, name));
        }
        return {};
    }

    static Result<void> writeAll(int fd, const char* data, std::size_t size, const std::string& name) {
        while (size > 0) {
            const auto count = ::write(fd, data, size);
            if (count < 0 && errno != EINTR) {
                return systemError(fmt::format("write {}", name), errno);
            }
            if (count > 0) {
                data += count;
                size -= static_cast<std::size_t>(count);
            }
        }
        return {};
    }

    Result<void> makeLinks() {
        for (const auto& link : m_links) {
            HANSHU_TRY(checkLink(link));
            if (::symlink(link.target.c_str(), (m_root / join(link.path)).c_str()) != 0) {
                return systemError(fmt::format("symlink {}", join(link.path)), errno);
            }
        }
        return {};
    }

    // Where a link leads is decided by the text alone; a link through another link is refused, because the text then
    // tells nothing.
    Result<void> checkLink(const Link& link) {
        const auto leadsOut = [&] {
            return defect(
                fmt::format("link {} leads out of the package or through another link", shown(join(link.path))));
        };
        if (link.target.empty() || link.target.front() == '/' || link.target.size() > kMaxPathBytes) {
            return leadsOut();
        }
        std::vector<std::string> at(link.path.begin(), link.path.end() - 1);
        for (const auto& part : fs::path(link.target)) {
            if (part == "..") {
                if (at.empty()) {
                    return leadsOut();
                }
                at.pop_back();
            } else if (!part.empty() && part != ".") {
                at.push_back(part.string());
            }
            if (m_linkNames.contains(join(at))) {
                return leadsOut();
            }
        }
        return {};
    }

    // One sync of the file system is cheaper than one of each of thousands of files.
    Result<void> sync() {
        const UniqueFd fd(::open(m_root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd || ::syncfs(fd.get()) != 0) {
            return systemError("syncfs", errno);
        }
        return {};
    }

    static std::string join(const std::vector<std::string>& path) {
        std::string name;
        for (const auto& part : path) {
            name += name.empty() ? part : "/" + part;
        }
        return name;
    }

    fs::path m_root;
    PackageLimits m_limits;
    std::size_t m_entries = 0;
    std::size_t m_files = 0;
    std::uint64_t m_bytes = 0;
    std::set<std::string> m_taken;    // folded
    std::set<std::string> m_folders;  // as written
    std::vector<Link> m_links;
    std::set<std::string> m_linkNames;
};

}  // namespace

namespace {

Result<void> checkSize(std::uint64_t size) {
    if (size == 0) {
        return defect("the package is empty; send a zip archive");
    }
    if (size > kMaxPackageBytes) {
        return defect(fmt::format("the package is larger than {} MB", kMaxPackageBytes >> 20U));
    }
    return {};
}

}  // namespace

Result<void> unpackZip(std::string_view zip, const fs::path& folder, const PackageLimits& limits) {
    HANSHU_TRY(checkSize(zip.size()));
    return Unpacker(folder, limits).run([zip](archive* reader) {
        return archive_read_open_memory(reader, zip.data(), zip.size());
    });
}

Result<void> unpackZipFile(const fs::path& zip, const fs::path& folder, const PackageLimits& limits) {
    std::error_code error;
    const auto size = fs::file_size(zip, error);
    if (error) {
        return systemError(fmt::format("stat {}", zip.string()), error.value());
    }
    HANSHU_TRY(checkSize(size));
    return Unpacker(folder, limits).run([&zip](archive* reader) {
        return archive_read_open_filename(reader, zip.c_str(), kReadBlock);
    });
}

}  // namespace hanshu::catalog
