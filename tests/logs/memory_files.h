// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files in memory that can be damaged, and that fail or die where a test wants it. Any thread, one at a time.
#pragma once

#include "base/file_ops.h"

#include <cerrno>
#include <cstring>
#include <map>

namespace hanshu::test {

class MemoryFile final : public File {
public:
    using Bytes = std::shared_ptr<std::string>;

    explicit MemoryFile(std::string bytes) : m_bytes(std::make_shared<std::string>(std::move(bytes))) {}
    MemoryFile(Bytes bytes, class MemoryFiles* owner) : m_bytes(std::move(bytes)), m_owner(owner) {}

    Errno append(std::string_view bytes) override;
    Errno appendFile(const File& source) override {
        const auto bytes = *static_cast<const MemoryFile&>(source).m_bytes;
        return append(bytes);
    }
    Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const override {
        count = offset >= m_bytes->size() ? 0 : std::min(into.size(), m_bytes->size() - offset);
        std::memcpy(into.data(), m_bytes->data() + std::min<std::size_t>(offset, m_bytes->size()), count);
        return 0;
    }
    Errno truncate(std::uint64_t size) override;
    Errno size(std::uint64_t& bytes) const override {
        bytes = m_bytes->size();
        return 0;
    }
    Errno sync() override;

private:
    Bytes m_bytes;
    class MemoryFiles* m_owner = nullptr;
};

class MemoryFiles final : public FileOps {
public:
    // The changes from this number on (from 1) fail, as many times; all of them as when the program is killed. An
    // append that fails leaves half of its bytes.
    static constexpr int kAll = 1'000'000;
    void failAt(int number, int times, Errno error = EIO) {
        m_failAt = m_changes + number;
        m_healthyAt = m_failAt + times;
        m_error = error;
    }
    void heal() { m_failAt = 0; }
    [[nodiscard]] bool hasFailed() const { return m_failAt != 0 && m_changes >= m_failAt; }
    [[nodiscard]] std::map<std::string, MemoryFile::Bytes>& all() { return m_files; }

    Errno create(const std::string& path, std::unique_ptr<File>& file) override {
        if (const auto error = change(); error != 0) {
            return error;
        }
        auto [place, isNew] = m_files.try_emplace(path, std::make_shared<std::string>());
        if (!isNew) {
            return EEXIST;
        }
        file = std::make_unique<MemoryFile>(place->second, this);
        return 0;
    }
    Errno open(const std::string& path, OpenMode, std::unique_ptr<File>& file) override {
        const auto found = m_files.find(path);
        if (found == m_files.end()) {
            return ENOENT;
        }
        file = std::make_unique<MemoryFile>(found->second, this);
        return 0;
    }
    Errno link(const std::string& from, const std::string& to) override {
        if (const auto error = change(); error != 0) {
            return error;
        }
        const auto found = m_files.find(from);
        if (found == m_files.end()) {
            return ENOENT;
        }
        return m_files.try_emplace(to, found->second).second ? 0 : EEXIST;
    }
    Errno rename(const std::string& from, const std::string& to) override {
        if (const auto error = change(); error != 0) {
            return error;
        }
        const auto found = m_files.find(from);
        if (found == m_files.end()) {
            return ENOENT;
        }
        m_files[to] = found->second;
        m_files.erase(from);
        return 0;
    }
    Errno unlink(const std::string& path) override {
        if (!m_files.contains(path)) {
            return ENOENT;
        }
        if (const auto error = change(); error != 0) {
            return error;
        }
        m_files.erase(path);
        return 0;
    }
    Errno makeDirectory(const std::string&) override { return 0; }
    Errno removeDirectory(const std::string&) override { return 0; }
    Errno syncDirectory(const std::string&) override { return change(); }
    Errno list(const std::string& path, std::vector<std::string>& names) override {
        names.clear();
        for (const auto& [name, bytes] : m_files) {
            if (name.starts_with(path + "/")) {
                names.push_back(name.substr(path.size() + 1));
            }
        }
        return 0;
    }

    FileKind kind(const std::string& path) override {
        return m_files.contains(path) ? FileKind::Regular : FileKind::Absent;
    }

    Errno change() {
        ++m_changes;
        return m_failAt != 0 && m_changes >= m_failAt && m_changes < m_healthyAt ? m_error : 0;
    }

private:
    std::map<std::string, MemoryFile::Bytes> m_files;
    int m_changes = 0;
    int m_failAt = 0;
    int m_healthyAt = 0;
    Errno m_error = EIO;
};

inline Errno MemoryFile::append(std::string_view bytes) {
    const auto error = m_owner != nullptr ? m_owner->change() : 0;
    m_bytes->append(error == 0 ? bytes : bytes.substr(0, bytes.size() / 2));
    return error;
}

inline Errno MemoryFile::truncate(std::uint64_t size) {
    const auto error = m_owner != nullptr ? m_owner->change() : 0;
    if (error == 0) {
        m_bytes->resize(size);
    }
    return error;
}

inline Errno MemoryFile::sync() {
    return m_owner != nullptr ? m_owner->change() : 0;
}

}  // namespace hanshu::test
