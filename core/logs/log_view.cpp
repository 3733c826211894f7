// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/log_view.h"

#include <fmt/format.h>

namespace hanshu::logs {
namespace {

class Collect final : public LineVisitor {
public:
    Collect(std::vector<Line>& into, std::size_t limit) : m_into(into), m_limit(limit) {}
    bool visit(const LineView& line) override {
        m_into.emplace_back(line);
        return m_into.size() < m_limit;
    }

private:
    std::vector<Line>& m_into;
    std::size_t m_limit;
};

class Call final : public LineVisitor {
public:
    explicit Call(const std::function<bool(const LineView&)>& take) : m_take(take) {}
    bool visit(const LineView& line) override { return m_take(line); }

private:
    const std::function<bool(const LineView&)>& m_take;
};

class CountByTime final : public LineVisitor {
public:
    CountByTime(TimeBuckets& into, SystemTime start, std::chrono::microseconds width, std::uint32_t levels)
        : m_into(into), m_start(start), m_width(width), m_levels(levels) {}

    bool visit(const LineView& line) override {
        ++m_into.buckets[placeOf(line.time)][static_cast<std::size_t>(line.level)];
        return true;
    }
    bool readsMessages() const override { return false; }
    bool visitWhole(const Span& span) override {
        const auto place = placeOf(span.minTime);
        if (place != placeOf(span.maxTime)) {
            return false;
        }
        for (std::size_t i = 0; i < kLevels; ++i) {
            m_into.buckets[place][i] += (m_levels >> i & 1U) != 0 ? span.levels[i] : 0;
        }
        return true;
    }

private:
    // The scan's bounds keep times within the buckets.
    std::size_t placeOf(SystemTime time) const { return static_cast<std::size_t>((time - m_start) / m_width); }

    TimeBuckets& m_into;
    SystemTime m_start;
    std::chrono::microseconds m_width;
    std::uint32_t m_levels;
};

class CountValues final : public LineVisitor {
public:
    CountValues(Field field, bool& isTruncated) : m_field(field), m_isTruncated(isTruncated) {}

    bool visit(const LineView& line) override {
        const auto value = valueOf(line);
        if (m_last != nullptr && m_last->first == value) {
            ++m_last->second;
            return true;
        }
        auto found = m_counts.find(value);
        if (found == m_counts.end()) {
            if (m_counts.size() == TopValues::kMaxValues) {
                m_isTruncated = true;
                return true;
            }
            found = m_counts.emplace(std::string(value), 0).first;
        }
        m_last = &*found;
        ++m_last->second;
        return true;
    }

    bool readsMessages() const override { return false; }

