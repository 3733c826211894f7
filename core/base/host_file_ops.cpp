// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/file_ops.h"
#include "base/unique_fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace hanshu {
namespace {

Errno outcome(int result) noexcept {
    return result == 0 ? 0 : errno;
}

class HostFile final : public File {
public:
    HostFile(UniqueFd fd, std::uint64_t end, bool hasNewMode)
        : m_fd(std::move(fd)), m_end(end), m_hasNewMode(hasNewMode) {}

    Errno append(std::string_view bytes) override {
        while (!bytes.empty()) {
            const auto written = ::pwrite(m_fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(m_end));
            if (written < 0) {
                if (errno == EINTR) {
                    continue;
                }
                return errno;
            }
            m_end += static_cast<std::uint64_t>(written);
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
            auto end = static_cast<off64_t>(m_end);
            const auto copied = ::copy_file_range(from, &offset, m_fd.get(), &end, kPiece, 0);
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
            m_end += static_cast<std::uint64_t>(copied);
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

    Errno truncate(std::uint64_t size) override {
        if (::ftruncate(m_fd.get(), static_cast<off_t>(size)) != 0) {
            return errno;
        }
        m_end = size;
        return 0;
    }

    Errno size(std::uint64_t& bytes) const override {
        struct stat facts{};
        if (::fstat(m_fd.get(), &facts) != 0) {
            return errno;
        }
        bytes = static_cast<std::uint64_t>(facts.st_size);
        return 0;
    }

    // fdatasync writes what reading needs, the size included, but not a mode that was set after the file was made.
    Errno sync() override {
        if (!m_hasNewMode) {
            return outcome(::fdatasync(m_fd.get()));
        }
        if (::fsync(m_fd.get()) != 0) {
            return errno;
        }
        m_hasNewMode = false;
        return 0;
    }

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
    std::uint64_t m_end;  // where append() writes
    bool m_hasNewMode;    // that no sync has written yet
};

class HostFileOps final : public FileOps {
public:
    explicit HostFileOps(FileReaders readers) : m_isForEveryone(readers == FileReaders::Everyone) {}

    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        const mode_t mode = m_isForEveryone ? 0644 : 0640;
        UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | kFlags, mode));
        if (!fd || (m_isForEveryone && ::fchmod(fd.get(), mode) != 0)) {
            return errno;
        }
        file = std::make_unique<HostFile>(std::move(fd), 0, m_isForEveryone);
        return 0;
    }

    Errno open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) override {
        UniqueFd fd(::open(path.c_str(), (mode == OpenMode::Append ? O_RDWR : O_RDONLY) | kFlags));
        struct stat facts{};
        if (!fd || ::fstat(fd.get(), &facts) != 0) {
            return errno;
        }
        file = std::make_unique<HostFile>(std::move(fd), static_cast<std::uint64_t>(facts.st_size), false);
        return 0;
    }

    Errno link(const std::string& from, const std::string& to) override {
        return outcome(::link(from.c_str(), to.c_str()));
    }

    Errno rename(const std::string& from, const std::string& to) override {
        return outcome(std::rename(from.c_str(), to.c_str()));
    }

    Errno unlink(const std::string& path) override { return outcome(::unlink(path.c_str())); }

    Errno makeDirectory(const std::string& path) override {
        const mode_t mode = m_isForEveryone ? 0755 : 0750;
        if (::mkdir(path.c_str(), mode) != 0) {
            return errno;
        }
        return m_isForEveryone ? outcome(::chmod(path.c_str(), mode)) : 0;
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
    static constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW;

    bool m_isForEveryone;
};

}  // namespace

FileOps& hostFileOps(FileReaders readers) {
    static HostFileOps ours(FileReaders::OwnerAndGroup);
    static HostFileOps everyones(FileReaders::Everyone);
    return readers == FileReaders::Everyone ? everyones : ours;
}

Failure fileError(std::string_view what, Errno error) {
    if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
        return fail(Code::ResourceExhausted, "StorageFull", {}, std::string(what));
    }
    return systemError(what, error);
}

bool readFully(const File& file, std::uint64_t offset, std::span<char> into) {
    std::size_t count = 0;
    return file.readAt(offset, into, count) == 0 && count == into.size();
}

}  // namespace hanshu
