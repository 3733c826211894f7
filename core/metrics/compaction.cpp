// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/compaction.h"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace hanshu::metrics {
namespace {

struct Item {
    Period period = 0;
    Sample sample;
    std::string_view buckets;
};

// The series of one metric of one file, in order.
class Source {
public:
    virtual ~Source() = default;
    // Goes to the first series of a metric.
    [[nodiscard]] virtual ReadOutcome begin(std::uint32_t metric) = 0;
    // Of the series it stands at; nothing behind the last.
    [[nodiscard]] std::optional<std::uint32_t> number() const noexcept { return m_number; }
    // Appends its samples, whose buckets live until the next call. False: some are damaged.
    [[nodiscard]] virtual bool take(std::vector<Item>& items) const = 0;
    [[nodiscard]] virtual ReadOutcome next() = 0;

protected:
    std::optional<std::uint32_t> m_number;
};

class FrameSource final : public Source {
public:
    FrameSource(const Journal& journal, std::shared_ptr<const Journal::Frame> frame)
        : m_journal(journal), m_frame(std::move(frame)) {}

    ReadOutcome begin(std::uint32_t metric) override {
        m_number.reset();
        const auto found = std::ranges::lower_bound(m_frame->blocks, metric, {}, &Journal::Block::metric);
        if (found == m_frame->blocks.end() || found->metric != metric) {
            return ReadOutcome::Good;
        }
        m_kind = found->kind;
        const auto outcome = m_journal.read(*found, m_block);
        m_in = ByteReader(m_block);
        m_next = 0;
        return outcome == ReadOutcome::Good ? next() : outcome;
    }
    bool take(std::vector<Item>& items) const override {
        items.push_back({m_frame->period, m_sample, m_buckets});
        return true;
    }
    ReadOutcome next() override {
        m_number.reset();
        if (m_in.left() == 0) {
            return ReadOutcome::Good;
        }
        m_next += m_in.varint32();
        if (!readSample(m_kind, true, m_in, m_sample, m_buckets, Sample{}) || m_next > numberOf(UINT32_MAX)) {
            return ReadOutcome::Damaged;
        }
        m_number = static_cast<std::uint32_t>(m_next++);
        return ReadOutcome::Good;
    }

private:
    const Journal& m_journal;
    std::shared_ptr<const Journal::Frame> m_frame;
    std::string m_block;
    ByteReader m_in{{}};
    Kind m_kind = Kind::Counter;
    std::uint64_t m_next = 0;
    Sample m_sample;
    std::string_view m_buckets;
};

class SegmentSource final : public Source {
public:
    explicit SegmentSource(const SegmentReader& reader) : m_reader(reader) {}

    ReadOutcome begin(std::uint32_t metric) override {
        m_number.reset();
        m_pages.clear();
        m_page = 0;
        m_in = ByteReader({});
        const auto* place = m_reader.find(metric);
        if (place == nullptr) {
            return ReadOutcome::Good;
        }
        m_kind = place->kind;
        const auto outcome = m_reader.readIndex(*place, m_pages);
        if (outcome != ReadOutcome::Good) {
            m_pages.clear();
            return outcome;
        }
        return next();
    }
    bool take(std::vector<Item>& items) const override {
        const auto level = m_reader.info().level;
        const auto periods = periodsOf(shapeOf(level).resolution);
        return readChunk(
            m_kind, level == Level::TenSeconds, m_chunk, static_cast<std::uint32_t>(samplesOf(level)),
            [&](const ChunkSample& sample) {
                items.push_back({m_reader.info().start + sample.offset * periods, sample.sample, sample.buckets});
            });
    }
    ReadOutcome next() override {
        m_number.reset();
        while (m_in.left() == 0) {
            if (m_page == m_pages.size()) {
                return ReadOutcome::Good;
            }
            const auto& page = m_pages[m_page++];
            if (!m_reader.readPages({&page, 1}, m_bytes)) {
                return ReadOutcome::Failed;
            }
            if (!SegmentReader::isWhole(page, m_bytes)) {
                return ReadOutcome::Damaged;  // the next call goes on with the next page
            }
            m_in = ByteReader(m_bytes);
            m_next = page.firstNumber;
        }
        m_next += m_in.varint32();
        m_chunk = m_in.text();
        if (!m_in.ok() || m_next > numberOf(UINT32_MAX)) {
            m_in = ByteReader({});
            return ReadOutcome::Damaged;
        }
        m_number = static_cast<std::uint32_t>(m_next++);
        return ReadOutcome::Good;
    }
    [[nodiscard]] bool hasMore() const noexcept { return m_page < m_pages.size(); }

private:
    const SegmentReader& m_reader;
    std::vector<SegmentReader::Page> m_pages;
    std::size_t m_page = 0;
    std::string m_bytes;
    ByteReader m_in{{}};
    Kind m_kind = Kind::Counter;
    std::uint64_t m_next = 0;
    std::string_view m_chunk;
};

class Compactor {
public:
    Compactor(const Compaction& what, SegmentWriter& writer, std::vector<std::string>& damage)
        : m_what(what), m_writer(writer), m_damage(damage) {
        m_info.id = what.id;
        m_info.level = what.level;
        m_info.start = what.start;
        m_info.written.resize(static_cast<std::size_t>(samplesOf(what.level)));
    }

