// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/account_logs.h"

#include <fmt/format.h>
#include <cerrno>
#include <charconv>
#include <random>

namespace hanshu::logs {
namespace {

constexpr std::string_view kUnsealed = ".log";
constexpr std::string_view kSealed = ".seg";
constexpr std::string_view kUnfinished = ".tmp";

// However small a quota is: a block's worth.
constexpr std::uint64_t kMinFileBytes = 64U << 10U;

// Twenty digits hold every sequence, so that names sort as sequences do.
std::string stemOf(std::uint64_t sequence) {
    return fmt::format("{:020}", sequence);
}

bool isOurs(const std::string& name, std::string_view suffix) {
    return name.size() == 20 + suffix.size() && name.ends_with(suffix) &&
           std::all_of(name.begin(), name.begin() + 20, [](char c) { return c >= '0' && c <= '9'; });
}

// The highest sequence that a file of this name has for certain.
std::uint64_t sequenceOf(const std::string& name) {
    std::uint64_t sequence = 0;
    std::from_chars(name.data(), name.data() + 20, sequence);
    return sequence;
}

std::uint64_t randomSalt() {
    std::random_device device;
    return static_cast<std::uint64_t>(device()) << 32U | device();
}

bool isWithinLimits(const LineView& line) {
    return line.message.size() <= kMaxMessageBytes && line.function.size() <= kMaxFieldBytes &&
           line.qualifier.size() <= kMaxFieldBytes && line.instance.size() <= kMaxFieldBytes &&
           line.requestId.size() <= kMaxFieldBytes && static_cast<std::size_t>(line.level) < kLevels &&
           static_cast<std::size_t>(line.stream) < kStreams && line.time.time_since_epoch() <= kMaxTime &&
           line.time.time_since_epoch() >= -kMaxTime;
}

}  // namespace

Result<std::shared_ptr<AccountLogs>> AccountLogs::open(std::string folder, const LogOptions& options, FileOps& files,
                                                       SegmentCache& cache) {
    if (const auto error = files.makeDirectory(folder); error != 0 && error != EEXIST) {
        return fileError("make " + folder, error);
    }
    // Whoever made it may have failed to do this.
    const auto parent = folder.substr(0, std::max<std::size_t>(folder.rfind('/'), 1));
    if (const auto error = files.syncDirectory(parent); error != 0) {
        return fileError("sync " + parent, error);
    }
    auto made = std::shared_ptr<AccountLogs>(new AccountLogs(std::move(folder), options, files, cache));
    HANSHU_TRY(made->load());
    return made;
}

Result<void> AccountLogs::load() {
    std::vector<std::string> names;
    if (const auto error = m_files.list(m_folder, names); error != 0) {
        return fileError("list " + m_folder, error);
    }
    std::ranges::sort(names);
    for (const auto& name : names) {
        if (isOurs(name, kUnfinished)) {
            (void)m_files.unlink(m_folder + "/" + name);
        }
    }
    auto catalog = std::make_shared<Catalog>();
    loadSealed(names, *catalog);
    loadUnsealed(names, *catalog);
    m_catalog.store(std::move(catalog));
    return {};
}

void AccountLogs::loadSealed(const std::vector<std::string>& names, Catalog& catalog) {
    for (const auto& name : names) {
        if (!isOurs(name, kSealed)) {
            continue;
        }
        const auto path = m_folder + "/" + name;
        std::unique_ptr<File> file;
        const auto summary = m_files.open(path, OpenMode::Read, file) == 0 ? readSummary(*file) : std::nullopt;
        if (!summary || stemOf(summary->firstSequence) != name.substr(0, 20) ||
            summary->firstSequence <= m_lastSequence) {
            catalog.damaged.push_back(name + ": its footer is damaged, the whole file is skipped");
            m_lastSequence = std::max(m_lastSequence.load(), sequenceOf(name));
            continue;
        }
        auto segment = std::make_shared<SealedSegment>();
        segment->id = m_cache.newId();
        segment->path = path;
        segment->summary = *summary;
        m_lastSequence = summary->lastSequence;
        catalog.sealed.push_back(std::move(segment));
    }
}

void AccountLogs::loadUnsealed(const std::vector<std::string>& names, Catalog& catalog) {
    for (const auto& name : names) {
        if (!isOurs(name, kUnsealed)) {
            continue;
        }
        const auto path = m_folder + "/" + name;
        const auto isSealed = std::ranges::any_of(catalog.sealed, [&](const auto& segment) {
            return segment->path == m_folder + "/" + name.substr(0, 20) + std::string(kSealed);
        });
        if (isSealed) {  // the end came between the two names
            (void)m_files.unlink(path);
            continue;
        }
        auto file = UnsealedFile::recover(m_files, path, catalog.damaged);
        if (!file) {
            catalog.damaged.push_back(name + ": can't be read, the whole file is skipped: " + file.error().describe());
            m_lastSequence = std::max(m_lastSequence.load(), sequenceOf(name));
            continue;
        }
        const auto span = (*file)->span();
        if (span.lines == 0) {
            // One that is damaged stays for whoever looks into it, and keeps its name.
            if ((*file)->isBroken()) {
                m_lastSequence = std::max(m_lastSequence.load(), sequenceOf(name));
            } else {
                (void)m_files.unlink(path);
            }
            continue;
        }
        m_lastSequence = std::max(m_lastSequence.load(), span.lastSequence);
        catalog.unsealed.push_back(std::move(*file));
    }
    if (!catalog.unsealed.empty() && !catalog.unsealed.back()->isBroken()) {
        m_active = catalog.unsealed.back();
        m_unsynced.assign(catalog.unsealed.begin(), catalog.unsealed.end() - 1);
    }
}

void AccountLogs::publish(const std::function<void(Catalog&)>& change) {
    const std::lock_guard lock(m_publishing);
    auto next = std::make_shared<Catalog>(*m_catalog.load());
    change(*next);
    m_catalog.store(std::move(next));
}

LogOptions AccountLogs::options() const {
    const std::lock_guard lock(m_optionsMutex);
    return m_options;
}

void AccountLogs::setOptions(const LogOptions& options) {
    const std::lock_guard lock(m_optionsMutex);
    m_options = options;
}

Result<void> AccountLogs::ensureActive(std::uint64_t firstSequence) {
    const auto now = options();
    // So that a quota has several files to choose from.
    const auto limit =
        now.maxBytes ? std::min(now.sealBytes, std::max(*now.maxBytes / 8, kMinFileBytes)) : now.sealBytes;
    if (m_active && !m_active->isBroken() && m_active->size() < limit) {
        return {};
    }
    if (m_active && m_active->span().lines == 0) {
        // The next one would have its name.
        if (const auto error = m_files.unlink(m_active->path()); error != 0 && error != ENOENT) {
            return fileError("remove " + m_active->path(), error);
        }
        publish([this](Catalog& catalog) { std::erase(catalog.unsealed, m_active); });
        m_active.reset();
    }
    const auto path = m_folder + "/" + stemOf(firstSequence) + std::string(kUnsealed);
    auto made = UnsealedFile::create(m_files, path, randomSalt());
    if (!made) {
        return fail(std::move(made.error()));
    }
    if (m_active) {
        m_unsynced.push_back(std::move(m_active));
    }
    m_active = std::move(*made);
    m_namesUnsynced = true;
    publish([this](Catalog& catalog) { catalog.unsealed.push_back(m_active); });
    return {};
}

Result<void> AccountLogs::append(std::span<const LineView> lines) {
    auto last = m_lastSequence.load();
    for (const auto& line : lines) {
        if (line.sequence <= last || !isWithinLimits(line)) {
            return fail(Code::InvalidArgument, "InvalidArgument", {},
                        fmt::format("line {} after {}: sequences grow, and sizes are limited", line.sequence, last));
        }
        last = line.sequence;
    }
    if (lines.empty()) {
        return {};
    }
    const std::lock_guard lock(m_writing);
    HANSHU_TRY(ensureActive(lines.front().sequence));
    auto written = m_active->append(lines);
    m_lastSequence = std::max(m_lastSequence.load(), m_active->span().lastSequence);
    return written;
}

Result<void> AccountLogs::sync() {
    const std::lock_guard lock(m_writing);
    Result<void> result;
    const auto add = [&result](Result<void> part) {
        if (!part && result) {
            result = std::move(part);
        }
    };
    for (const auto& file : std::exchange(m_unsynced, {})) {
        add(file->sync());
    }
    if (m_active) {
        add(m_active->sync());
    }
    if (m_namesUnsynced) {
        if (const auto error = m_files.syncDirectory(m_folder); error != 0) {
            add(fileError("sync " + m_folder, error));
            return result;
        }
        m_namesUnsynced = false;
    }
    return result;
}

LogTotals AccountLogs::totals() const {
    LogTotals totals;
    const auto catalog = m_catalog.load();
    const auto add = [&](std::uint64_t first, std::uint64_t lines, std::uint64_t bytes) {
        ++totals.files;
        totals.lines += lines;
        totals.bytes += bytes;
        if (totals.firstSequence == 0 && lines > 0) {
            totals.firstSequence = first;
        }
    };
    for (const auto& segment : catalog->sealed) {
        add(segment->summary.firstSequence, segment->summary.lines, segment->summary.fileBytes);
    }
    for (const auto& file : catalog->unsealed) {
        const auto span = file->span();
        add(span.firstSequence, span.lines, file->size());
    }
    totals.lastSequence = m_lastSequence;
    totals.linesDroppedByQuota = m_droppedByQuota;
    return totals;
}

}  // namespace hanshu::logs
