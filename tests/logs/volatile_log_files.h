// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The file operations of the log store on a VolatileDisk, which loses in a power cut what was not synced. One thread at
// a time.
#pragma once

#include "logs/file_ops.h"
#include "store/volatile_disk.h"

#include <cerrno>

namespace hanshu::test {

class VolatileLogFiles final : public logs::FileOps {
public:
    explicit VolatileLogFiles(VolatileDisk& disk) : m_disk(disk) {}

    logs::Errno create(const std::string& path, std::unique_ptr<logs::File>& file) override {
        return m_disk.exists(path) ? EEXIST : opened(m_disk.open(path, true), file);
    }
    logs::Errno open(const std::string& path, logs::OpenMode, std::unique_ptr<logs::File>& file) override {
        return m_disk.exists(path) ? opened(m_disk.open(path, false), file) : ENOENT;
    }
    logs::Errno rename(const std::string& from, const std::string& to) override {
        return errnoOf(m_disk.rename(from, to));
    }
    logs::Errno unlink(const std::string& path) override { return errnoOf(m_disk.remove(path)); }
    // Directories are names alone; that they are lost is the test of whoever makes them.
    logs::Errno makeDirectory(const std::string&) override { return EEXIST; }
    logs::Errno removeDirectory(const std::string&) override { return 0; }
    logs::Errno syncDirectory(const std::string& path) override { return errnoOf(m_disk.syncDirectory(path)); }
    logs::Errno list(const std::string& path, std::vector<std::string>& names) override {
        names.clear();
        if (m_disk.isOff()) {
            return EIO;
        }
        for (const auto& name : m_disk.names(path)) {
            names.push_back(name.substr(path.size() + 1));
        }
        return 0;
    }

private:
    class OpenFile final : public logs::File {
    public:
        OpenFile(VolatileDisk& disk, VolatileDisk::FilePtr file) : m_disk(disk), m_file(std::move(file)) {}
        logs::Errno append(std::string_view bytes) override {
            return errnoOf(m_disk.write(m_file, m_disk.size(m_file), bytes));
        }
        logs::Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
            return errnoOf(m_disk.read(m_file, offset, into, count));
        }
        logs::Errno truncate(std::uint64_t size) override { return errnoOf(m_disk.truncate(m_file, size)); }
        logs::Errno size(std::uint64_t& bytes) const override {
            bytes = m_disk.size(m_file);
            return 0;
        }
        logs::Errno sync() override { return errnoOf(m_disk.sync(m_file)); }

    private:
        VolatileDisk& m_disk;
        VolatileDisk::FilePtr m_file;
    };

    static logs::Errno errnoOf(VolatileDisk::Status status) {
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
    logs::Errno opened(VolatileDisk::FilePtr open, std::unique_ptr<logs::File>& file) {
        if (!open) {
            return EIO;
        }
        file = std::make_unique<OpenFile>(m_disk, std::move(open));
        return 0;
    }

    VolatileDisk& m_disk;
};

}  // namespace hanshu::test
