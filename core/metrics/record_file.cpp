// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/record_file.h"

#include "base/crc32c.h"

#include <fmt/format.h>
#include <cerrno>
#include <random>

namespace hanshu::metrics {
namespace {

constexpr std::uint32_t kRecordMagic = 0x9E4D5348;
constexpr std::string_view kRecordMagicBytes = "HSM\x9E";

std::string headerBytes(const RecordFile::Header& header, std::uint64_t salt) {
    std::string bytes(header.magic);
    ByteWriter out(bytes);
    out.fixed(salt);
    out.fixed(header.start);
    out.fixed(header.id);
    out.fixed(crc32c(bytes));
    return bytes;
}

}  // namespace

std::uint32_t RecordFile::checksum(std::string_view size, std::string_view payload) const {
    char salt[sizeof m_salt];
    std::memcpy(salt, &m_salt, sizeof salt);
    return crc32c(payload, crc32c(size, crc32c({salt, sizeof salt})));
}

Result<std::unique_ptr<RecordFile>> RecordFile::create(FileOps& files, std::string path, const Header& header) {
    std::unique_ptr<File> file;
    auto error = files.create(path, file);
    if (error == EEXIST) {
        (void)files.unlink(path);  // of an attempt that failed
        error = files.create(path, file);
    }
    if (error != 0) {
        return fileError("create " + path, error);
    }
    std::random_device random;
    const auto salt = static_cast<std::uint64_t>(random()) << 32U | random();
    const auto bytes = headerBytes(header, salt);
    error = file->append(bytes);
    if (error == 0) {
        error = file->sync();  // first of all: without its salt, whatever else survives is lost
    }
    if (error != 0) {
        file.reset();
        (void)files.unlink(path);
        return fileError("write " + path, error);
    }
    std::unique_ptr<RecordFile> made(new RecordFile(std::move(path), salt, std::move(file)));
    made->m_size = bytes.size();
    return made;
}

bool RecordFile::readRecord(std::uint64_t offset, std::uint64_t end, std::string& payload) const {
    char header[kRecordHeaderSize];
    if (end - offset < kRecordHeaderSize || !readFully(*m_file, offset, header)) {
        return false;
    }
    ByteReader in({header, sizeof header});
    const auto magic = in.fixed<std::uint32_t>();
    const auto crc = in.fixed<std::uint32_t>();
    const auto size = in.fixed<std::uint32_t>();
    if (magic != kRecordMagic || size > kMaxPayload || size > end - offset - kRecordHeaderSize) {
        return false;
    }
    payload.resize(size);
    return readFully(*m_file, offset + kRecordHeaderSize, payload) && checksum({header + 8, 4}, payload) == crc;
}

std::uint64_t RecordFile::findMagic(std::uint64_t from, std::uint64_t end) const {
    std::string window(64U << 10U, '\0');
    while (from + kRecordHeaderSize <= end) {
        std::size_t count = 0;
        if (m_file->readAt(from, window, count) != 0 || count < kRecordMagicBytes.size()) {
            return end;
        }
        const auto found = std::string_view(window).substr(0, count).find(kRecordMagicBytes);
        if (found != std::string_view::npos) {
            return from + found;
        }
        from += count - kRecordMagicBytes.size() + 1;
    }
    return end;
}

Result<std::unique_ptr<RecordFile>> RecordFile::recover(
    FileOps& files, std::string path, const Header& expected,
    const std::function<void(std::uint64_t, std::string_view)>& found, std::vector<std::string>& damage) {
    std::unique_ptr<File> file;
    if (const auto error = files.open(path, OpenMode::Append, file); error != 0) {
        return fileError("open " + path, error);
    }
    std::uint64_t size = 0;
    if (const auto error = file->size(size); error != 0) {
        return fileError("size of " + path, error);
    }
    std::string header(kHeaderSize, '\0');
    std::uint64_t salt = 0;
    if (size >= kHeaderSize && readFully(*file, 0, header)) {
        std::memcpy(&salt, header.data() + expected.magic.size(), sizeof salt);
    }
    std::unique_ptr<RecordFile> recovered(new RecordFile(std::move(path), salt, std::move(file)));
    if (size < kHeaderSize || header != headerBytes(expected, salt)) {
        if (size > kHeaderSize) {
            damage.push_back(fmt::format("{}: the header is damaged, {} bytes are lost", recovered->m_path, size));
        }
        recovered->m_broken = true;
        return recovered;
    }
    std::uint64_t good = kHeaderSize;
    std::string payload;
    for (auto at = good; at < size;) {
        if (!recovered->readRecord(at, size, payload)) {
            at = recovered->findMagic(at + 1, size);
            continue;
        }
        if (at > good) {
            damage.push_back(fmt::format("{}: bytes {} to {} are damaged", recovered->m_path, good, at));
        }
        found(at + kRecordHeaderSize, payload);
        at += kRecordHeaderSize + payload.size();
        good = at;
    }
    if (good < size) {
        damage.push_back(fmt::format("{}: bytes {} to {} are no whole record: cut off", recovered->m_path, good, size));
    }
    if (good < size && recovered->m_file->truncate(good) != 0) {
        recovered->m_broken = true;
    }
    recovered->m_size = good;
    return recovered;
}

Result<std::uint64_t> RecordFile::append(std::string_view payload) {
    if (m_broken || payload.size() > kMaxPayload) {
        return internalError(m_broken ? "append to broken " + m_path : "a record of " + m_path + " is too large");
    }
    m_buffer.clear();
    ByteWriter out(m_buffer);
    out.fixed(kRecordMagic);
    const auto size = static_cast<std::uint32_t>(payload.size());
    char sizeBytes[sizeof size];
    std::memcpy(sizeBytes, &size, sizeof size);
    out.fixed(checksum({sizeBytes, sizeof sizeBytes}, payload));
    out.fixed(size);
    m_buffer.append(payload);
    if (const auto error = m_file->append(m_buffer); error != 0) {
        m_broken = m_file->truncate(m_size) != 0;
        return fileError("write " + m_path, error);
    }
    if (const auto error = m_file->sync(); error != 0) {
        // What a failed sync left is unknown, and another one would report success (fsync(2)): no more goes here.
        m_broken = true;
        (void)m_file->truncate(m_size);
        return fileError("sync " + m_path, error);
    }
    const auto at = m_size + kRecordHeaderSize;
    m_size += m_buffer.size();
    if (m_buffer.capacity() > (1U << 20U)) {
        std::string().swap(m_buffer);
    }
    return at;
}

}  // namespace hanshu::metrics
