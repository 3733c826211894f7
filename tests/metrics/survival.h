// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes under right checksums, given to every reader of the files of metrics: for the fuzzer, and for a test with a
// fixed seed. Checksums stop what chance does to a file; what stands behind them may trust nothing either.
#pragma once

#include "base/crc32c.h"
#include "logs/memory_files.h"
#include "metrics/query.h"

#include <fmt/format.h>

namespace hanshu::test {

inline constexpr metrics::Period kSurvivalStart = 176'203'440 / 8640 * 8640;

// Names for the numbers that the pieces below use.
inline void nameAll(metrics::SeriesBook& book) {
    for (const auto kind : {metrics::Kind::Counter, metrics::Kind::Gauge, metrics::Kind::Histogram}) {
        for (const char* function : {"f", "g", "h"}) {
            (void)book.intern(fmt::format("m{}", static_cast<int>(kind)), kind, {"1", function, "", ""});
        }
    }
}

// Asks everything of a store with these files, and lets it do its upkeep. Empty, or what is wrong.
inline std::string askAll(MemoryFiles& files) {
    const auto store = metrics::Store::open("/m", files);
    if (!store) {
        return {};
    }
    for (const auto hours : {1, 30, 24 * 60}) {
        for (int metric = 0; metric < 3; ++metric) {
            metrics::Query query;
            query.metric = fmt::format("m{}", metric);
            query.from = metrics::startOf(kSurvivalStart);
            query.to = query.from + std::chrono::hours(hours);
            query.aggregation =
                metric == 2 ? metrics::Aggregation::Percentile : metrics::usualOf(static_cast<metrics::Kind>(metric));
            query.groupBy[1] = hours == 1;
            const auto answer = metrics::query(**store, query);
            for (const auto& line : answer ? answer->lines : std::vector<metrics::Line>()) {
                if (line.points.size() > query.maxPoints) {
                    return "more points than asked for";
                }
            }
        }
        (void)(*store)->maintain(metrics::startOf(kSurvivalStart) + std::chrono::hours(hours + 2));
    }
    metrics::Batch batch;
    batch.period = kSurvivalStart;
    (void)(*store)->append(batch);
    return {};
}

inline MemoryFiles filesWithBook() {
    MemoryFiles files;
    const auto store = metrics::Store::open("/m", files);
    nameAll((*store)->book());
    metrics::Batch batch;
    batch.period = kSurvivalStart + 100;
    (void)(*store)->append(batch);
    return files;
}

inline std::string surviveRecord(std::string_view payload) {
    auto files = filesWithBook();
    const auto id = 77;
    const auto name = "/m/" + metrics::Journal::nameOf(kSurvivalStart, id);
    if (auto file = metrics::RecordFile::create(files, name, {metrics::Journal::kMagic, kSurvivalStart, id})) {
        (void)(*file)->append(payload);
    }
    return askAll(files);
}

// A segment of one page, its index and a footer; those that are given are as they are given.
inline std::string surviveSegment(std::optional<std::string_view> page, std::optional<std::string_view> index,
                                  std::optional<std::string_view> footer, metrics::Level level, metrics::Kind kind) {
    auto files = filesWithBook();
    std::string bytes = "HSMETS\x01\n";
    const std::string somePage(page.value_or(std::string_view("\0\4\0\2\4\2", 6)));
    std::string someIndex(index.value_or(""));
    if (!index) {
        ByteWriter out(someIndex);
        out.varint(bytes.size());
        out.varint(0);
        out.varint(somePage.size());
        out.fixed(crc32c(somePage));
    }
    bytes += somePage;
    std::string someFooter(footer.value_or(""));
    if (!footer) {
        ByteWriter out(someFooter);
        out.varint(500);
        out.byte(static_cast<std::uint8_t>(level));
        out.zigzag(metrics::windowOf(level, kSurvivalStart));
        out.varint(static_cast<std::uint64_t>(metrics::samplesOf(level)));
        out.varint(1);
        out.varint(1);
        out.varint(static_cast<std::uint64_t>(kind));  // the number of the metric is that of its kind
        out.byte(static_cast<std::uint8_t>(kind));
        out.varint(bytes.size());
        out.varint(someIndex.size());
        out.fixed(crc32c(someIndex));
    }
    bytes += someIndex;
    bytes += someFooter;
    ByteWriter tail(bytes);
    tail.fixed(static_cast<std::uint32_t>(someFooter.size()));
    tail.fixed(crc32c(someFooter));
    bytes += "HSMETS\x01\n";
    files.all()["/m/" + metrics::segmentName(500)] = std::make_shared<std::string>(bytes);
    metrics::Manifest manifest;
    manifest.nextId = 600;
    manifest.segments = {{500, level, metrics::windowOf(level, kSurvivalStart), false, bytes.size()}};
    (void)metrics::saveManifest(files, "/m", manifest);
    return askAll(files);
}

inline std::string surviveBook(std::string_view changes) {
    auto files = filesWithBook();
    files.all().erase("/m/series.log");
    if (auto file = metrics::RecordFile::create(files, "/m/series.log", {"HSMETB\x01\n", 0, 0})) {
        (void)(*file)->append(changes);
    }
    return askAll(files);
}

// What is wrong with samples that were read and written again: they are the same from then on.
inline std::string surviveChunk(metrics::Kind kind, bool isRaw, std::string_view bytes) {
    constexpr std::uint32_t kEnd = 720;
    const auto read = [&](std::string_view from, std::vector<metrics::ChunkSample>& samples) {
        return metrics::readChunk(kind, isRaw, from, kEnd,
                                  [&](const metrics::ChunkSample& sample) { samples.push_back(sample); });
    };
    std::vector<metrics::ChunkSample> samples;
    if (!read(bytes, samples)) {
        return {};
    }
    std::string once;
    metrics::writeChunk(kind, isRaw, samples, once);
    std::vector<metrics::ChunkSample> again;
    if (!read(once, again)) {
        return "a chunk does not come back";
    }
    std::string twice;
    metrics::writeChunk(kind, isRaw, again, twice);
    return once == twice ? "" : "a chunk comes back as another";
}

// Empty, or what is wrong.
inline std::string brokenMetricsBy(std::string_view bytes) {
    if (bytes.size() < 2) {
        return {};
    }
    const auto what = static_cast<unsigned char>(bytes[0]);
    const auto level = static_cast<metrics::Level>(static_cast<unsigned char>(bytes[1]) % metrics::kLevels);
    const auto kind = static_cast<metrics::Kind>(static_cast<unsigned char>(bytes[1]) / 8 % metrics::kKinds);
    const auto rest = bytes.substr(2);
    switch (what % 8) {
        case 0:
            return surviveRecord(rest);
        case 1:
            return surviveSegment(rest, std::nullopt, std::nullopt, level, kind);
        case 2:
            return surviveSegment(std::nullopt, rest, std::nullopt, level, kind);
        case 3:
            return surviveSegment(std::nullopt, std::nullopt, rest, level, kind);
        case 4:
            return surviveBook(rest);
        case 5: {
            // A page of one series with these bytes as its chunk.
            std::string page(1, '\0');
            ByteWriter(page).text(rest);
            return surviveSegment(page, std::nullopt, std::nullopt, level, kind);
        }
        case 6:
            return surviveChunk(kind, (static_cast<unsigned char>(bytes[1]) & 1U) != 0, rest);
        default: {
            (void)metrics::readManifest(rest);
            metrics::Histogram histogram;
            (void)histogram.mergeBuckets(rest, 1, 1, 1);
            return {};
        }
    }
}

}  // namespace hanshu::test
