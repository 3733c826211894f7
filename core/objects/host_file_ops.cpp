// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/unique_fd.h"
#include "objects/file_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>

namespace hanshu::objects {
namespace {

Errno outcome(int result) noexcept {
    return result == 0 ? 0 : errno;
}

class HostFile final : public File {
public:
    explicit HostFile(UniqueFd fd) : m_fd(std::move(fd)) {}

    Errno append(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto written = ::write(m_fd.get(), bytes.data(), bytes.size());
            if (written < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return errno;
            }
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return 0;
    }

    Errno appendFile(const File& source) override {
        const auto from = static_cast<const HostFile&>(source).m_fd.get();
        // In the kernel, and without a copy at all where the file system can share blocks.
        constexpr std::size_t kPiece = 64U << 20U;
        off64_t offset = 0;
        for (;;) {
            const auto copied = ::copy_file_range(from, &offset, m_fd.get(), nullptr, kPiece, 0);
            if (copied == 0) {
                return 0;
            }
            if (copied < 0 && errno == EINTR) {
                continue;
            }
            if (copied < 0 && (errno == ENOSYS || errno == EXDEV || errno == EINVAL || errno == EOPNOTSUPP)) {
                return appendByReading(source, static_cast<std::uint64_t>(offset));
            }
            if (copied < 0) {
                return errno;
            }
        }
    }

    Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
        count = 0;
        while (count < into.size()) {
            const auto got =
                ::pread(m_fd.get(), into.data() + count, into.size() - count, static_cast<off_t>(offset + count));
            if (got < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return errno;
            }
            if (got == 0) {
                break;
            }
            count += static_cast<std::size_t>(got);
        }
        return 0;
    }

    Errno sync() override { return outcome(::fsync(m_fd.get())); }

private:
    Errno appendByReading(const File& source, std::uint64_t offset) {
        std::vector<char> buffer(1U << 20U);
        for (;;) {
            std::size_t count = 0;
            if (const auto error = source.readAt(offset, buffer, count); error != 0) {
                return error;
            }
            if (count == 0) {
                return 0;
            }
            if (const auto error = append({buffer.data(), count}); error != 0) {
                return error;
            }
            offset += count;
        }
    }

    UniqueFd m_fd;
};

class HostFileOps final : public FileOps {
public:
    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        return openWith(path, O_RDWR | O_CREAT | O_EXCL, file);
    }

    Errno open(const std::string& path, std::unique_ptr<File>& file) override { return openWith(path, O_RDONLY, file); }

    Errno link(const std::string& from, const std::string& to) override {
        return outcome(::link(from.c_str(), to.c_str()));
    }

    Errno rename(const std::string& from, const std::string& to) override {
        return outcome(std::rename(from.c_str(), to.c_str()));
    }

    Errno unlink(const std::string& path) override { return outcome(::unlink(path.c_str())); }

    Errno makeDirectory(const std::string& path) override {
        if (::mkdir(path.c_str(), 0755) != 0) {
            return errno;
        }
        return outcome(::chmod(path.c_str(), 0755));  // whatever the umask
    }

    Errno removeDirectory(const std::string& path) override { return outcome(::rmdir(path.c_str())); }

    Errno syncDirectory(const std::string& path) override {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return fd ? outcome(::fsync(fd.get())) : errno;
    }

    Errno list(const std::string& path, std::vector<std::string>& names) override {
        names.clear();
        std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
        if (!directory) {
            return errno;
        }
        for (;;) {
            errno = 0;
            const auto* entry = ::readdir(directory.get());
            if (entry == nullptr) {
                return errno;
            }
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") {
                names.emplace_back(name);
            }
        }
    }

    FileKind kind(const std::string& path) override {
        struct stat facts{};
        if (::lstat(path.c_str(), &facts) != 0) {
            return FileKind::Absent;
        }
        return S_ISREG(facts.st_mode)   ? FileKind::Regular
               : S_ISDIR(facts.st_mode) ? FileKind::Directory
                                        : FileKind::Other;
    }

private:
    static Errno openWith(const std::string& path, int flags, std::unique_ptr<File>& file) {
        UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!fd) {
            return errno;
        }
        if ((flags & O_CREAT) != 0 && ::fchmod(fd.get(), 0644) != 0) {  // whatever the umask
            return errno;
        }
        file = std::make_unique<HostFile>(std::move(fd));
        return 0;
    }
};

}  // namespace

FileOps& hostFileOps() {
    static HostFileOps ops;
    return ops;
}

}  // namespace hanshu::objects
