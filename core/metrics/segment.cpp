// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/segment.h"

#include "base/crc32c.h"

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>

namespace hanshu::metrics {
namespace {

constexpr std::string_view kMagic = "HSMETS\x01\n";
constexpr std::size_t kTailSize = 16;
// What is read at first: nearly always the whole footer.
constexpr std::size_t kLikelyFooter = 8U << 10U;
constexpr std::uint32_t kMaxFooter = 1U << 20U;
constexpr std::size_t kWriteSize = 256U << 10U;

void writeRuns(std::span<const std::uint16_t> values, ByteWriter out) {
    for (std::size_t i = 0; i < values.size();) {
        auto end = i + 1;
        while (end < values.size() && values[end] == values[i]) {
            ++end;
        }
        out.varint(end - i);
        out.varint(values[i]);
        i = end;
    }
}

bool readRuns(ByteReader& in, Level level, std::vector<std::uint16_t>& values) {
    const auto count = static_cast<std::size_t>(samplesOf(level));
    values.clear();
    values.reserve(count);
    while (values.size() < count) {
        const auto times = in.varint32(static_cast<std::uint32_t>(count - values.size()));
        const auto value = in.varint32(static_cast<std::uint32_t>(periodsOf(shapeOf(level).resolution)));
        if (!in.ok() || times == 0) {
            return false;
        }
        values.insert(values.end(), times, static_cast<std::uint16_t>(value));
    }
    return true;
}

Failure damaged(const std::string& path, std::string_view what) {
    return fail(Code::DataLoss, "MetricsDamaged", {{"file", path}}, fmt::format("{}: {}", path, what));
}

}  // namespace

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(FileOps& files, std::string path) {
    std::unique_ptr<File> file;
    auto error = files.create(path, file);
    if (error == EEXIST) {
        (void)files.unlink(path);
        error = files.create(path, file);
    }
    if (error != 0) {
        return fileError("create " + path, error);
    }
    std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(path), std::move(file)));
    writer->m_out = kMagic;
    return writer;
}

Result<void> SegmentWriter::flush(std::size_t above) {
    if (m_out.size() <= above) {
        return {};
    }
    if (const auto error = m_file->append(m_out); error != 0) {
        return fileError("write " + m_path, error);
    }
    m_flushed += m_out.size();
    m_out.clear();
    return {};
}

void SegmentWriter::endPage() {
    if (m_page.empty()) {
        return;
    }
    ByteWriter index(m_index);
    if (m_index.empty()) {
        index.varint(m_flushed + m_out.size());
        m_firstOfLastPage = 0;
    }
    index.varint(m_firstInPage - m_firstOfLastPage);
    index.varint(m_page.size());
    index.fixed(crc32c(m_page));
    m_firstOfLastPage = m_firstInPage;
    m_out += m_page;
    m_page.clear();
}

void SegmentWriter::endMetric() {
    endPage();
    if (!m_hasMetric) {
        return;
    }
    ByteWriter metrics(m_metrics);
    metrics.varint(m_metric - m_nextMetric);
    metrics.byte(static_cast<std::uint8_t>(m_kind));
    metrics.varint(m_flushed + m_out.size());
    metrics.varint(m_index.size());
    metrics.fixed(crc32c(m_index));
    m_nextMetric = m_metric + 1;
    ++m_metricCount;
    m_out += m_index;
    m_index.clear();
}

Result<void> SegmentWriter::add(SeriesId id, Kind kind, std::string_view chunk) {
    if (!m_hasMetric || metricOf(id) != m_metric) {
        endMetric();
        m_hasMetric = true;
        m_metric = metricOf(id);
        m_kind = kind;
    }
    if (m_page.empty()) {
        m_firstInPage = numberOf(id);
        m_nextNumber = m_firstInPage;
    }
    ByteWriter page(m_page);
    page.varint(numberOf(id) - m_nextNumber);
    page.text(chunk);
    m_nextNumber = numberOf(id) + 1;
    if (m_page.size() >= kPageSize) {
        endPage();
    }
    return flush(kWriteSize);
}

Result<std::uint64_t> SegmentWriter::finish(const SegmentInfo& info) {
    endMetric();
    std::string footer;
    ByteWriter out(footer);
    out.varint(info.id);
    out.byte(static_cast<std::uint8_t>(info.level));
    out.zigzag(info.start);
    writeRuns(info.written, out);
    out.varint(m_metricCount);
    footer += m_metrics;
    m_out += footer;
    ByteWriter tail(m_out);
    tail.fixed(static_cast<std::uint32_t>(footer.size()));
    tail.fixed(crc32c(footer));
    m_out += kMagic;
    HANSHU_TRY(flush(0));
    if (const auto error = m_file->sync(); error != 0) {
        return fileError("sync " + m_path, error);
    }
    return m_flushed;
}