    Result<std::uint64_t> run() {
        collect();
        for (const auto& [metric, kind] : m_metrics) {
            HANSHU_TRY(metricOfAll(metric, kind));
        }
        return m_writer.finish(m_info);
    }

private:
    void collect() {
        for (const auto& journal : m_what.journals) {
            for (const auto& frame : journal->frames()) {
                noteWritten(frame->period, 1);
                for (const auto& block : frame->blocks) {
                    m_metrics.emplace(block.metric, block.kind);
                }
                m_sources.push_back({std::make_unique<FrameSource>(*journal, frame), journal->path()});
            }
        }
        for (const auto& segment : m_what.segments) {
            const auto& info = segment.info();
            const auto periods = periodsOf(shapeOf(info.level).resolution);
            for (std::size_t i = 0; i < info.written.size(); ++i) {
                noteWritten(info.start + static_cast<Period>(i) * periods, info.written[i]);
            }
            for (const auto& place : segment.metrics()) {
                m_metrics.emplace(place.metric, place.kind);
            }
            m_sources.push_back({std::make_unique<SegmentSource>(segment), segmentText(info)});
        }
    }

    static std::string segmentText(const SegmentInfo& info) { return fmt::format("segment {}", info.id); }

    void noteWritten(Period period, std::uint16_t times) {
        const auto periods = periodsOf(shapeOf(m_what.level).resolution);
        const auto offset = floorDivide(period - m_what.start, periods);
        if (offset >= 0 && offset < samplesOf(m_what.level)) {
            auto& written = m_info.written[static_cast<std::size_t>(offset)];
            written = static_cast<std::uint16_t>(std::min<Period>(written + times, periods));
        }
    }

    struct NamedSource {
        std::unique_ptr<Source> source;
        std::string name;
    };

    // False: the disk says no.
    bool settle(NamedSource& named, ReadOutcome outcome, std::uint32_t metric) {
        while (outcome == ReadOutcome::Damaged) {
            m_damage.push_back(fmt::format("{}: a part of metric {} is damaged", named.name, metric));
            const auto* segment = dynamic_cast<const SegmentSource*>(named.source.get());
            if (segment == nullptr || !segment->hasMore()) {
                return true;
            }
            outcome = named.source->next();
        }
        return outcome == ReadOutcome::Good;
    }

    Result<void> metricOfAll(std::uint32_t metric, Kind kind) {
        const auto failed = [](const NamedSource& named) { return internalError("read " + named.name); };
        for (auto& named : m_sources) {
            if (!settle(named, named.source->begin(metric), metric)) {
                return failed(named);
            }
        }
        for (;;) {
            std::optional<std::uint32_t> number;
            for (const auto& named : m_sources) {
                const auto at = named.source->number();
                if (at && (!number || *at < *number)) {
                    number = at;
                }
            }
            if (!number) {
                return {};
            }
            gather(*number, metric);
            HANSHU_TRY(write(seriesId(metric, *number), kind));
            for (auto& named : m_sources) {
                if (named.source->number() == number && !settle(named, named.source->next(), metric)) {
                    return failed(named);
                }
            }
        }
    }