    void take(std::size_t n, TopValues& into) {
        for (auto& [value, lines] : m_counts) {
            into.values.push_back({value, lines});
            into.lines += lines;
        }
        const auto end = into.values.begin() + static_cast<std::ptrdiff_t>(std::min(n, into.values.size()));
        std::partial_sort(into.values.begin(), end, into.values.end(), [](const auto& a, const auto& b) {
            return a.lines != b.lines ? a.lines > b.lines : a.value < b.value;
        });
        into.values.erase(end, into.values.end());
    }

private:
    std::string_view valueOf(const LineView& line) const {
        static constexpr std::string_view kNumbers = "0123456789";
        switch (m_field) {
            case Field::Function:
                return line.function;
            case Field::Qualifier:
                return line.qualifier;
            case Field::Instance:
                return line.instance;
            case Field::RequestId:
                return line.requestId;
            case Field::Level:
                return kNumbers.substr(static_cast<std::size_t>(line.level), 1);
            case Field::Stream:
                return kNumbers.substr(static_cast<std::size_t>(line.stream), 1);
        }
        return {};
    }

    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    Field m_field;
    bool& m_isTruncated;
    std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> m_counts;
    std::pair<const std::string, std::uint64_t>* m_last = nullptr;
};

// Every block and every group of terms of a segment.
void verifySegment(const std::string& name, const SegmentDetails& details, std::vector<std::string>& damaged) {
    BlockReader reader;
    DecodedLines lines;
    for (std::size_t i = 0; i < details.blocks.size(); ++i) {
        const auto& block = details.blocks[i];
        if (!reader.readFields(*details.file, block, details.names, lines) || !reader.readMessages(block, lines)) {
            damaged.push_back(fmt::format("{}: block {} is damaged", name, i));
        }
    }
    TermIndexReader terms(*details.file, details.groups, details.blocks.size());
    for (const auto& group : details.groups) {
        if (!terms.find(group.first)) {
            damaged.push_back(fmt::format("{}: a part of its terms is damaged", name));
        }
    }
}

}  // namespace

LinesPage LogView::lines(const Filter& filter, const Page& page) const {
    LinesPage result;
    Scan scan(m_catalog, m_cache, filter, page.order, page.cancelled);
    Collect collect(result.lines, std::max<std::size_t>(page.limit, 1));
    result.isLast = scan.run(collect);
    result.cursor = scan.position();
    result.report = scan.report();
    return result;
}

Context LogView::around(std::uint64_t sequence, std::size_t n, const Filter& filter) const {
    Context context;
    auto sought = filter;
    sought.beforeSequence = sequence;
    sought.afterSequence.reset();
    context.before = lines(sought, {n, Order::NewestFirst, {}}).lines;
    context.before.resize(std::min(context.before.size(), n));
    std::ranges::reverse(context.before);
    // The line itself is asked for by its sequence alone.
    Filter one;
    one.afterSequence = sequence - 1;
    one.beforeSequence = sequence + 1;
    auto self = lines(one, {1, Order::OldestFirst, {}});
    if (!self.lines.empty()) {
        context.line = std::move(self.lines.front());
    }
    sought.beforeSequence.reset();
    sought.afterSequence = sequence;
    auto after = lines(sought, {n, Order::OldestFirst, {}});
    context.after = std::move(after.lines);
    context.after.resize(std::min(context.after.size(), n));
    context.report = std::move(after.report);
    return context;
}

ScanReport LogView::each(const Filter& filter, Order order, const std::function<bool(const LineView&)>& take) const {
    Scan scan(m_catalog, m_cache, filter, order);
    Call call(take);
    scan.run(call);
    return scan.report();
}

TimeBuckets LogView::countByTime(Filter filter, SystemTime start, std::chrono::microseconds width, std::size_t count,
                                 std::function<bool()> cancelled) const {
    TimeBuckets result;
    result.buckets.resize(count);
    const auto end = start + width * static_cast<std::int64_t>(count);
    filter.since = std::max(filter.since.value_or(start), start);
    filter.until = std::min(filter.until.value_or(end), end);
    CountByTime visitor(result, start, width, filter.levels);
    Scan scan(m_catalog, m_cache, filter, Order::NewestFirst, std::move(cancelled));
    result.isComplete = scan.run(visitor);
    result.report = scan.report();
    return result;
}

TopValues LogView::top(const Filter& filter, Field field, std::size_t n, std::function<bool()> cancelled) const {
    TopValues result;
    CountValues visitor(field, result.isTruncated);
    Scan scan(m_catalog, m_cache, filter, Order::NewestFirst, std::move(cancelled));
    result.isComplete = scan.run(visitor);
    result.report = scan.report();
    visitor.take(n, result);
    return result;
}

std::vector<std::string> LogView::verify() const {
    auto damaged = m_catalog->damaged;
    for (const auto& segment : m_catalog->sealed) {
        const auto name = segment->path.substr(segment->path.rfind('/') + 1);
        const auto [details, isGone] = m_cache.get(*segment);
        if (details) {
            verifySegment(name, *details, damaged);
        } else if (!isGone) {
            damaged.push_back(name + ": its index is damaged");
        }
    }
    return damaged;
}

}  // namespace hanshu::logs
