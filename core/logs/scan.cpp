// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/scan.h"

#include "logs/candidates.h"

#include <fmt/format.h>

namespace hanshu::logs {
namespace {

std::string nameOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

// Calls work(place) for 0 … count − 1 in order, until it returns false.
template <class Work>
bool eachInOrder(Order order, std::size_t count, Work&& work) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!work(order == Order::OldestFirst ? i : count - 1 - i)) {
            return false;
        }
    }
    return true;
}

Span spanOf(const SegmentSummary& summary) {
    Span span;
    span.firstSequence = summary.firstSequence;
    span.lastSequence = summary.lastSequence;
    span.minTime = summary.minTime;
    span.maxTime = summary.maxTime;
    span.levels.fill(1);  // of any level, for all that is known
    span.streams = kAllStreams;
    return span;
}

}  // namespace

void ScanReport::addDamage(std::string what) {
    if (damaged.size() < kMaxDamaged && std::ranges::find(damaged, what) == damaged.end()) {
        damaged.push_back(std::move(what));
    }
}

Scan::Scan(std::shared_ptr<const Catalog> catalog, SegmentCache& cache, const Filter& filter, Order order,
           std::function<bool()> cancelled)
    : m_catalog(std::move(catalog)),
      m_cache(cache),
      m_filter(filter),
      m_order(order),
      m_cancelled(std::move(cancelled)),
      m_matcher(filter),
      m_position(order == Order::OldestFirst ? filter.afterSequence.value_or(0)
                                             : filter.beforeSequence.value_or(UINT64_MAX)) {
    for (const auto& what : m_catalog->damaged) {
        m_report.addDamage(what);
    }
}

bool Scan::wants(const Span& span) const {
    return (!m_filter.afterSequence || span.lastSequence > *m_filter.afterSequence) &&
           (!m_filter.beforeSequence || span.firstSequence < *m_filter.beforeSequence) &&
           (!m_filter.since || span.maxTime >= *m_filter.since) &&
           (!m_filter.until || span.minTime < *m_filter.until) && (span.levelMask() & m_filter.levels) != 0 &&
           (span.streams & m_filter.streams) != 0;
}

// Whether only levels are left to refuse.
bool Scan::isInside(const Span& span) const {
    return !m_matcher.readsMessages() && m_filter.function.isAny() && m_filter.qualifier.isAny() &&
           m_filter.instance.isAny() && m_filter.requestId.isAny() &&
           (!m_filter.afterSequence || span.firstSequence > *m_filter.afterSequence) &&
           (!m_filter.beforeSequence || span.lastSequence < *m_filter.beforeSequence) &&
           (!m_filter.since || span.minTime >= *m_filter.since) &&
           (!m_filter.until || span.maxTime < *m_filter.until) && (span.streams & ~m_filter.streams) == 0;
}

// Sets the cursor behind a piece.
void Scan::pass(const Span& span) {
    m_position = m_order == Order::OldestFirst ? std::max(m_position, span.lastSequence)
                                               : std::min(m_position, span.firstSequence);
}

// Asks whether to go on only after work was done: a query that is cut short gets further each time.
bool Scan::wasRead(const Span& span) {
    pass(span);
    return !m_cancelled || !m_cancelled();
}

bool Scan::deliver(LineVisitor& visitor) {
    return eachInOrder(m_order, m_selected.size(), [&](std::size_t i) {
        const auto& line = m_lines.lines[m_selected[i]];
        m_position = line.sequence;
        return visitor.visit(line);
    });
}