    void gather(std::uint32_t number, std::uint32_t metric) {
        m_items.clear();
        for (const auto& named : m_sources) {
            if (named.source->number() == number && !named.source->take(m_items)) {
                m_damage.push_back(fmt::format("{}: series {} of metric {} is damaged", named.name, number, metric));
            }
        }
        if (!std::ranges::is_sorted(m_items, {}, &Item::period)) {
            std::ranges::stable_sort(m_items, {}, &Item::period);
        }
    }

    Result<void> write(SeriesId id, Kind kind) {
        rollUp(kind);
        if (m_samples.empty()) {
            return {};
        }
        m_chunk.clear();
        writeChunk(kind, m_what.level == Level::TenSeconds, m_samples, m_chunk);
        return m_writer.add(id, kind, m_chunk);
    }

    void rollUp(Kind kind) {
        const auto periods = periodsOf(shapeOf(m_what.level).resolution);
        m_samples.clear();
        m_merged.clear();
        m_mergedAt.clear();
        for (std::size_t i = 0; i < m_items.size();) {
            const auto offset = floorDivide(m_items[i].period - m_what.start, periods);
            auto end = i + 1;
            while (end < m_items.size() && floorDivide(m_items[end].period - m_what.start, periods) == offset) {
                ++end;
            }
            if (offset >= 0 && offset < samplesOf(m_what.level)) {
                ChunkSample sample{static_cast<std::uint32_t>(offset), m_items[i].sample, m_items[i].buckets};
                if (end > i + 1) {
                    mergeItems(kind, {m_items.data() + i, end - i}, sample);
                }
                const auto written = m_info.written[static_cast<std::size_t>(offset)];
                if (kind == Kind::Counter && sample.sample.count < written) {
                    sample.sample.min = std::min<std::int64_t>(sample.sample.min, 0);  // some periods were quiet
                }
                if (sample.sample.count > 0) {
                    m_samples.push_back(sample);
                }
            }
            i = end;
        }
        for (const auto& [sample, at, size] : m_mergedAt) {
            m_samples[sample].buckets = std::string_view(m_merged).substr(at, size);
        }
    }

    void mergeItems(Kind kind, std::span<const Item> items, ChunkSample& into) {
        if (kind != Kind::Histogram) {
            for (const auto& item : items.subspan(1)) {
                if (m_what.level == Level::TenSeconds) {
                    joinWithin(kind, into.sample, item.sample);
                } else {
                    join(into.sample, item.sample);
                }
            }
            return;
        }
        m_histogram.clear();
        for (const auto& item : items) {
            if (!addTo(m_histogram, item.sample, item.buckets)) {
                m_damage.emplace_back("buckets of a histogram are damaged");
            }
        }
        const auto at = m_merged.size();
        into.sample = sampleOf(m_histogram, m_merged);
        into.buckets = {};
        if (into.sample.count > 0) {  // not all of them were damaged
            m_mergedAt.push_back({m_samples.size(), at, m_merged.size() - at});
        }
    }

    const Compaction& m_what;
    SegmentWriter& m_writer;
    std::vector<std::string>& m_damage;
    SegmentInfo m_info;
    std::map<std::uint32_t, Kind> m_metrics;
    std::vector<NamedSource> m_sources;
    std::vector<Item> m_items;
    std::vector<ChunkSample> m_samples;
    struct Merged {
        std::size_t sample;
        std::size_t at;
        std::size_t size;
    };
    std::vector<Merged> m_mergedAt;
    std::string m_merged;
    std::string m_chunk;
    Histogram m_histogram;
};

}  // namespace

Result<std::uint64_t> compact(const Compaction& what, FileOps& files, const std::string& path,
                              std::vector<std::string>& damage) {
    auto writer = SegmentWriter::create(files, path);
    if (!writer) {
        return fail(std::move(writer.error()));
    }
    return Compactor(what, **writer, damage).run();
}

}  // namespace hanshu::metrics
