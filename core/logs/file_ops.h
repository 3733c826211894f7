// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the log store does with files, as a port, so that a test can lose what was not synced. Calls block: never on an
// io thread. Of a File, one thread at a time writes, any read.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::logs {

// An errno; 0: done.
using Errno = int;

class File {
public:
    virtual ~File() = default;
    // Writes all of it at the end.
    [[nodiscard]] virtual Errno append(std::string_view bytes) = 0;
    // Sets `count`: less than asked for at the end.
    [[nodiscard]] virtual Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const = 0;
    [[nodiscard]] virtual Errno truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Errno size(std::uint64_t& bytes) const = 0;
    // Its bytes and size are on disk when it returns; its name need not be (syncDirectory).
    [[nodiscard]] virtual Errno sync() = 0;
};

enum class OpenMode { Read, Append };

class FileOps {
public:
    virtual ~FileOps() = default;
    // A new file, mode 0640; EEXIST when there is one.
    [[nodiscard]] virtual Errno create(const std::string& path, std::unique_ptr<File>& file) = 0;
    [[nodiscard]] virtual Errno open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) = 0;
    [[nodiscard]] virtual Errno rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Errno unlink(const std::string& path) = 0;
    // Mode 0750; EEXIST when it is there.
    [[nodiscard]] virtual Errno makeDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno removeDirectory(const std::string& path) = 0;
    // The names in a directory are on disk when it returns.
    [[nodiscard]] virtual Errno syncDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno list(const std::string& path, std::vector<std::string>& names) = 0;
};

// The host's; stateless.
[[nodiscard]] FileOps& hostFileOps();

// A full disk concerns one write and is the caller's to hear of (StorageFull); the rest are internal errors.
[[nodiscard]] Failure fileError(std::string_view what, Errno error);

// All of `into`, or false.
[[nodiscard]] bool readFully(const File& file, std::uint64_t offset, std::span<char> into);

}  // namespace hanshu::logs
