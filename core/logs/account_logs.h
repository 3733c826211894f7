// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The log lines of one account in a folder of their own: appended, sealed, dropped when they are old or too many, and
// given to whoever asks. append and sync from one thread, maintain from one thread (the same or another), the rest from
// any.
//
// Files are named by the sequence of their first line: NAME.log is appended to, NAME.seg is sealed, NAME.tmp is being
// made. A start finishes what an earlier end left half done; no line is lost or doubled by it.
#pragma once

#include "base/published.h"
#include "logs/log_view.h"

namespace hanshu::logs {

struct LogOptions {
    // A file of this many bytes is sealed: unsealed ones have no index and are searched whole, in about 10 ms.
    std::uint64_t sealBytes = 16U << 20U;
    // Or when its first line is this old, so that little-used accounts are compressed and dropped in time, too.
    std::chrono::microseconds sealAge = std::chrono::hours(24);
    // Whole files go when their last line is older, or when all are larger together, the oldest first. None: never.
    std::optional<std::chrono::microseconds> maxAge;
    std::optional<std::uint64_t> maxBytes;
};

struct MaintainReport {
    std::uint64_t sealed = 0;  // files
    struct Dropped {
        std::uint64_t lines = 0;
        std::uint64_t bytes = 0;
        std::uint64_t firstSequence = 0;
        std::uint64_t lastSequence = 0;
        SystemTime maxTime;
        bool byQuota = false;  // otherwise by age
    };
    std::vector<Dropped> dropped;
    std::vector<std::string> damaged;  // what could not be sealed because it can't be read
    std::vector<Error> errors;         // what is to be tried again
};

struct LogTotals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  // on disk
    std::uint64_t lines = 0;
    std::uint64_t firstSequence = 0;        // 0: no lines
    std::uint64_t lastSequence = 0;         // of all that were ever there as far as files tell
    std::uint64_t linesDroppedByQuota = 0;  // since the start
};

class AccountLogs {
public:
    // Opens the folder, or makes it. Files and cache outlive it.
    [[nodiscard]] static Result<std::shared_ptr<AccountLogs>> open(std::string folder, const LogOptions& options,
                                                                   FileOps& files, SegmentCache& cache);

    // Lines with growing sequences above lastSequence(); others are refused as a whole (InvalidArgument), as are those
    // over the limits of line.h. Written when it returns: a killed program has them. On StorageFull and other failures
    // the lines up to lastSequence() were taken.
    [[nodiscard]] Result<void> append(std::span<const LineView> lines);
    // What was appended is on disk when it returns: call it every 200 ms while there is news, and that is what a power
    // cut may take.
    [[nodiscard]] Result<void> sync();
    // Seals what is full or old, and drops what is not to be kept. Blocks for a quarter of a second a file.
    [[nodiscard]] MaintainReport maintain(SystemTime now);

    [[nodiscard]] LogView view() const { return {m_catalog.load(), m_cache}; }
    [[nodiscard]] LogTotals totals() const;
    [[nodiscard]] std::uint64_t lastSequence() const noexcept { return m_lastSequence.load(); }
    void setOptions(const LogOptions& options);

private:
    AccountLogs(std::string folder, const LogOptions& options, FileOps& files, SegmentCache& cache)
        : m_folder(std::move(folder)), m_files(files), m_cache(cache), m_options(options) {}

    [[nodiscard]] Result<void> load();
    void loadUnsealed(const std::vector<std::string>& names, Catalog& catalog);
    void loadSealed(const std::vector<std::string>& names, Catalog& catalog);
    [[nodiscard]] Result<void> ensureActive(std::uint64_t firstSequence);
    [[nodiscard]] std::shared_ptr<const SealedSegment> seal(const UnsealedFile& file, MaintainReport& report);
    [[nodiscard]] Errno writeSegment(const UnsealedFile& file, const std::string& path, SegmentSummary& summary,
                                     MaintainReport& report);
    void rotateIfOld(SystemTime now);
    void sealAll(MaintainReport& report);
    void dropBeyond(SystemTime now, MaintainReport& report);
    void dropOldest(bool byQuota, MaintainReport& report);
    // Replaces the catalog by one that `change` was applied to.
    void publish(const std::function<void(Catalog&)>& change);
    [[nodiscard]] LogOptions options() const;

    std::string m_folder;
    FileOps& m_files;
    SegmentCache& m_cache;
    Published<Catalog> m_catalog;
    std::atomic<std::uint64_t> m_lastSequence = 0;
    std::atomic<std::uint64_t> m_droppedByQuota = 0;
    std::mutex m_publishing;
    mutable std::mutex m_optionsMutex;
    LogOptions m_options;  // under m_optionsMutex

    std::mutex m_writing;  // of what follows
    std::shared_ptr<UnsealedFile> m_active;
    std::vector<std::shared_ptr<UnsealedFile>> m_unsynced;  // no longer written to
    bool m_namesUnsynced = false;
};

}  // namespace hanshu::logs
