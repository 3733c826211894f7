// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The questions that may be asked of an account's lines, all of one moment. Any thread, each call on its own; a call
// holds one block unpacked, whatever is stored.
#pragma once

#include "logs/scan.h"

namespace hanshu::logs {

struct Page {
    std::size_t limit = 100;
    Order order = Order::NewestFirst;
    // Asked after each block; a page that was cut short says so and can be gone on with.
    std::function<bool()> cancelled{};
};

struct LinesPage {
    std::vector<Line> lines;
    // Where to go on: as beforeSequence when the newest come first, as afterSequence when the oldest do. Nothing
    // before that was left out.
    std::uint64_t cursor = 0;
    bool isLast = false;  // there was no more at that moment
    ScanReport report;
};

struct TimeBuckets {
    // Of each bucket, lines by level.
    std::vector<std::array<std::uint64_t, kLevels>> buckets;
    bool isComplete = true;
    ScanReport report;
};

enum class Field { Function, Qualifier, Instance, RequestId, Level, Stream };

struct TopValues {
    struct Value {
        std::string value;  // of a level or stream: its number
        std::uint64_t lines = 0;
    };
    std::vector<Value> values;  // the most frequent first, then by name
    std::uint64_t lines = 0;    // of all values
    // There were more than kMaxValues; those that came late may be missing.
    bool isTruncated = false;
    bool isComplete = true;
    ScanReport report;

    static constexpr std::size_t kMaxValues = 100'000;
};

struct Context {
    std::vector<Line> before;  // the oldest first
    std::optional<Line> line;  // nothing when it is not there any more
    std::vector<Line> after;
    ScanReport report;
};

class LogView {
public:
    LogView(std::shared_ptr<const Catalog> catalog, SegmentCache& cache)
        : m_catalog(std::move(catalog)), m_cache(cache) {}

    [[nodiscard]] LinesPage lines(const Filter& filter, const Page& page) const;
    // Up to `n` lines on each side of the one with this sequence, of those that the filter wants: give it the line's
    // instance or request to stay with it.
    [[nodiscard]] Context around(std::uint64_t sequence, std::size_t n, const Filter& filter) const;
    // Every line, until `take` returns false; for exports.
    ScanReport each(const Filter& filter, Order order, const std::function<bool(const LineView&)>& take) const;
    // `count` buckets of `width` from `start` on. The filter's own bounds of time hold as well.
    [[nodiscard]] TimeBuckets countByTime(Filter filter, SystemTime start, std::chrono::microseconds width,
                                          std::size_t count, std::function<bool()> cancelled = {}) const;
    [[nodiscard]] TopValues top(const Filter& filter, Field field, std::size_t n,
                                std::function<bool()> cancelled = {}) const;
    // Reads every byte of every sealed file: the names of all damage.
    [[nodiscard]] std::vector<std::string> verify() const;

private:
    std::shared_ptr<const Catalog> m_catalog;
    SegmentCache& m_cache;
};

}  // namespace hanshu::logs
