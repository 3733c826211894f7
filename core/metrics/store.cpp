// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/store.h"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <charconv>

namespace hanshu::metrics {
namespace {

constexpr std::string_view kBookName = "series.log";

template <class Number>
bool readNumber(std::string_view text, Number& number) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool readSegmentName(std::string_view name, std::uint64_t& id) {
    return name.ends_with(".seg") && readNumber(name.substr(0, name.size() - 4), id);
}

bool readJournalName(std::string_view name, Period& start, std::uint64_t& id) {
    const auto dash = name.find('-', 1);
    return name.ends_with(".jrn") && dash != std::string_view::npos && readNumber(name.substr(0, dash), start) &&
           readNumber(name.substr(dash + 1, name.size() - dash - 5), id) && start >= -kMaxPeriod &&
           start <= kMaxPeriod && start == windowOf(Level::TenSeconds, start);
}

Result<std::string> readAll(FileOps& files, const std::string& path) {
    std::unique_ptr<File> file;
    if (const auto error = files.open(path, OpenMode::Read, file); error != 0) {
        return fileError("open " + path, error);
    }
    std::uint64_t size = 0;
    if (const auto error = file->size(size); error != 0) {
        return fileError("size of " + path, error);
    }
    std::string bytes(size, '\0');
    if (!readFully(*file, 0, bytes)) {
        return internalError("read " + path);
    }
    return bytes;
}

bool has(const std::vector<std::string>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

// In order, each series once.
void normalize(Batch& batch) {
    auto& entries = batch.entries;
    if (!std::ranges::is_sorted(entries, {}, &Batch::Entry::id)) {
        std::ranges::stable_sort(entries, {}, &Batch::Entry::id);
    }
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (kept == 0 || entries[kept - 1].id != entries[i].id) {
            entries[kept++] = entries[i];
            continue;
        }
        auto& into = entries[kept - 1];
        if (into.kind == Kind::Histogram) {
            Histogram both;
            (void)addTo(both, into.sample, batch.bucketsOf(into));
            (void)addTo(both, entries[i].sample, batch.bucketsOf(entries[i]));
            into.bucketsAt = static_cast<std::uint32_t>(batch.buckets.size());
            into.sample = sampleOf(both, batch.buckets);
            into.bucketsSize = static_cast<std::uint32_t>(batch.buckets.size() - into.bucketsAt);
        } else {
            joinWithin(into.kind, into.sample, entries[i].sample);
        }
    }
    entries.resize(kept);
}

}  // namespace

bool Catalog::isRead(const SegmentEntry& segment, Resolution resolution) noexcept {
    switch (segment.level) {
        case Level::TenSeconds:
            return resolution == Resolution::TenSeconds || !segment.isRolledUp;
        case Level::MinutesOfHour:
            return resolution != Resolution::TenSeconds;
        case Level::MinutesOfDay:
            return resolution == Resolution::Minute;
        case Level::HoursOfDay:
        case Level::HoursOfMonth:
            return resolution == Resolution::Hour;
    }
    return false;
}

Resolution Catalog::finestSince(Period from, Resolution wanted) const noexcept {
    // A resolution begins where its oldest file does; a finer one serves if no coarser one goes back further.
    std::array<Period, 3> oldest{};
    oldest.fill(INT64_MAX);
    for (const auto& segment : segments) {
        auto& start = oldest[static_cast<std::size_t>(shapeOf(segment.level).resolution)];
        start = std::min(start, segment.start);
    }
    for (const auto& journal : journals) {
        oldest[0] = std::min(oldest[0], journal->start());
    }
    auto best = static_cast<std::size_t>(wanted);
    for (auto coarser = best + 1; coarser < oldest.size(); ++coarser) {
        // A coarse file begins before what it was made of.
        const auto reach = oldest[coarser] == INT64_MAX ? INT64_MAX : oldest[coarser] + (coarser == 1 ? 360 : 8640);
        if (from < oldest[best] && reach < oldest[best]) {
            best = coarser;
        }
    }
    return static_cast<Resolution>(best);
}

Result<std::unique_ptr<Store>> Store::open(std::string folder, FileOps& files, const StoreOptions& options) {
    const auto error = files.makeDirectory(folder);
    if (error != 0 && error != EEXIST) {
        return fileError("make " + folder, error);
    }
    if (error == 0) {
        // Before anything is promised to be in it. A relative name lies in the current directory.
        const auto slash = folder.rfind('/');
        const auto parent = slash == std::string::npos ? "." : folder.substr(0, std::max<std::size_t>(slash, 1));
        if (const auto failed = files.syncDirectory(parent); failed != 0) {
            return fileError("sync " + parent, failed);
        }
    }
    std::unique_ptr<Store> store(new Store(std::move(folder), files, options));
    HANSHU_TRY(store->load());
    return store;
}

Result<void> Store::load() {
    std::vector<std::string> names;
    if (const auto error = m_files.list(m_folder, names); error != 0) {
        return fileError("list " + m_folder, error);
    }
    std::ranges::sort(names);
    for (const auto& name : names) {
        if (name.ends_with(".tmp")) {
            (void)m_files.unlink(m_folder + "/" + name);
        }
    }
    HANSHU_TRY(loadManifest(names));
    HANSHU_TRY(loadJournals(names));
    HANSHU_TRY(loadBook(names));
    publish();
    // From here on there is one: without it, segments of changes that did not happen would count.
    return has(names, kManifestName) && !m_isRebuilt ? Result<void>() : commit(manifest());
}

Result<void> Store::loadManifest(const std::vector<std::string>& names) {
    if (has(names, kManifestName)) {
        auto bytes = readAll(m_files, m_folder + "/" + std::string(kManifestName));
        if (!bytes) {
            return fail(std::move(bytes.error()));
        }
        if (auto manifest = readManifest(*bytes)) {
            m_manifest = std::move(*manifest);
        } else {
            m_damage.push_back(m_folder + "/" + std::string(kManifestName) +
                               ": it is damaged; made anew from the files");
            rebuildManifest(names);
        }
    } else {
        rebuildManifest(names);
    }
    std::erase_if(m_manifest.segments, [&](const SegmentEntry& segment) {
        const auto isGone = !has(names, segmentName(segment.id));
        if (isGone) {
            m_damage.push_back(pathOf(segment) + ": it is gone");
        }
        return isGone;
    });
    for (const auto& name : names) {
        std::uint64_t id = 0;
        if (!readSegmentName(name, id)) {
            continue;
        }
        m_manifest.nextId = std::max(m_manifest.nextId, id + 1);
        if (std::ranges::find(m_manifest.segments, id, &SegmentEntry::id) == m_manifest.segments.end()) {
            (void)m_files.unlink(m_folder + "/" + name);  // of a change that did not happen, or that took it out of use
        }
    }
    return {};
}

// Without the manifest, what is in a coarser file is told by time alone.
void Store::rebuildManifest(const std::vector<std::string>& names) {
    m_manifest = {};
    m_isRebuilt = true;
    for (const auto& name : names) {
        std::uint64_t id = 0;
        if (!readSegmentName(name, id)) {
            continue;
        }
        const auto path = m_folder + "/" + name;
        if (const auto reader = SegmentReader::open(m_files, path); reader && reader->info().id == id) {
            std::uint64_t size = 0;
            std::unique_ptr<File> file;
            if (m_files.open(path, OpenMode::Read, file) == 0) {
                (void)file->size(size);
            }
            m_manifest.segments.push_back({id, reader->info().level, reader->info().start, false, size});
        } else {
            m_damage.push_back(path + ": it is damaged, or of a change that did not happen");
        }
    }
    auto& segments = m_manifest.segments;
    const auto isCovered = [&](const SegmentEntry& segment, Level by) {
        return std::ranges::any_of(segments, [&](const SegmentEntry& other) {
            return other.level == by && other.start <= segment.start && other.end() >= segment.end();
        });
    };
    for (auto& segment : segments) {
        segment.isRolledUp = segment.level == Level::TenSeconds &&
                             (isCovered(segment, Level::MinutesOfHour) || isCovered(segment, Level::MinutesOfDay));
    }
    std::erase_if(segments, [&](const SegmentEntry& segment) {
        return (segment.level == Level::MinutesOfHour && isCovered(segment, Level::MinutesOfDay)) ||
               (segment.level == Level::HoursOfDay && isCovered(segment, Level::HoursOfMonth));
    });
}

Result<void> Store::loadBook(const std::vector<std::string>& names) {
    const auto path = bookPath();
    const auto damageBefore = m_damage.size();
    if (has(names, kBookName)) {
        auto file = RecordFile::recover(
            m_files, path, kBookHeader,
            [&](std::uint64_t offset, std::string_view payload) {
                if (!m_book.load(payload)) {
                    m_damage.push_back(fmt::format("{}: the record at byte {} is malformed", path, offset));
                }
            },
            m_damage);
        if (!file) {
            return fail(std::move(file.error()));
        }
        m_bookFile = std::move(*file);
    }
    const auto isNew = !m_bookFile || (m_bookFile->isBroken() && m_book.metrics() == 0);
    if (isNew && (!m_manifest.segments.empty() || !m_journals.empty())) {
        return fail(Code::DataLoss, "MetricsBookLost", {{"file", path}},
                    path + ": the names of the series are lost; move the folder away to begin anew");
    }
    if (m_damage.size() > damageBefore) {
        m_book.skipNumbers();
    }
    if (isNew) {
        auto file = RecordFile::create(m_files, path, kBookHeader);
        if (!file) {
            return fail(std::move(file.error()));
        }
        m_bookFile = std::move(*file);
        m_namesUnsynced = true;
    }
    return {};
}

Result<void> Store::loadJournals(const std::vector<std::string>& names) {
    m_unlinked = m_manifest.sealedJournals;
    for (const auto& name : names) {
        Period start = 0;
        std::uint64_t id = 0;
        if (!readJournalName(name, start, id)) {
            continue;
        }
        m_manifest.nextId = std::max(m_manifest.nextId, id + 1);
        const auto path = m_folder + "/" + name;
        const auto isSealed =
            m_isRebuilt && std::ranges::any_of(m_manifest.segments, [&](const SegmentEntry& segment) {
                return segment.level == Level::TenSeconds && segment.start == start && segment.id > id;
            });
        if (isSealed || std::ranges::find(m_manifest.sealedJournals, id) != m_manifest.sealedJournals.end()) {
            if (m_files.unlink(path) != 0) {
                std::erase(m_unlinked, id);
            }
            continue;
        }
        auto journal = Journal::recover(m_files, m_folder, start, id, m_damage);
        if (!journal) {
            return fail(std::move(journal.error()));
        }
        if ((*journal)->frames().empty()) {
            (void)m_files.unlink(path);  // nothing was ever kept there, or nothing can be told
            continue;
        }
        m_journals.push_back(std::move(*journal));
    }
    return {};
}

Manifest Store::manifest() const {
    const std::lock_guard lock(m_mutex);
    return m_manifest;
}

void Store::publish() {
    auto next = std::make_shared<Catalog>();
    {
        const std::lock_guard lock(m_mutex);
        next->segments = m_manifest.segments;
        next->journals = m_sealing;
        next->journals.insert(next->journals.end(), m_journals.begin(), m_journals.end());
        std::ranges::sort(next->segments, {}, &SegmentEntry::start);
        m_catalog.store(std::move(next));
    }
}

StoreTotals Store::totals() const {
    StoreTotals totals;
    const auto catalog = m_catalog.load();
    totals.files = catalog->segments.size() + catalog->journals.size();
    for (const auto& segment : catalog->segments) {
        totals.bytes += segment.bytes;
    }
    totals.series = m_book.size();
    return totals;
}

Result<void> Store::appendToBook(std::span<const SeriesId> written, Period period) {
    auto changes = m_book.takeChanges(written, period);
    if (changes.empty()) {
        return {};
    }
    auto done = m_bookFile->isBroken() ? Result<void>() : [&]() -> Result<void> {
        const auto appended = m_bookFile->append(changes);
        return appended ? Result<void>() : fail(appended.error());
    }();
    if (m_bookFile->isBroken()) {
        done = replaceBook(INT64_MIN);
    }
    if (!done) {
        m_book.putBack(std::move(changes));
    }
    return done;
}

// Writes the book anew, without series that ended before `since`.
Result<void> Store::replaceBook(Period since) {
    const auto path = bookPath();
    auto file = RecordFile::create(m_files, path + ".tmp", kBookHeader);
    if (!file) {
        return fail(std::move(file.error()));
    }
    auto changes = m_book.takeChanges({}, 0);  // they are in it, too
    auto done = [&]() -> Result<void> {
        HANSHU_TRY((*file)->append(m_book.all(since)));
        const auto error = m_files.rename(path + ".tmp", path);
        return error == 0 ? Result<void>() : fileError("replace " + path, error);
    }();
    if (!done) {
        m_book.putBack(std::move(changes));
        (void)m_files.unlink(path + ".tmp");
        return done;
    }
    m_bookFile = std::move(*file);
    m_namesUnsynced = true;
    const auto error = m_files.syncDirectory(m_folder);
    m_namesUnsynced = error != 0;
    return error == 0 ? Result<void>() : fileError("sync " + m_folder, error);
}

Result<std::shared_ptr<Journal>> Store::journalFor(Period window) {
    {
        const std::lock_guard lock(m_mutex);
        for (const auto& journal : m_journals) {
            if (journal->start() == window && !journal->isBroken()) {
                return journal;
            }
        }
    }
    auto journal = Journal::create(m_files, m_folder, window, takeId());
    if (!journal) {
        return journal;
    }
    if (const auto error = m_files.syncDirectory(m_folder); error != 0) {
        (void)m_files.unlink((*journal)->path());
        return fileError("sync " + m_folder, error);
    }
    m_namesUnsynced = false;
    {
        const std::lock_guard lock(m_mutex);
        m_journals.push_back(*journal);
    }
    publish();
    return journal;
}

Result<void> Store::append(Batch& batch) {
    const std::lock_guard writing(m_writing);
    if (batch.period < 0 || batch.period > kMaxPeriod) {
        return fail(Code::OutOfRange, "PeriodOutOfRange", {{"period", std::to_string(batch.period)}});
    }
    normalize(batch);
    std::vector<SeriesId> ids(batch.entries.size());
    std::ranges::transform(batch.entries, ids.begin(), &Batch::Entry::id);
    // Before what refers to it: an id without a name would be data of nobody.
    HANSHU_TRY(appendToBook(ids, batch.period));
    const auto journal = journalFor(windowOf(Level::TenSeconds, batch.period));
    if (!journal) {
        return fail(journal.error());
    }
    if (m_namesUnsynced) {
        if (const auto error = m_files.syncDirectory(m_folder); error != 0) {
            return fileError("sync " + m_folder, error);
        }
        m_namesUnsynced = false;
    }
    return (*journal)->append(batch);
}

Result<std::size_t> Store::end(const SeriesFilter& filter, Period last) {
    const std::lock_guard writing(m_writing);
    const auto ended = m_book.end(filter, last);
    HANSHU_TRY(appendToBook({}, last));
    return ended;
}

std::uint64_t Store::takeId() {
    const std::lock_guard lock(m_mutex);
    return m_manifest.nextId++;
}

}  // namespace hanshu::metrics