bool Scan::scanBlock(const SealedSegment& segment, const SegmentDetails& details, std::size_t block,
                     LineVisitor& visitor) {
    const auto& info = details.blocks[block];
    if (isInside(info.span) && visitor.visitWhole(info.span)) {
        ++m_report.blocksSkipped;
        return wasRead(info.span);
    }
    ++m_report.blocksRead;
    auto isGood = m_reader.readFields(*details.file, info, details.names, m_lines);
    if (isGood) {
        m_matcher.selectByFields(m_lines, m_selected);
        m_report.linesExamined += info.span.lines;
        isGood = m_selected.empty() || !(m_matcher.readsMessages() || visitor.readsMessages()) ||
                 m_reader.readMessages(info, m_lines);
    }
    if (!isGood) {
        m_report.addDamage(fmt::format("{}: block {} is damaged, lines {} to {} are lost", nameOf(segment.path), block,
                                       info.span.firstSequence, info.span.lastSequence));
        return wasRead(info.span);
    }
    if (!m_selected.empty() && m_matcher.readsMessages()) {
        m_matcher.selectByMessage(m_lines, m_selected);
    }
    return deliver(visitor) && wasRead(info.span);
}

bool Scan::scanSealed(const SealedSegment& segment, LineVisitor& visitor) {
    const auto span = spanOf(segment.summary);
    if (!wants(span)) {
        ++m_report.segmentsSkipped;
        pass(span);
        return true;
    }
    const auto [details, isGone] = m_cache.get(segment);
    if (!details) {
        if (!isGone) {
            m_report.addDamage(fmt::format("{}: its index is damaged, lines {} to {} are lost", nameOf(segment.path),
                                           span.firstSequence, span.lastSequence));
        }
        pass(span);
        return true;
    }
    ++m_report.segmentsRead;
    const auto candidates = candidateBlocks(*details, m_filter, [&] {
        m_report.addDamage(fmt::format("{}: a part of its terms is damaged, more is read", nameOf(segment.path)));
    });
    const auto goesOn = eachInOrder(m_order, details->blocks.size(), [&](std::size_t block) {
        if (!candidates.has(block) || !wants(details->blocks[block].span)) {
            ++m_report.blocksSkipped;
            return true;
        }
        return scanBlock(segment, *details, block, visitor);
    });
    if (goesOn) {
        pass(span);
    }
    return goesOn;
}

bool Scan::scanMark(const UnsealedFile& file, const UnsealedFile::Mark& mark, LineVisitor& visitor) {
    if (isInside(mark.span) && visitor.visitWhole(mark.span)) {
        ++m_report.blocksSkipped;
        return wasRead(mark.span);
    }
    ++m_report.blocksRead;
    if (file.read(mark, m_lines) != UnsealedFile::Outcome::Good) {
        m_report.addDamage(fmt::format("{}: {} bytes at {} are damaged, lines {} to {} are lost", nameOf(file.path()),
                                       mark.size, mark.offset, mark.span.firstSequence, mark.span.lastSequence));
        return wasRead(mark.span);
    }
    m_report.linesExamined += mark.span.lines;
    m_matcher.selectByFields(m_lines, m_selected);
    if (!m_selected.empty()) {
        m_matcher.selectByMessage(m_lines, m_selected);
    }
    return deliver(visitor) && wasRead(mark.span);
}

bool Scan::scanUnsealed(const UnsealedFile& file, LineVisitor& visitor) {
    const auto marks = file.marks();
    ++m_report.segmentsRead;
    return eachInOrder(m_order, marks.size(), [&](std::size_t i) {
        if (!wants(marks[i].span)) {
            ++m_report.blocksSkipped;
            pass(marks[i].span);
            return true;
        }
        return scanMark(file, marks[i], visitor);
    });
}

bool Scan::run(LineVisitor& visitor) {
    const auto& sealed = m_catalog->sealed;
    const auto& unsealed = m_catalog->unsealed;
    return eachInOrder(m_order, sealed.size() + unsealed.size(), [&](std::size_t i) {
        return i < sealed.size() ? scanSealed(*sealed[i], visitor)
                                 : scanUnsealed(*unsealed[i - sealed.size()], visitor);
    });
}

}  // namespace hanshu::logs
