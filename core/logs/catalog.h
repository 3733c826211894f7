// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The files of an account at one moment, and the few details of segments that are kept in memory. Any thread.
#pragma once

#include "logs/segment.h"

#include <list>

namespace hanshu::logs {

struct SealedSegment {
    std::uint64_t id = 0;  // of this object, never used again: the cache's key
    std::string path;
    SegmentSummary summary;
};

// Ordered by sequence; no two overlap.
struct Catalog {
    std::vector<std::shared_ptr<const SealedSegment>> sealed;
    std::vector<std::shared_ptr<UnsealedFile>> unsealed;  // the last one is written to
    std::vector<std::string> damaged;                     // what the start found, by name
};

// Details of the segments that were used last, bounded in bytes and in open files. One for all accounts.
class SegmentCache {
public:
    explicit SegmentCache(FileOps& files, std::size_t maxBytes = 8U << 20U, std::size_t maxFiles = 256)
        : m_files(files), m_maxBytes(maxBytes), m_maxFiles(maxFiles) {}

    struct Found {
        std::shared_ptr<const SegmentDetails> details;
        bool isGone = false;  // the file was dropped meanwhile; otherwise null means damaged
    };
    [[nodiscard]] Found get(const SealedSegment& segment);
    [[nodiscard]] std::size_t memory() const;
    [[nodiscard]] std::uint64_t newId() noexcept { return ++m_lastId; }

private:
    struct Entry {
        std::uint64_t id = 0;
        std::shared_ptr<const SegmentDetails> details;
        std::size_t bytes = 0;
    };

    FileOps& m_files;
    std::size_t m_maxBytes;
    std::size_t m_maxFiles;
    std::atomic<std::uint64_t> m_lastId = 0;
    mutable std::mutex m_mutex;  // of what follows
    std::list<Entry> m_entries;  // the one used last first
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> m_byId;
    std::size_t m_bytes = 0;
};

}  // namespace hanshu::logs
