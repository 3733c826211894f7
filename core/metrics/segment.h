// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sealed files: the chunks of all series of one level and span, in order of ids, and where they are. Each object one
// thread at a time.
//
//   file:   magic (8), of each metric its pages and their index, footer, size of the footer (4), its crc32c (4),
//           magic (8)
//   page:   series in order: distance of the number to the one before, size of the chunk, chunk (chunk.h); of one
//           metric, about 16 KiB or one chunk
//   index:  offset of the first page; of each page, one behind the other: distance of its first number to that of the
//           one before, size, crc32c
//   footer: id, level, start, runs of periods that were written, metrics: distance, kind, offset, size and crc32c of
//           the index
#pragma once

#include "metrics/chunk.h"
#include "metrics/record_file.h"

namespace hanshu::metrics {

// A page is read for one series of it: large enough to compress what the index says of it, small enough to be cheap.
inline constexpr std::size_t kPageSize = 16U << 10U;
// A day of a histogram with all its buckets each minute is 12 MiB; more is damage.
inline constexpr std::uint32_t kMaxPageSize = 64U << 20U;

struct SegmentInfo {
    std::uint64_t id = 0;
    Level level = Level::TenSeconds;
    Period start = 0;
    // Of each sample of the span, how many periods were written at all: those in which the daemon was there.
    std::vector<std::uint16_t> written;
};

class SegmentWriter {
public:
    // Replaces what has the name.
    [[nodiscard]] static Result<std::unique_ptr<SegmentWriter>> create(FileOps& files, std::string path);
    // With growing ids.
    [[nodiscard]] Result<void> add(SeriesId id, Kind kind, std::string_view chunk);
    // On disk when it returns, but for the name. Returns the file's size.
    [[nodiscard]] Result<std::uint64_t> finish(const SegmentInfo& info);

private:
    SegmentWriter(std::string path, std::unique_ptr<File> file) : m_path(std::move(path)), m_file(std::move(file)) {}
    void endPage();
    void endMetric();
    [[nodiscard]] Result<void> flush(std::size_t above);

    std::string m_path;
    std::unique_ptr<File> m_file;
    std::uint64_t m_flushed = 0;
    std::string m_out;
    std::string m_page;
    std::string m_index;
    std::string m_metrics;
    std::uint32_t m_metricCount = 0;
    std::uint32_t m_nextMetric = 0;
    std::uint32_t m_metric = 0;
    Kind m_kind = Kind::Counter;
    bool m_hasMetric = false;
    std::uint32_t m_firstInPage = 0;
    std::uint32_t m_firstOfLastPage = 0;
    std::uint32_t m_nextNumber = 0;
};

class SegmentReader {
public:
    struct MetricPlace {
        std::uint32_t metric = 0;
        Kind kind = Kind::Counter;
        std::uint64_t offset = 0;
        std::uint32_t size = 0;
        std::uint32_t crc = 0;
    };
    struct Page {
        std::uint32_t firstNumber = 0;
        std::uint32_t size = 0;
        std::uint32_t crc = 0;
        std::uint64_t offset = 0;
    };

    // NotFound: it is gone. DataLoss: it is damaged; `detail` says where.
    [[nodiscard]] static Result<SegmentReader> open(FileOps& files, const std::string& path);

    [[nodiscard]] const SegmentInfo& info() const noexcept { return m_info; }
    [[nodiscard]] const std::vector<MetricPlace>& metrics() const noexcept { return m_metrics; }
    [[nodiscard]] const MetricPlace* find(std::uint32_t metric) const noexcept;
    [[nodiscard]] ReadOutcome readIndex(const MetricPlace& place, std::vector<Page>& pages) const;
    // Pages that lie behind each other, at once; false: the disk says no.
    [[nodiscard]] bool readPages(std::span<const Page> pages, std::string& into) const;
    [[nodiscard]] static bool isWhole(const Page& page, std::string_view bytes);

    // Calls found(number, chunk) for each series of a page until it returns false; false: the page is malformed.
    template <class Found>
    [[nodiscard]] static bool forEach(const Page& page, std::string_view bytes, Found&& found) {
        ByteReader in(bytes);
        std::uint64_t next = page.firstNumber;
        while (in.left() > 0) {
            next += in.varint32();
            const auto chunk = in.text();
            if (!in.ok() || next > numberOf(UINT32_MAX)) {
                return false;
            }
            if (!found(static_cast<std::uint32_t>(next), chunk)) {
                return true;
            }
            ++next;
        }
        return true;
    }

private:
    [[nodiscard]] bool readFooter(std::string_view footer);

    std::shared_ptr<const File> m_file;
    std::uint64_t m_size = 0;
    SegmentInfo m_info;
    std::vector<MetricPlace> m_metrics;
};

}  // namespace hanshu::metrics
