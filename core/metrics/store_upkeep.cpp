// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/store.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace hanshu::metrics {
namespace {

Period periodsIn(std::chrono::seconds time) {
    return time / kPeriod;
}

bool contains(const std::vector<SegmentEntry>& segments, std::uint64_t id) {
    return std::ranges::find(segments, id, &SegmentEntry::id) != segments.end();
}

// A book is written anew when this many series in it, and a quarter, are of no use any more.
constexpr std::size_t kWorthShortening = 1000;

}  // namespace

MaintainReport Store::maintain(SystemTime time) {
    const std::lock_guard maintaining(m_maintaining);
    const auto now = periodOf(time);
    MaintainReport report;
    sealWindows(now, report);
    rollUp(Level::TenSeconds, Level::MinutesOfHour, now, report);
    rollUp(Level::MinutesOfHour, Level::MinutesOfDay, now, report);
    rollUp(Level::HoursOfDay, Level::HoursOfMonth, now, report);
    dropOld(now, report);
    shortenBook(now, report);
    return report;
}

void Store::sealWindows(Period now, MaintainReport& report) {
    std::vector<Period> windows;
    {
        const std::lock_guard lock(m_mutex);
        for (const auto& journal : m_journals) {
            if (journal->start() + shapeOf(Level::TenSeconds).span + periodsIn(m_options.grace) <= now) {
                windows.push_back(journal->start());
            }
        }
    }
    std::ranges::sort(windows);
    windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
    for (const auto window : windows) {
        if (auto done = seal(window, report); !done) {
            report.errors.push_back(std::move(done.error()));
        }
    }
}

Result<void> Store::seal(Period window, MaintainReport& report) {
    std::vector<std::shared_ptr<Journal>> journals;
    {
        const std::lock_guard writing(m_writing);  // a period that is being written ends first
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_journals, [&](const std::shared_ptr<Journal>& journal) {
            const auto isOfWindow = journal->start() == window;
            if (isOfWindow) {
                journals.push_back(journal);
                m_sealing.push_back(journal);
            }
            return isOfWindow;
        });
    }
    auto done = [&]() -> Result<void> {
        auto segment = write(Level::TenSeconds, window, journals, {}, report);
        if (!segment) {
            return fail(std::move(segment.error()));
        }
        auto next = manifest();
        next.segments.push_back(*segment);
        return commit(std::move(next), journals);
    }();
    {
        const std::lock_guard lock(m_mutex);
        m_sealing.clear();
        if (!done) {
            m_journals.insert(m_journals.begin(), journals.begin(), journals.end());
        }
    }
    publish();
    report.sealed += done ? 1 : 0;
    return done;
}

Result<SegmentEntry> Store::write(Level level, Period start, std::vector<std::shared_ptr<Journal>> journals,
                                  const std::vector<SegmentEntry>& segments, MaintainReport& report) {
    Compaction what;
    what.journals = std::move(journals);
    what.level = level;
    what.start = start;
    what.id = takeId();
    for (const auto& segment : segments) {
        auto reader = SegmentReader::open(m_files, pathOf(segment));
        if (reader) {
            what.segments.push_back(std::move(*reader));
        } else if (reader.error().code == Code::DataLoss || reader.error().code == Code::NotFound) {
            report.damaged.push_back(reader.error().describe());
        } else {
            return fail(std::move(reader.error()));
        }
    }
    SegmentEntry written{what.id, level, start, false, 0};
    const auto size = compact(what, m_files, pathOf(written), report.damaged);
    if (!size) {
        (void)m_files.unlink(pathOf(written));
        return fail(size.error());
    }
    written.bytes = *size;
    return written;
}

Result<void> Store::commit(Manifest next, const std::vector<std::shared_ptr<Journal>>& sealed) {
    // Names of new files come first, and the end of old ones: the manifest may speak of neither before.
    if (const auto error = m_files.syncDirectory(m_folder); error != 0) {
        return fileError("sync " + m_folder, error);
    }
    std::erase_if(next.sealedJournals,
                  [this](std::uint64_t id) { return std::ranges::find(m_unlinked, id) != m_unlinked.end(); });
    for (const auto& journal : sealed) {
        next.sealedJournals.push_back(journal->id());
    }
    {
        const std::lock_guard lock(m_mutex);
        next.nextId = m_manifest.nextId;
    }
    HANSHU_TRY(saveManifest(m_files, m_folder, next));
    m_unlinked.clear();
    std::vector<SegmentEntry> gone;
    {
        const std::lock_guard lock(m_mutex);
        next.nextId = m_manifest.nextId;
        std::ranges::copy_if(m_manifest.segments, std::back_inserter(gone),
                             [&](const SegmentEntry& segment) { return !contains(next.segments, segment.id); });
        m_manifest = std::move(next);
        std::erase_if(m_sealing,
                      [&](const auto& journal) { return std::ranges::find(sealed, journal) != sealed.end(); });
    }
    publish();
    for (const auto& segment : gone) {
        (void)m_files.unlink(pathOf(segment));  // if it stays, the next start does it
    }
    for (const auto& journal : sealed) {
        if (m_files.unlink(journal->path()) == 0) {
            m_unlinked.push_back(journal->id());
        }
    }
    return {};
}

