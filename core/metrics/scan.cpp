// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/scan.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::metrics {
namespace {

// Pages that lie behind each other are read at once up to this size.
constexpr std::size_t kReadSize = 1U << 20U;
constexpr std::size_t kMaxDamaged = 100;

}  // namespace

void Scanner::damaged(std::string what) {
    if (m_damaged.size() < kMaxDamaged && std::ranges::find(m_damaged, what) == m_damaged.end()) {
        m_damaged.push_back(std::move(what));
    }
}

std::optional<std::shared_ptr<const SegmentReader>> Scanner::open(const SegmentEntry& segment) {
    auto reader = SegmentReader::open(m_store.files(), m_store.pathOf(segment));
    if (reader) {
        return std::make_shared<const SegmentReader>(std::move(*reader));
    }
    if (reader.error().code == Code::NotFound && m_store.catalog() != m_catalog) {
        return std::nullopt;
    }
    damaged(reader.error().describe());
    return nullptr;
}

bool Scanner::open(const std::function<void(const WrittenSpan&)>& found) {
    for (const auto& segment : m_catalog->segments) {
        if (!Catalog::isRead(segment, m_scan.resolution) || !isInTime(segment.start, segment.end() - segment.start)) {
            continue;
        }
        const auto reader = open(segment);
        if (!reader) {
            return false;
        }
        if (*reader == nullptr) {
            continue;
        }
        const auto& info = (*reader)->info();
        const auto resolution = shapeOf(info.level).resolution;
        for (std::size_t i = 0; i < info.written.size(); ++i) {
            const auto start = info.start + static_cast<Period>(i) * periodsOf(resolution);
            if (info.written[i] > 0 && isInTime(start, periodsOf(resolution))) {
                found({resolution, start, info.written[i]});
            }
        }
        m_readers.push_back(*reader);
    }
    for (const auto& journal : m_catalog->journals) {
        for (const auto& frame : journal->frames()) {
            if (isInTime(frame->period, 1)) {
                found({Resolution::TenSeconds, frame->period, 1});
                m_frames.emplace_back(journal, frame);
            }
        }
    }
    return true;
}

void Scanner::samples(std::span<const std::uint32_t> wanted, const Found& found) {
    for (const auto& reader : m_readers) {
        readSegment(*reader, wanted, found);
    }
    for (const auto& [journal, frame] : m_frames) {
        readFrame(*journal, *frame, wanted, found);
    }
}

void Scanner::readSegment(const SegmentReader& reader, std::span<const std::uint32_t> wanted, const Found& found) {
    const auto path = segmentName(reader.info().id);
    const auto* place = reader.find(m_scan.metric);
    if (place == nullptr || place->kind != m_scan.kind) {
        return;
    }
    if (reader.readIndex(*place, m_pages) != ReadOutcome::Good) {
        return damaged(fmt::format("{}: the index of metric {} is damaged", path, m_scan.metric));
    }
    auto next = wanted.begin();
    const auto isNeeded = [&](std::size_t page) {
        next = std::lower_bound(next, wanted.end(), m_pages[page].firstNumber);
        return next != wanted.end() && (page + 1 == m_pages.size() || *next < m_pages[page + 1].firstNumber);
    };
    for (std::size_t first = 0; first < m_pages.size(); ++first) {
        if (!isNeeded(first)) {
            continue;
        }
        std::size_t size = m_pages[first].size;
        auto last = first + 1;
        for (; last < m_pages.size() && size + m_pages[last].size <= kReadSize && isNeeded(last); ++last) {
            size += m_pages[last].size;
        }
        const auto pages = std::span(m_pages).subspan(first, last - first);
        if (!reader.readPages(pages, m_bytes)) {
            return damaged(path + ": it can't be read");
        }
        std::size_t at = 0;
        for (const auto& page : pages) {
            readPage(reader, page, std::string_view(m_bytes).substr(at, page.size), wanted, found);
            at += page.size;
        }
        first = last - 1;
    }
}

void Scanner::readPage(const SegmentReader& reader, const SegmentReader::Page& page, std::string_view bytes,
                       std::span<const std::uint32_t> wanted, const Found& found) {
    const auto level = reader.info().level;
    const auto resolution = shapeOf(level).resolution;
    const auto periods = periodsOf(resolution);
    auto next = std::lower_bound(wanted.begin(), wanted.end(), page.firstNumber);
    bool isGood = SegmentReader::isWhole(page, bytes);
    const auto readSeries = [&](std::uint32_t number, std::string_view chunk) {
        while (next != wanted.end() && *next < number) {
            ++next;
        }
        if (next == wanted.end()) {
            return false;
        }
        if (*next == number) {
            isGood &= readChunk(m_scan.kind, level == Level::TenSeconds, chunk,
                                static_cast<std::uint32_t>(samplesOf(level)), [&](const ChunkSample& sample) {
                                    const auto start = reader.info().start + sample.offset * periods;
                                    if (isInTime(start, periods)) {
                                        found({number, resolution, start, sample.sample, sample.buckets});
                                    }
                                });
        }
        return true;
    };
    if (isGood && !SegmentReader::forEach(page, bytes, readSeries)) {
        isGood = false;
    }
    if (!isGood) {
        damaged(fmt::format("{}: bytes {} to {} are damaged", segmentName(reader.info().id), page.offset,
                            page.offset + page.size));
    }
}

void Scanner::readFrame(const Journal& journal, const Journal::Frame& frame, std::span<const std::uint32_t> wanted,
                        const Found& found) {
    const auto block = std::ranges::lower_bound(frame.blocks, m_scan.metric, {}, &Journal::Block::metric);
    if (block == frame.blocks.end() || block->metric != m_scan.metric || block->kind != m_scan.kind) {
        return;
    }
    auto next = wanted.begin();
    const auto readSeries = [&](std::uint32_t number, const Sample& sample, std::string_view buckets) {
        while (next != wanted.end() && *next < number) {
            ++next;
        }
        if (next != wanted.end() && *next == number) {
            found({number, Resolution::TenSeconds, frame.period, sample, buckets});
        }
    };
    if (journal.read(*block, m_bytes) != ReadOutcome::Good || !Journal::forEach(m_scan.kind, m_bytes, readSeries)) {
        damaged(fmt::format("{}: period {} is damaged", journal.path(), frame.period));
    }
}

}  // namespace hanshu::metrics