Result<SegmentReader> SegmentReader::open(FileOps& files, const std::string& path) {
    std::unique_ptr<File> file;
    if (const auto error = files.open(path, OpenMode::Read, file); error == ENOENT) {
        return fail(Code::NotFound, "MetricsGone", {{"file", path}});
    } else if (error != 0) {
        return fileError("open " + path, error);
    }
    SegmentReader reader;
    if (const auto error = file->size(reader.m_size); error != 0) {
        return fileError("size of " + path, error);
    }
    if (reader.m_size < kMagic.size() + kTailSize) {
        return damaged(path, "it is cut short");
    }
    reader.m_file = std::move(file);
    std::string bytes(std::min<std::uint64_t>(reader.m_size, kLikelyFooter), '\0');
    if (!readFully(*reader.m_file, reader.m_size - bytes.size(), bytes)) {
        return internalError("read " + path);
    }
    ByteReader tail(std::string_view(bytes).substr(bytes.size() - kTailSize));
    const auto size = tail.fixed<std::uint32_t>();
    const auto crc = tail.fixed<std::uint32_t>();
    if (tail.bytes(kMagic.size()) != kMagic || size > kMaxFooter || size > reader.m_size - kTailSize) {
        return damaged(path, "its end is damaged");
    }
    if (size + kTailSize > bytes.size()) {
        bytes.resize(size + kTailSize);
        if (!readFully(*reader.m_file, reader.m_size - bytes.size(), bytes)) {
            return internalError("read " + path);
        }
    }
    const auto footer = std::string_view(bytes).substr(bytes.size() - kTailSize - size, size);
    if (crc32c(footer) != crc || !reader.readFooter(footer)) {
        return damaged(path, "its footer is damaged");
    }
    return reader;
}

bool SegmentReader::readFooter(std::string_view footer) {
    ByteReader in(footer);
    m_info.id = in.varint();
    const auto level = in.byte();
    if (level >= kLevels) {
        return false;
    }
    m_info.level = static_cast<Level>(level);
    m_info.start = in.zigzag();
    if (!in.ok() || m_info.start < -kMaxPeriod || m_info.start > kMaxPeriod ||
        m_info.start != windowOf(m_info.level, m_info.start) || !readRuns(in, m_info.level, m_info.written)) {
        return false;
    }
    const auto count = in.varint32(kMaxMetrics);
    std::uint64_t metric = 0;
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
        MetricPlace place;
        metric += in.varint32(kMaxMetrics);
        place.metric = static_cast<std::uint32_t>(metric++);
        const auto kind = in.byte();
        place.kind = static_cast<Kind>(kind);
        place.offset = in.varint();
        place.size = in.varint32(kMaxPageSize);
        place.crc = in.fixed<std::uint32_t>();
        if (kind >= kKinds || place.offset > m_size || place.size > m_size - place.offset) {
            return false;
        }
        m_metrics.push_back(place);
    }
    return in.ok() && in.left() == 0 && metric <= kMaxMetrics;
}

const SegmentReader::MetricPlace* SegmentReader::find(std::uint32_t metric) const noexcept {
    const auto found = std::ranges::lower_bound(m_metrics, metric, {}, &MetricPlace::metric);
    return found != m_metrics.end() && found->metric == metric ? &*found : nullptr;
}

ReadOutcome SegmentReader::readIndex(const MetricPlace& place, std::vector<Page>& pages) const {
    pages.clear();
    std::string bytes(place.size, '\0');
    if (!readFully(*m_file, place.offset, bytes)) {
        return ReadOutcome::Failed;
    }
    if (crc32c(bytes) != place.crc) {
        return ReadOutcome::Damaged;
    }
    ByteReader in(bytes);
    auto offset = in.varint();
    std::uint64_t number = 0;
    while (in.left() > 0) {
        Page page;
        number += in.varint32();
        page.firstNumber = static_cast<std::uint32_t>(number);
        page.size = in.varint32(kMaxPageSize);
        page.crc = in.fixed<std::uint32_t>();
        page.offset = offset;
        if (!in.ok() || number > numberOf(UINT32_MAX) || offset > m_size || page.size > m_size - offset) {
            return ReadOutcome::Damaged;
        }
        offset += page.size;
        pages.push_back(page);
    }
    return in.ok() ? ReadOutcome::Good : ReadOutcome::Damaged;
}

bool SegmentReader::readPages(std::span<const Page> pages, std::string& into) const {
    std::size_t size = 0;
    for (const auto& page : pages) {
        size += page.size;
    }
    into.resize(size);
    return pages.empty() || readFully(*m_file, pages.front().offset, into);
}

bool SegmentReader::isWhole(const Page& page, std::string_view bytes) {
    return bytes.size() == page.size && crc32c(bytes) == page.crc;
}

}  // namespace hanshu::metrics
