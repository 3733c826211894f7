// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/unsealed_file.h"

#include <fmt/format.h>
#include <cerrno>

namespace hanshu::logs {
namespace {

void merge(Span& into, const Span& other) {
    if (into.lines == 0) {
        into = other;
        return;
    }
    into.lastSequence = other.lastSequence;
    into.minTime = std::min(into.minTime, other.minTime);
    into.maxTime = std::max(into.maxTime, other.maxTime);
    into.lines += other.lines;
    into.streams |= other.streams;
    for (std::size_t i = 0; i < kLevels; ++i) {
        into.levels[i] += other.levels[i];
    }
}

}  // namespace

Result<std::shared_ptr<UnsealedFile>> UnsealedFile::create(FileOps& files, std::string path, std::uint64_t salt) {
    std::unique_ptr<File> file;
    auto error = files.create(path, file);
    if (error == EEXIST) {
        // Of an attempt that failed, and could not even be undone: no line has had this name.
        (void)files.unlink(path);
        error = files.create(path, file);
    }
    if (error != 0) {
        return fileError("create " + path, error);
    }
    const auto header = frame::fileHeader(salt);
    error = file->append(header);
    if (error == 0) {
        error = file->sync();  // first of all: without its salt, whatever else survives is lost
    }
    if (error != 0) {
        file.reset();
        (void)files.unlink(path);
        return fileError("write " + path, error);
    }
    auto made = std::shared_ptr<UnsealedFile>(new UnsealedFile(std::move(path), salt, std::move(file)));
    made->m_size = header.size();
    return made;
}

Result<std::shared_ptr<UnsealedFile>> UnsealedFile::recover(FileOps& files, std::string path,
                                                            std::vector<std::string>& damage) {
    std::unique_ptr<File> file;
    if (const auto error = files.open(path, OpenMode::Append, file); error != 0) {
        return fileError("open " + path, error);
    }
    std::uint64_t size = 0;
    if (const auto error = file->size(size); error != 0) {
        return fileError("size of " + path, error);
    }
    std::string bytes(size, '\0');
    std::size_t count = 0;
    if (const auto error = file->readAt(0, bytes, count); error != 0) {
        return fileError("read " + path, error);
    }
    bytes.resize(count);
    const auto salt = frame::readFileHeader(bytes);
    auto recovered = std::shared_ptr<UnsealedFile>(new UnsealedFile(path, salt.value_or(0), std::move(file)));
    if (!salt) {
        // Without its salt nothing can be told from a message. A file of no more than a header had no lines.
        if (bytes.size() > frame::kFileHeaderSize) {
            damage.push_back(fmt::format("{}: the header is damaged, {} bytes are lost", path, bytes.size()));
            recovered->m_broken = true;
        }
        return recovered;
    }
    const auto good = recovered->replay(bytes, damage);
    recovered->m_size = good;
    if (good < bytes.size()) {
        if (const auto error = recovered->m_file->truncate(good); error != 0) {
            recovered->m_broken = true;
        }
    }
    recovered->m_dirty = true;
    return recovered;
}

std::size_t UnsealedFile::replay(std::string_view bytes, std::vector<std::string>& damage) {
    std::size_t at = frame::kFileHeaderSize;
    std::size_t good = at;
    std::vector<LineView> lines;
    while (at < bytes.size()) {
        lines.clear();
        const auto size = frame::check(bytes.substr(at), m_salt);
        const auto isGood = size > 0 && frame::read(bytes.substr(at, size), lines) && !lines.empty() &&
                            lines.front().sequence > m_span.lastSequence;
        if (!isGood) {
            ++at;  // a later frame may be whole: damage in the middle costs what it hit
            continue;
        }
        if (at > good) {
            damage.push_back(fmt::format("{}: bytes {} to {} are damaged", m_path, good, at));
        }
        note(at, size, lines);
        at += size;
        good = at;
    }
    return good;
}

Result<void> UnsealedFile::append(std::span<const LineView> lines) {
    auto offset = m_size.load();
    while (!lines.empty()) {
        m_buffer.clear();
        const auto before = offset;
        std::vector<std::pair<std::size_t, std::span<const LineView>>> frames;
        // Several frames a write, bounded.
        while (!lines.empty() && m_buffer.size() < (1U << 20U)) {
            const auto start = m_buffer.size();
            const auto taken = frame::append(lines, m_salt, m_buffer);
            frames.emplace_back(m_buffer.size() - start, lines.first(taken));
            lines = lines.subspan(taken);
        }
        if (const auto error = m_file->append(m_buffer); error != 0) {
            m_broken = m_file->truncate(before) != 0;
            return fileError("write " + m_path, error);
        }
        m_dirty = true;
        for (const auto& [size, part] : frames) {
            note(offset, size, part);
            offset += size;
        }
        m_size = offset;
    }
    return {};
}

Result<void> UnsealedFile::sync() {
    if (!m_dirty) {
        return {};
    }
    if (const auto error = m_file->sync(); error != 0) {
        // What a failed sync left is unknown, and another one would report success (fsync(2)): no more goes here.
        m_broken = true;
        return fileError("sync " + m_path, error);
    }
    m_dirty = false;
    return {};
}

void UnsealedFile::note(std::uint64_t offset, std::size_t size, std::span<const LineView> lines) {
    Span span;
    for (const auto& line : lines) {
        span.add(line);
    }
    const std::lock_guard lock(m_mutex);
    merge(m_span, span);
    if (!m_marks.empty()) {
        auto& last = m_marks.back();
        if (last.offset + last.size == offset && last.size + size <= frame::kTargetSize) {
            last.size += static_cast<std::uint32_t>(size);
            merge(last.span, span);
            return;
        }
    }
    m_marks.push_back({offset, static_cast<std::uint32_t>(size), span});
}

std::vector<UnsealedFile::Mark> UnsealedFile::marks() const {
    const std::lock_guard lock(m_mutex);
    return m_marks;
}

Span UnsealedFile::span() const {
    const std::lock_guard lock(m_mutex);
    return m_span;
}

UnsealedFile::Outcome UnsealedFile::read(const Mark& mark, DecodedLines& into) const {
    into.lines.clear();
    into.buffer.resize(mark.size);
    if (!readFully(*m_file, mark.offset, into.buffer)) {
        return Outcome::Failed;
    }
    std::string_view rest = into.buffer;
    while (!rest.empty()) {
        const auto size = frame::check(rest, m_salt);
        if (size == 0 || !frame::read(rest.substr(0, size), into.lines)) {
            return Outcome::Damaged;
        }
        rest.remove_prefix(size);
    }
    return into.lines.size() == mark.span.lines ? Outcome::Good : Outcome::Damaged;
}

}  // namespace hanshu::logs
