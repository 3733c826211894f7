// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A file that records are appended to, each under a checksum of its own, so that a file that ends in the middle of a
// write, or has a damaged piece, loses that piece alone. One thread at a time writes, any read.
//
//   file:   magic (8) salt (8) start (8) id (8) crc32c of those (4) record…
//   record: magic (4) crc32c of salt, size and payload (4) size of the payload (4) payload
//
// The salt is random: without it, what an earlier file left on the disk could pass for records.
#pragma once

#include "base/bytes.h"
#include "base/file_ops.h"

#include <functional>

namespace hanshu::metrics {

// Failed: the disk says no, and it is to be tried again. Damaged: it says something wrong.
enum class ReadOutcome { Good, Failed, Damaged };

class RecordFile {
public:
    struct Header {
        std::string_view magic;  // 8 bytes
        std::int64_t start = 0;
        std::uint64_t id = 0;
    };
    static constexpr std::size_t kHeaderSize = 36;
    static constexpr std::size_t kRecordHeaderSize = 12;
    // More than 200,000 series can have in a period; a larger size is damage.
    static constexpr std::uint32_t kMaxPayload = 64U << 20U;

    // A new file in place of what has the name; its header is on disk, its name is not (syncDirectory).
    [[nodiscard]] static Result<std::unique_ptr<RecordFile>> create(FileOps& files, std::string path,
                                                                    const Header& header);
    // Calls found(offset, payload) for each record that is whole, in order, and cuts off what comes after the last.
    // Broken, if its header is damaged. `damage` gets a line for each piece that was left out; one for the end says
    // "cut off", since a write that was not finished looks like a last record that was damaged.
    [[nodiscard]] static Result<std::unique_ptr<RecordFile>> recover(
        FileOps& files, std::string path, const Header& expected,
        const std::function<void(std::uint64_t, std::string_view)>& found, std::vector<std::string>& damage);

    // Written and on disk when it returns; returns where the payload is. After a failure it is not there, or the file
    // is broken and takes no more.
    [[nodiscard]] Result<std::uint64_t> append(std::string_view payload);
    [[nodiscard]] bool isBroken() const noexcept { return m_broken; }
    [[nodiscard]] bool read(std::uint64_t offset, std::span<char> into) const {
        return readFully(*m_file, offset, into);
    }
    [[nodiscard]] const std::string& path() const noexcept { return m_path; }

private:
    RecordFile(std::string path, std::uint64_t salt, std::unique_ptr<File> file)
        : m_path(std::move(path)), m_salt(salt), m_file(std::move(file)) {}
    [[nodiscard]] std::uint32_t checksum(std::string_view size, std::string_view payload) const;
    [[nodiscard]] bool readRecord(std::uint64_t offset, std::uint64_t end, std::string& payload) const;
    [[nodiscard]] std::uint64_t findMagic(std::uint64_t from, std::uint64_t end) const;

    std::string m_path;
    std::uint64_t m_salt;
    std::unique_ptr<File> m_file;
    std::uint64_t m_size = 0;
    bool m_broken = false;
    std::string m_buffer;
};

}  // namespace hanshu::metrics
