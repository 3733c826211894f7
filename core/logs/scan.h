// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Walks through the lines that a filter wants, in order, and leaves out what the indexes say it may. One thread at a
// time; the catalog does not change under it.
#pragma once

#include "logs/catalog.h"
#include "logs/line_matcher.h"

namespace hanshu::logs {

enum class Order { NewestFirst, OldestFirst };

// What a query cost, and what it could not see.
struct ScanReport {
    std::uint64_t segmentsRead = 0;
    std::uint64_t segmentsSkipped = 0;
    std::uint64_t blocksRead = 0;
    std::uint64_t blocksSkipped = 0;  // of the segments that were read
    std::uint64_t linesExamined = 0;
    std::vector<std::string> damaged;  // by name; at most kMaxDamaged

    static constexpr std::size_t kMaxDamaged = 100;
    void addDamage(std::string what);
};

class LineVisitor {
public:
    virtual ~LineVisitor() = default;
    // False: it has enough.
    [[nodiscard]] virtual bool visit(const LineView& line) = 0;
    // Whether `visit` looks at messages.
    [[nodiscard]] virtual bool readsMessages() const { return true; }
    // Every line of the levels that the filter wants, of a piece that has nothing else for the filter to refuse: true
    // when that is all it needs to know.
    [[nodiscard]] virtual bool visitWhole(const Span&) { return false; }
};

class Scan {
public:
    Scan(std::shared_ptr<const Catalog> catalog, SegmentCache& cache, const Filter& filter, Order order,
         std::function<bool()> cancelled = {});

    // True: it came to the end; false: the visitor had enough, or it was cancelled.
    bool run(LineVisitor& visitor);
    [[nodiscard]] const ScanReport& report() const noexcept { return m_report; }
    // Up to here everything was examined, this line included: the cursor to go on from.
    [[nodiscard]] std::uint64_t position() const noexcept { return m_position; }

private:
    [[nodiscard]] bool wants(const Span& span) const;
    [[nodiscard]] bool isInside(const Span& span) const;
    [[nodiscard]] bool scanSealed(const SealedSegment& segment, LineVisitor& visitor);
    [[nodiscard]] bool scanUnsealed(const UnsealedFile& file, LineVisitor& visitor);
    [[nodiscard]] bool scanBlock(const SealedSegment& segment, const SegmentDetails& details, std::size_t block,
                                 LineVisitor& visitor);
    [[nodiscard]] bool scanMark(const UnsealedFile& file, const UnsealedFile::Mark& mark, LineVisitor& visitor);
    [[nodiscard]] bool deliver(LineVisitor& visitor);
    void pass(const Span& span);
    [[nodiscard]] bool wasRead(const Span& span);

    std::shared_ptr<const Catalog> m_catalog;
    SegmentCache& m_cache;
    const Filter& m_filter;
    Order m_order;
    std::function<bool()> m_cancelled;
    LineMatcher m_matcher;
    ScanReport m_report;
    std::uint64_t m_position = 0;
    BlockReader m_reader;
    DecodedLines m_lines;
    std::vector<std::uint32_t> m_selected;
};

}  // namespace hanshu::logs
