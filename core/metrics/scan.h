// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads the samples of some series out of all files of a store that have them. One thread at a time; blocks on the
// disk.
#pragma once

#include "metrics/store.h"

namespace hanshu::metrics {

struct Scan {
    std::uint32_t metric = 0;
    Kind kind = Kind::Counter;
    Period from = 0;
    Period to = 0;  // exclusive
    Resolution resolution = Resolution::TenSeconds;
};

// What stands in a file of a time, whatever series: `periods` from `start` on of which `written` were written.
struct WrittenSpan {
    Resolution resolution = Resolution::TenSeconds;
    Period start = 0;
    std::uint16_t written = 0;
};

struct ScannedSample {
    std::uint32_t number = 0;  // of the series
    Resolution resolution = Resolution::TenSeconds;
    Period start = 0;
    const Sample& sample;
    std::string_view buckets;
};

class Scanner {
public:
    Scanner(const Store& store, const Scan& scan) : m_store(store), m_scan(scan) {}

    // Opens the files, and calls found(span) for all times they are of. False: one went away meanwhile; begin anew.
    [[nodiscard]] bool open(const std::function<void(const WrittenSpan&)>& found);
    // Calls found(sample) for each sample of the wanted series, whose numbers are in order. Those of one series and
    // file come in order of time, the rest in no order. After open, as often as is needed.
    void samples(std::span<const std::uint32_t> wanted, const std::function<void(const ScannedSample&)>& found);

    [[nodiscard]] const std::vector<std::string>& damaged() const noexcept { return m_damaged; }

private:
    using Found = std::function<void(const ScannedSample&)>;
    [[nodiscard]] bool isInTime(Period start, Period periods) const noexcept {
        return start < m_scan.to && start + periods > m_scan.from;
    }
    // Null: it is damaged. Nothing: it is gone.
    [[nodiscard]] std::optional<std::shared_ptr<const SegmentReader>> open(const SegmentEntry& segment);
    void readSegment(const SegmentReader& reader, std::span<const std::uint32_t> wanted, const Found& found);
    void readPage(const SegmentReader& reader, const SegmentReader::Page& page, std::string_view bytes,
                  std::span<const std::uint32_t> wanted, const Found& found);
    void readFrame(const Journal& journal, const Journal::Frame& frame, std::span<const std::uint32_t> wanted,
                   const Found& found);
    void damaged(std::string what);

    const Store& m_store;
    Scan m_scan;
    std::shared_ptr<const Catalog> m_catalog = m_store.catalog();
    std::vector<std::shared_ptr<const SegmentReader>> m_readers;
    std::vector<std::pair<std::shared_ptr<Journal>, std::shared_ptr<const Journal::Frame>>> m_frames;
    std::vector<SegmentReader::Page> m_pages;
    std::string m_bytes;
    std::vector<std::string> m_damaged;
};

}  // namespace hanshu::metrics
