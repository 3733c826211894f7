// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the object store does with files, as a port, so that a test can lose what was not synced. Calls block: disk
// threads and start-up alone. Each File is used by one thread at a time for writing, by any for reading.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::objects {

// An errno; 0: done.
using Errno = int;

class File {
public:
    virtual ~File() = default;
    // Writes all of it at the end.
    [[nodiscard]] virtual Errno append(std::string_view bytes) = 0;
    // Appends the whole of another file of the same FileOps.
    [[nodiscard]] virtual Errno appendFile(const File& source) = 0;
    // Sets `count`: 0 at the end.
    [[nodiscard]] virtual Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const = 0;
    // Its bytes and size are on disk when it returns; its name need not be (syncDirectory).
    [[nodiscard]] virtual Errno sync() = 0;
};

enum class FileKind { Absent, Regular, Directory, Other };

class FileOps {
public:
    virtual ~FileOps() = default;
    // A new file, mode 0644; EEXIST when there is one.
    [[nodiscard]] virtual Errno create(const std::string& path, std::unique_ptr<File>& file) = 0;
    // For reading.
    [[nodiscard]] virtual Errno open(const std::string& path, std::unique_ptr<File>& file) = 0;
    [[nodiscard]] virtual Errno link(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Errno rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Errno unlink(const std::string& path) = 0;
    // Mode 0755.
    [[nodiscard]] virtual Errno makeDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno removeDirectory(const std::string& path) = 0;
    // The names in a directory are on disk when it returns.
    [[nodiscard]] virtual Errno syncDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno list(const std::string& path, std::vector<std::string>& names) = 0;
    // Does not follow symbolic links.
    [[nodiscard]] virtual FileKind kind(const std::string& path) = 0;
};

// The host's; stateless.
[[nodiscard]] FileOps& hostFileOps();

}  // namespace hanshu::objects
