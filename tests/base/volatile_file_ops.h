// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// File operations on a VolatileDisk, which loses in a power cut what was not synced. Any thread.
#pragma once

#include "base/file_ops.h"
#include "base/volatile_disk.h"

#include <cerrno>
#include <mutex>
#include <set>

namespace hanshu::test {

class VolatileFileOps final : public FileOps {
public:
    explicit VolatileFileOps(VolatileDisk& disk) : m_disk(disk) {}

    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        const std::lock_guard lock(m_mutex);
        if (const auto error = checkParent(path); error != 0) {
            return error;
        }
        if (m_disk.exists(path) || m_disk.exists(marker(path))) {
            return EEXIST;
        }
        return opened(m_disk.open(path, true), file);
    }

    Errno open(const std::string& path, OpenMode, std::unique_ptr<File>& file) override {
        const std::lock_guard lock(m_mutex);
        if (const auto error = checkParent(path); error != 0) {
            return error;
        }
        return m_disk.exists(path) ? opened(m_disk.open(path, false), file) : ENOENT;
    }

    Errno link(const std::string& from, const std::string& to) override {
        const std::lock_guard lock(m_mutex);
        if (const auto error = checkParent(to); error != 0) {
            return error;
        }
        return m_disk.exists(to) || m_disk.exists(marker(to)) ? EEXIST : errnoOf(m_disk.link(from, to));
    }

    Errno rename(const std::string& from, const std::string& to) override {
        const std::lock_guard lock(m_mutex);
        if (const auto error = checkParent(to); error != 0) {
            return error;
        }
        if (m_disk.exists(marker(to))) {
            return EISDIR;
        }
        const auto file = m_disk.open(from, false);
        if (file && file == m_disk.open(to, false)) {
            return 0;  // as POSIX wants it: two names of one file stay
        }
        return errnoOf(m_disk.rename(from, to));
    }

    Errno unlink(const std::string& path) override {
        const std::lock_guard lock(m_mutex);
        return m_disk.exists(marker(path)) ? EISDIR : errnoOf(m_disk.remove(path));
    }

    Errno makeDirectory(const std::string& path) override {
        const std::lock_guard lock(m_mutex);
        if (const auto error = checkParent(path); error != 0) {
            return error;
        }
        if (m_disk.exists(path) || m_disk.exists(marker(path))) {
            return EEXIST;
        }
        m_directories.insert(path);
        return m_disk.open(marker(path), true) ? 0 : EIO;
    }

    Errno removeDirectory(const std::string& path) override {
        const std::lock_guard lock(m_mutex);
        if (!m_disk.names(path).empty()) {
            return ENOTEMPTY;
        }
        return errnoOf(m_disk.remove(marker(path)));
    }

    Errno syncDirectory(const std::string& path) override {
        const std::lock_guard lock(m_mutex);
        return isThere(path) ? errnoOf(m_disk.syncDirectory(path)) : ENOENT;
    }

    Errno list(const std::string& path, std::vector<std::string>& names) override {
        const std::lock_guard lock(m_mutex);
        names.clear();
        if (m_disk.isOff()) {
            return EIO;
        }
        if (!isThere(path)) {
            return ENOENT;
        }
        for (auto name : m_disk.names(path)) {
            name.erase(0, path.size() + 1);
            if (name.ends_with(kMark)) {
                name.pop_back();
            }
            names.push_back(std::move(name));
        }
        return 0;
    }

    FileKind kind(const std::string& path) override {
        const std::lock_guard lock(m_mutex);
        if (checkParent(path) != 0) {
            return FileKind::Absent;
        }
        return m_disk.exists(path)           ? FileKind::Regular
               : m_disk.exists(marker(path)) ? FileKind::Directory
                                             : FileKind::Absent;
    }

    // After a restart: what lay in directories that were lost is lost, too.
    void check() {
        const std::lock_guard lock(m_mutex);
        for (const auto& directory : m_directories) {
            if (!isThere(directory)) {
                for (const auto& name : m_disk.names(directory)) {
                    (void)m_disk.remove(name);
                }
            }
        }
    }

private:
    class OpenFile final : public File {
    public:
        OpenFile(VolatileDisk& disk, VolatileDisk::FilePtr file) : m_disk(disk), m_file(std::move(file)) {}
        Errno append(std::string_view bytes) override {
            return errnoOf(m_disk.write(m_file, m_disk.size(m_file), bytes));
        }
        Errno appendFile(const File& source) override {
            const auto& from = static_cast<const OpenFile&>(source);
            std::string bytes(m_disk.size(from.m_file), '\0');
            std::size_t count = 0;
            const auto error = from.readAt(0, bytes, count);
            return error != 0 ? error : append(bytes);
        }
        Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
            return errnoOf(m_disk.read(m_file, offset, into, count));
        }
        Errno truncate(std::uint64_t size) override { return errnoOf(m_disk.truncate(m_file, size)); }
        Errno size(std::uint64_t& bytes) const override {
            bytes = m_disk.size(m_file);
            return 0;
        }
        Errno sync() override { return errnoOf(m_disk.sync(m_file)); }

    private:
        VolatileDisk& m_disk;
        VolatileDisk::FilePtr m_file;
    };

    // A directory is a name with a mark behind it: its own name is as volatile as any other.
    static constexpr char kMark = '\x01';
    static std::string marker(const std::string& path) { return path + kMark; }

    static Errno errnoOf(VolatileDisk::Status status) {
        switch (status) {
            case VolatileDisk::Status::Ok:
                return 0;
            case VolatileDisk::Status::NoSpace:
                return ENOSPC;
            case VolatileDisk::Status::Failed:
                return EIO;
            case VolatileDisk::Status::NotFound:
                return ENOENT;
        }
        return EIO;
    }

    static std::string parentOf(const std::string& path) {
        const auto slash = path.rfind('/');
        return slash == 0 ? "/" : path.substr(0, slash);
    }

    bool isThere(const std::string& directory) const {
        return directory == "/" || (m_disk.exists(marker(directory)) && isThere(parentOf(directory)));
    }

    Errno checkParent(const std::string& path) const {
        if (m_disk.isOff()) {
            return EIO;
        }
        for (auto directory = parentOf(path); directory != "/"; directory = parentOf(directory)) {
            if (m_disk.exists(directory)) {
                return ENOTDIR;
            }
        }
        return isThere(parentOf(path)) ? 0 : ENOENT;
    }

    Errno opened(VolatileDisk::FilePtr disk, std::unique_ptr<File>& file) {
        if (!disk) {
            return EIO;
        }
        file = std::make_unique<OpenFile>(m_disk, std::move(disk));
        return 0;
    }

    VolatileDisk& m_disk;
    std::mutex m_mutex;
    std::set<std::string> m_directories;
};

}  // namespace hanshu::test
