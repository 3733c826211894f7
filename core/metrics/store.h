// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The metrics of a daemon in a folder of their own: ten seconds for a day, minutes for thirty days, hours for two
// years. append from one thread, maintain from one thread (the same or another), the rest from any; append and maintain
// block on the disk.
//
//   series.log  the book of series, appended to
//   *.jrn       the periods of a ten-minute window, as they came
//   *.seg       sealed: the series of one level and span apart
//   manifest    which of them count
#pragma once

#include "base/published.h"
#include "metrics/compaction.h"
#include "metrics/manifest.h"

namespace hanshu::metrics {

struct StoreOptions {
    // Whole files go when all they hold is older.
    std::chrono::seconds keepTenSeconds = std::chrono::hours(24);
    std::chrono::seconds keepMinutes = std::chrono::days(30);
    std::chrono::seconds keepHours = std::chrono::days(2 * 365);
    // How long after its end a window is waited for; what comes later becomes a file of its own.
    std::chrono::seconds grace = std::chrono::minutes(1);
    std::size_t maxSeries = SeriesBook::kMaxSeries;
};

// What there is to read at one moment. Every sample is in exactly one of the journals and of the segments that a
// resolution reads.
struct Catalog {
    std::vector<SegmentEntry> segments;  // by start
    std::vector<std::shared_ptr<Journal>> journals;

    // Whether a query at this resolution reads the segment: it is of it, or finer and not yet in coarser ones.
    [[nodiscard]] static bool isRead(const SegmentEntry& segment, Resolution resolution) noexcept;
    // The finest resolution, from `wanted` on, that there is for times from `from` on.
    [[nodiscard]] Resolution finestSince(Period from, Resolution wanted) const noexcept;
};

struct MaintainReport {
    std::uint64_t sealed = 0;    // windows
    std::uint64_t rolledUp = 0;  // files that coarser ones took the place of
    std::uint64_t dropped = 0;   // files, by age
    std::vector<std::string> damaged;
    std::vector<Error> errors;  // what is to be tried again
};

struct StoreTotals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;  // on disk, of segments
    std::size_t series = 0;
};

class Store {
public:
    // Opens the folder, or makes it. `files` outlives it. DataLoss: there are metrics, but the book that says whose
    // they are is gone; move the folder away to begin anew.
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(std::string folder, FileOps& files,
                                                             const StoreOptions& options = {});

    [[nodiscard]] SeriesBook& book() noexcept { return m_book; }
    [[nodiscard]] const SeriesBook& book() const noexcept { return m_book; }

    // A period of any time, in any order, more than once, too: what is told of the same period is joined. On disk when
    // it returns; after a failure nothing of it is, and it may be tried again. OutOfRange: its time is none. Ids are
    // those of the book.
    [[nodiscard]] Result<void> append(Batch& batch);
    // Ends series: see SeriesBook::end.
    [[nodiscard]] Result<std::size_t> end(const SeriesFilter& filter, Period last);

    // Seals windows that are over, rolls up hours and days that are, and drops what is too old. Seconds of work after
    // an hour or a day of many series; what is left undone by an end or a failure is done by the next call.
    [[nodiscard]] MaintainReport maintain(SystemTime now);

    [[nodiscard]] std::shared_ptr<const Catalog> catalog() const noexcept { return m_catalog.load(); }
    [[nodiscard]] std::string pathOf(const SegmentEntry& segment) const {
        return m_folder + "/" + segmentName(segment.id);
    }
    [[nodiscard]] FileOps& files() const noexcept { return m_files; }
    [[nodiscard]] StoreTotals totals() const;
    // What the start found damaged, by name.
    [[nodiscard]] const std::vector<std::string>& damage() const noexcept { return m_damage; }

private:
    Store(std::string folder, FileOps& files, const StoreOptions& options)
        : m_folder(std::move(folder)), m_files(files), m_options(options), m_book(options.maxSeries) {}

    [[nodiscard]] Result<void> load();
    [[nodiscard]] Result<void> loadManifest(const std::vector<std::string>& names);
    void rebuildManifest(const std::vector<std::string>& names);
    [[nodiscard]] Result<void> loadBook(const std::vector<std::string>& names);
    [[nodiscard]] Result<void> loadJournals(const std::vector<std::string>& names);
    void publish();
    [[nodiscard]] std::string bookPath() const { return m_folder + "/series.log"; }
    static constexpr RecordFile::Header kBookHeader{"HSMETB\x01\n", 0, 0};

    [[nodiscard]] Result<void> appendToBook(std::span<const SeriesId> written, Period period);
    [[nodiscard]] Result<void> replaceBook(Period since);
    [[nodiscard]] Result<std::shared_ptr<Journal>> journalFor(Period window);

    // With m_maintaining held.
    [[nodiscard]] std::uint64_t takeId();
    [[nodiscard]] bool isWaiting(const Manifest& manifest, Level below, Period start, Period end) const;
    void sealWindows(Period now, MaintainReport& report);
    [[nodiscard]] Result<void> seal(Period window, MaintainReport& report);
    void rollUp(Level from, Level to, Period now, MaintainReport& report);
    [[nodiscard]] Result<void> rollUpWindow(Level to, const std::vector<SegmentEntry>& from, MaintainReport& report);
    void dropOld(Period now, MaintainReport& report);
    void shortenBook(Period now, MaintainReport& report);
    [[nodiscard]] Result<SegmentEntry> write(Level level, Period start, std::vector<std::shared_ptr<Journal>> journals,
                                             const std::vector<SegmentEntry>& segments, MaintainReport& report);
    // Makes the change true on disk, then in memory; then files that it took out of use go.
    [[nodiscard]] Result<void> commit(Manifest next, const std::vector<std::shared_ptr<Journal>>& sealed = {});
    [[nodiscard]] Manifest manifest() const;

    std::string m_folder;
    FileOps& m_files;
    StoreOptions m_options;
    SeriesBook m_book;
    std::vector<std::string> m_damage;
    bool m_isRebuilt = false;
    Published<Catalog> m_catalog;

    std::mutex m_writing;  // taken before m_mutex
    std::unique_ptr<RecordFile> m_bookFile;
    bool m_namesUnsynced = false;

    std::mutex m_maintaining;  // taken before the others
    // Of sealed journals, gone by name, which a power cut may bring back until the folder is synced.
    std::vector<std::uint64_t> m_unlinked;
    mutable std::mutex m_mutex;
    Manifest m_manifest;
    std::vector<std::shared_ptr<Journal>> m_journals;
    std::vector<std::shared_ptr<Journal>> m_sealing;
};

}  // namespace hanshu::metrics