// Whether something of this time is not yet where the next level takes it from.
bool Store::isWaiting(const Manifest& manifest, Level below, Period start, Period end) const {
    const auto overlaps = [&](Period from, Period to) { return from < end && to > start; };
    const std::lock_guard lock(m_mutex);
    for (const auto& journal : m_journals) {
        if (overlaps(journal->start(), journal->start() + shapeOf(Level::TenSeconds).span)) {
            return true;
        }
    }
    return std::ranges::any_of(manifest.segments, [&](const SegmentEntry& segment) {
        const auto isFiner = (segment.level == Level::TenSeconds && !segment.isRolledUp) ||
                             (segment.level == Level::MinutesOfHour && below == Level::HoursOfDay);
        return segment.level != below && isFiner && overlaps(segment.start, segment.end());
    });
}

void Store::rollUp(Level from, Level to, Period now, MaintainReport& report) {
    const auto current = manifest();
    std::map<Period, std::vector<SegmentEntry>> windows;
    for (const auto& segment : current.segments) {
        if (segment.level == from && !segment.isRolledUp) {
            windows[windowOf(to, segment.start)].push_back(segment);
        }
    }
    for (auto& [start, segments] : windows) {
        const auto end = start + shapeOf(to).span;
        if (end + periodsIn(m_options.grace) > now || isWaiting(current, from, start, end)) {
            continue;
        }
        std::ranges::sort(segments, [](const SegmentEntry& a, const SegmentEntry& b) {
            return std::pair(a.start, a.id) < std::pair(b.start, b.id);
        });
        if (auto done = rollUpWindow(to, segments, report); !done) {
            report.errors.push_back(std::move(done.error()));
        } else {
            report.rolledUp += segments.size();
        }
    }
}

Result<void> Store::rollUpWindow(Level to, const std::vector<SegmentEntry>& from, MaintainReport& report) {
    const auto start = windowOf(to, from.front().start);
    auto coarse = write(to, start, {}, from, report);
    if (!coarse) {
        return fail(std::move(coarse.error()));
    }
    std::vector<SegmentEntry> made = {*coarse};
    if (to == Level::MinutesOfDay) {
        auto hours = write(Level::HoursOfDay, start, {}, made, report);
        if (!hours) {
            (void)m_files.unlink(pathOf(*coarse));
            return fail(std::move(hours.error()));
        }
        made.push_back(*hours);
    }
    auto next = manifest();
    if (to == Level::MinutesOfHour) {
        for (auto& segment : next.segments) {
            segment.isRolledUp = segment.isRolledUp || contains(from, segment.id);
        }
    } else {
        std::erase_if(next.segments, [&](const SegmentEntry& segment) { return contains(from, segment.id); });
    }
    next.segments.insert(next.segments.end(), made.begin(), made.end());
    return commit(std::move(next));
}

void Store::dropOld(Period now, MaintainReport& report) {
    const std::array<Period, 3> keep = {periodsIn(m_options.keepTenSeconds), periodsIn(m_options.keepMinutes),
                                        periodsIn(m_options.keepHours)};
    auto next = manifest();
    const auto before = next.segments.size();
    std::erase_if(next.segments, [&](const SegmentEntry& segment) {
        const auto isNeeded = segment.level == Level::TenSeconds && !segment.isRolledUp;
        const auto resolution = static_cast<std::size_t>(shapeOf(segment.level).resolution);
        return !isNeeded && segment.end() + keep[resolution] <= now;
    });
    const auto dropped = before - next.segments.size();
    if (dropped == 0) {
        return;
    }
    if (auto done = commit(std::move(next)); !done) {
        report.errors.push_back(std::move(done.error()));
    } else {
        report.dropped += dropped;
    }
}

void Store::shortenBook(Period now, MaintainReport& report) {
    const auto since = now - periodsIn(m_options.keepHours);
    const auto useless = m_book.endedBefore(since);
    if (useless < kWorthShortening || useless < m_book.size() / 4) {
        return;
    }
    const std::lock_guard writing(m_writing);
    if (auto done = replaceBook(since); !done) {
        report.errors.push_back(std::move(done.error()));
    } else {
        m_book.forget(since);
    }
}

}  // namespace hanshu::metrics
