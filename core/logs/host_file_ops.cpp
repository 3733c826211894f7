// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/unique_fd.h"
#include "logs/file_ops.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace hanshu::logs {
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
            if (written < 0 && errno != EINTR) {
                return errno;
            }
            bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
        }
        return 0;
    }

    Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
        count = 0;
        while (count < into.size()) {
            const auto got =
                ::pread(m_fd.get(), into.data() + count, into.size() - count, static_cast<off_t>(offset + count));
            if (got < 0 && errno != EINTR) {
                return errno;
            }
            if (got == 0) {
                break;
            }
            count += got < 0 ? 0 : static_cast<std::size_t>(got);
        }
        return 0;
    }

    Errno truncate(std::uint64_t size) override { return outcome(::ftruncate(m_fd.get(), static_cast<off_t>(size))); }

    Errno size(std::uint64_t& bytes) const override {
        struct stat facts{};
        if (::fstat(m_fd.get(), &facts) != 0) {
            return errno;
        }
        bytes = static_cast<std::uint64_t>(facts.st_size);
        return 0;
    }

    Errno sync() override { return outcome(::fdatasync(m_fd.get())); }

private:
    UniqueFd m_fd;
};

class HostFileOps final : public FileOps {
public:
    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        return openWith(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, file);
    }
    Errno open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) override {
        return openWith(path, mode == OpenMode::Append ? O_RDWR | O_APPEND : O_RDONLY, file);
    }
    Errno rename(const std::string& from, const std::string& to) override {
        return outcome(std::rename(from.c_str(), to.c_str()));
    }
    Errno unlink(const std::string& path) override { return outcome(::unlink(path.c_str())); }
    Errno makeDirectory(const std::string& path) override { return outcome(::mkdir(path.c_str(), 0750)); }
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

private:
    static Errno openWith(const std::string& path, int flags, std::unique_ptr<File>& file) {
        UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0640));
        if (!fd) {
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

}  // namespace hanshu::logs
