// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The local end of a transfer: a file, or a standard stream for `-`. Blocks; one thread.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

namespace hanshu::cli {

class ObjectSource {
public:
    [[nodiscard]] static Result<ObjectSource> open(const std::string& path, std::istream& in);
    // Up to `limit` bytes; 0 at the end.
    [[nodiscard]] Result<std::size_t> read(std::string& into, std::size_t limit);
    [[nodiscard]] std::uint64_t size() const noexcept { return m_size; }  // 0: not known

private:
    std::istream* m_in = nullptr;
    UniqueFd m_file;
    std::uint64_t m_size = 0;
    std::string m_path;
};

// A file appears whole or not at all: it is written under another name beside its place, and removed when it is not
// committed; one that was there before keeps its mode. What exists and is no file (a device, a FIFO) is written into as
// the bytes come. Links are followed.
class ObjectTarget {
public:
    // `path` empty: the last part of `key` in the current folder; a folder: that name in it; -: `out`.
    [[nodiscard]] static Result<ObjectTarget> open(const std::string& path, const std::string& key, std::ostream& out);
    ObjectTarget(ObjectTarget&& other) noexcept;
    ObjectTarget& operator=(ObjectTarget&&) = delete;
    ~ObjectTarget();
    [[nodiscard]] Result<void> write(std::string_view bytes);
    [[nodiscard]] Result<void> commit();
    [[nodiscard]] bool isStream() const noexcept { return m_out != nullptr; }
    [[nodiscard]] const std::string& path() const noexcept { return m_path; }

private:
    ObjectTarget() = default;
    Result<void> openBeside();

    std::ostream* m_out = nullptr;
    UniqueFd m_file;
    std::string m_temporary;  // empty: nothing to put in place or to remove
    std::string m_place;      // where links led to
    std::string m_path;
};

}  // namespace hanshu::cli
