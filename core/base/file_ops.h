// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What stores do with files, as a port, so that a test can lose what was not synced. Calls block: never on an io
// thread. Of a File, one thread at a time writes, any read.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu {

// An errno; 0: done.
using Errno = int;

class File {
public:
    virtual ~File() = default;
    // Writes all of it at the end. After an error some of it may be there, and the next call goes on behind that.
    [[nodiscard]] virtual Errno append(std::string_view bytes) = 0;
    // Appends the whole of another file of the same FileOps.
    [[nodiscard]] virtual Errno appendFile(const File& source) = 0;
    // Sets `count`: less than asked for at the end.
    [[nodiscard]] virtual Errno readAt(std::uint64_t offset, std::span<char> into, std::size_t& count) const = 0;
    // The end is here from now on.
    [[nodiscard]] virtual Errno truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Errno size(std::uint64_t& bytes) const = 0;
    // Its bytes, size and mode are on disk when it returns; its name (syncDirectory) and times need not be.
    [[nodiscard]] virtual Errno sync() = 0;
};

enum class OpenMode { Read, Append };

enum class FileKind { Absent, Regular, Directory, Other };

class FileOps {
public:
    virtual ~FileOps() = default;
    // A new file; EEXIST when there is one.
    [[nodiscard]] virtual Errno create(const std::string& path, std::unique_ptr<File>& file) = 0;
    [[nodiscard]] virtual Errno open(const std::string& path, OpenMode mode, std::unique_ptr<File>& file) = 0;
    // A second name.
    [[nodiscard]] virtual Errno link(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Errno rename(const std::string& from, const std::string& to) = 0;
    [[nodiscard]] virtual Errno unlink(const std::string& path) = 0;
    // EEXIST when it is there.
    [[nodiscard]] virtual Errno makeDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno removeDirectory(const std::string& path) = 0;
    // The names in a directory are on disk when it returns.
    [[nodiscard]] virtual Errno syncDirectory(const std::string& path) = 0;
    [[nodiscard]] virtual Errno list(const std::string& path, std::vector<std::string>& names) = 0;
    // Does not follow symbolic links.
    [[nodiscard]] virtual FileKind kind(const std::string& path) = 0;
};

// Who may read what is made: the owner and its group as far as the umask lets them (0640, directories 0750), or
// everyone whatever the umask (0644, 0755).
enum class FileReaders { OwnerAndGroup, Everyone };

// The host's; stateless.
[[nodiscard]] FileOps& hostFileOps(FileReaders readers);

// A full disk or quota concerns one write and is the caller's to hear of (StorageFull); the rest are internal errors.
[[nodiscard]] Failure fileError(std::string_view what, Errno error);

// All of `into`, or false.
[[nodiscard]] bool readFully(const File& file, std::uint64_t offset, std::span<char> into);

}  // namespace hanshu
