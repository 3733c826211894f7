// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sealing and dropping: what AccountLogs does beside being written to.

#include "logs/account_logs.h"

#include <fmt/format.h>
#include <cerrno>

namespace hanshu::logs {

MaintainReport AccountLogs::maintain(SystemTime now) {
    MaintainReport report;
    rotateIfOld(now);
    sealAll(report);
    dropBeyond(now, report);
    return report;
}

void AccountLogs::rotateIfOld(SystemTime now) {
    const auto age = options().sealAge;
    const std::lock_guard lock(m_writing);
    if (m_active && m_active->span().lines > 0 && m_active->span().minTime < now - age) {
        m_unsynced.push_back(std::move(m_active));
        m_active.reset();
    }
}

void AccountLogs::sealAll(MaintainReport& report) {
    for (;;) {
        std::shared_ptr<UnsealedFile> file;
        {
            const std::lock_guard lock(m_writing);
            const auto catalog = m_catalog.load();
            if (catalog->unsealed.empty() || catalog->unsealed.front() == m_active) {
                return;
            }
            file = catalog->unsealed.front();
        }
        auto segment = seal(*file, report);
        if (!segment && file->span().lines > 0) {
            return;
        }
        publish([&](Catalog& catalog) {
            catalog.unsealed.erase(catalog.unsealed.begin());
            if (segment) {
                catalog.sealed.push_back(segment);
                std::ranges::sort(catalog.sealed, {}, [](const auto& each) { return each->summary.firstSequence; });
            }
        });
        {
            const std::lock_guard lock(m_writing);
            std::erase(m_unsynced, file);
        }
        (void)m_files.unlink(file->path());  // when it stays, the next start takes it away
        ++report.sealed;
    }
}

Errno AccountLogs::writeSegment(const UnsealedFile& file, const std::string& path, SegmentSummary& summary,
                                MaintainReport& report) {
    (void)m_files.unlink(path);  // of an attempt that failed
    std::unique_ptr<File> out;
    if (const auto error = m_files.create(path, out); error != 0) {
        return error;
    }
    SegmentWriter writer(*out);
    DecodedLines lines;
    for (const auto& mark : file.marks()) {
        const auto outcome = file.read(mark, lines);
        if (outcome == UnsealedFile::Outcome::Failed) {
            return EIO;  // perhaps it can be read later; until then it stays as it is
        }
        if (outcome == UnsealedFile::Outcome::Damaged) {
            report.damaged.push_back(fmt::format("{}: {} bytes at {} are damaged, lines {} to {} are lost", file.path(),
                                                 mark.size, mark.offset, mark.span.firstSequence,
                                                 mark.span.lastSequence));
            continue;
        }
        for (const auto& line : lines.lines) {
            if (const auto error = writer.add(line); error != 0) {
                return error;
            }
        }
    }
    if (const auto error = writer.finish(); error != 0) {
        return error;
    }
    summary = writer.summary();
    return 0;
}

std::shared_ptr<const SealedSegment> AccountLogs::seal(const UnsealedFile& file, MaintainReport& report) {
    if (file.span().lines == 0) {
        return nullptr;
    }
    const auto stem = file.path().substr(0, file.path().rfind('.'));
    auto segment = std::make_shared<SealedSegment>();
    segment->id = m_cache.newId();
    segment->path = stem + ".seg";
    const auto unfinished = stem + ".tmp";
    auto error = writeSegment(file, unfinished, segment->summary, report);
    if (error == 0) {
        error = m_files.rename(unfinished, segment->path);
    }
    if (error == 0) {
        error = m_files.syncDirectory(m_folder);
    }
    if (error != 0) {
        (void)m_files.unlink(unfinished);
        report.errors.push_back(fileError("seal " + file.path(), error).value());
        return nullptr;
    }
    return segment;
}

void AccountLogs::dropBeyond(SystemTime now, MaintainReport& report) {
    const auto limits = options();
    for (;;) {
        const auto catalog = m_catalog.load();
        if (catalog->sealed.empty()) {
            return;
        }
        const auto isOld = limits.maxAge && catalog->sealed.front()->summary.maxTime < now - *limits.maxAge;
        if (!isOld && !(limits.maxBytes && totals().bytes > *limits.maxBytes)) {
            return;
        }
        dropOldest(!isOld, report);
    }
}

void AccountLogs::dropOldest(bool byQuota, MaintainReport& report) {
    std::shared_ptr<const SealedSegment> segment;
    publish([&](Catalog& catalog) {
        segment = catalog.sealed.front();
        catalog.sealed.erase(catalog.sealed.begin());
    });
    // Readers that have it open go on; a file that stays is dropped by the next start's first call.
    if (const auto error = m_files.unlink(segment->path); error != 0) {
        report.errors.push_back(fileError("remove " + segment->path, error).value());
    }
    const auto& summary = segment->summary;
    m_droppedByQuota += byQuota ? summary.lines : 0;
    report.dropped.push_back(
        {summary.lines, summary.fileBytes, summary.firstSequence, summary.lastSequence, summary.maxTime, byQuota});
}

}  // namespace hanshu::logs
