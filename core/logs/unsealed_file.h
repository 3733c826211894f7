// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A file that lines are appended to until it is sealed into a segment. One thread writes; readers on any thread see
// what was written when they ask for the marks.
#pragma once

#include "base/file_ops.h"
#include "logs/frame.h"

#include <limits>
#include <memory>
#include <mutex>

namespace hanshu::logs {

// Lines that lie together, be it in frames or in a block: what a query skips or reads as a whole. Bounds included.
struct Span {
    std::uint64_t firstSequence = 0;
    std::uint64_t lastSequence = 0;
    SystemTime minTime{SystemTime::duration::max()};
    SystemTime maxTime{SystemTime::duration::min()};
    std::uint32_t lines = 0;
    std::array<std::uint32_t, kLevels> levels{};  // lines of each
    std::uint32_t streams = 0;

    void add(const LineView& line) noexcept {
        firstSequence = lines == 0 ? line.sequence : firstSequence;
        lastSequence = line.sequence;
        minTime = std::min(minTime, line.time);
        maxTime = std::max(maxTime, line.time);
        ++lines;
        ++levels[static_cast<std::size_t>(line.level)];
        streams |= maskOf(line.stream);
    }
    [[nodiscard]] std::uint32_t levelMask() const noexcept {
        std::uint32_t mask = 0;
        for (std::size_t i = 0; i < kLevels; ++i) {
            mask |= levels[i] > 0 ? 1U << i : 0U;
        }
        return mask;
    }
};

class UnsealedFile {
public:
    struct Mark {
        std::uint64_t offset = 0;
        std::uint32_t size = 0;
        Span span;
    };

    [[nodiscard]] static Result<std::shared_ptr<UnsealedFile>> create(FileOps& files, std::string path,
                                                                      std::uint64_t salt);
    // Reads all of a file of an earlier life, cuts what the end of that life left unfinished, and goes on after it.
    // `damage` gets what could not be read before that.
    [[nodiscard]] static Result<std::shared_ptr<UnsealedFile>> recover(FileOps& files, std::string path,
                                                                       std::vector<std::string>& damage);

    // Written when it returns, on disk after sync(). On failure the lines up to span().lastSequence are there and the
    // rest are not; when even that can't be had, isBroken() asks for another file.
    [[nodiscard]] Result<void> append(std::span<const LineView> lines);
    [[nodiscard]] Result<void> sync();
    [[nodiscard]] bool isBroken() const noexcept { return m_broken; }

    [[nodiscard]] const std::string& path() const noexcept { return m_path; }
    [[nodiscard]] std::uint64_t size() const noexcept { return m_size.load(); }
    [[nodiscard]] std::vector<Mark> marks() const;
    // Of all its lines.
    [[nodiscard]] Span span() const;
    // Failed: the disk said no, perhaps only now.
    enum class Outcome { Good, Damaged, Failed };
    [[nodiscard]] Outcome read(const Mark& mark, DecodedLines& into) const;

private:
    UnsealedFile(std::string path, std::uint64_t salt, std::unique_ptr<File> file)
        : m_path(std::move(path)), m_salt(salt), m_file(std::move(file)) {}
    void note(std::uint64_t offset, std::size_t size, std::span<const LineView> lines);
    // The frames in `bytes`, which is the whole file; returns where the good ones end.
    std::size_t replay(std::string_view bytes, std::vector<std::string>& damage);

    std::string m_path;
    std::uint64_t m_salt;
    std::unique_ptr<File> m_file;
    std::atomic<std::uint64_t> m_size = 0;
    bool m_broken = false;
    bool m_dirty = false;
    std::string m_buffer;
    mutable std::mutex m_mutex;  // of what follows
    std::vector<Mark> m_marks;
    Span m_span;
};

}  // namespace hanshu::logs
