// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes zips for tests, good and bad ones. Any thread.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::test {

struct ZipEntry {
    std::string name;
    std::string content{};
    unsigned type = AE_IFREG;
    unsigned mode = 0644;
    std::string link{};
};

inline std::string makeZip(const std::vector<ZipEntry>& entries) {
    std::string out(1 << 20, '\0');
    std::size_t used = 0;
    for (;;) {
        auto* writer = archive_write_new();
        archive_write_set_format_zip(writer);
        archive_write_open_memory(writer, out.data(), out.size(), &used);
        bool fits = true;
        for (const auto& entry : entries) {
            auto* header = archive_entry_new();
            archive_entry_set_pathname(header, entry.name.c_str());
            archive_entry_set_filetype(header, entry.type);
            archive_entry_set_perm(header, entry.mode);
            archive_entry_set_size(header, static_cast<std::int64_t>(entry.content.size()));
            if (!entry.link.empty()) {
                archive_entry_set_symlink(header, entry.link.c_str());
            }
            if (archive_write_header(writer, header) < ARCHIVE_WARN ||
                archive_write_data(writer, entry.content.data(), entry.content.size()) < 0) {
                fits = false;
            }
            archive_entry_free(header);
        }
        fits = archive_write_close(writer) == ARCHIVE_OK && fits;
        archive_write_free(writer);
        if (fits) {
            out.resize(used);
            return out;
        }
        if (out.size() > (64U << 20U)) {
            throw std::runtime_error("libarchive does not write such an entry");
        }
        out.resize(out.size() * 2);
    }
}

// The zip with every occurrence of `from` replaced by `to`, of the same length: for what no writer would write.
inline std::string patched(std::string zip, std::string_view from, std::string_view to) {
    for (auto at = zip.find(from); at != std::string::npos; at = zip.find(from, at + to.size())) {
        zip.replace(at, from.size(), to);
    }
    return zip;
}

}  // namespace hanshu::test
