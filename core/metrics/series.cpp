// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/series.h"

#include <algorithm>
#include <mutex>

namespace hanshu::metrics {
namespace {

// What a change of the book begins with.
constexpr std::uint8_t kText = 1;
constexpr std::uint8_t kMetric = 2;
constexpr std::uint8_t kSeries = 3;
constexpr std::uint8_t kBorn = 4;
constexpr std::uint8_t kEnded = 5;

// Series that a lost change of the book may have made in a metric: a change is what one period brings, hardly ever as
// many.
constexpr std::size_t kSkippedNumbers = 1024;
// As many texts may a lost change have held; numbers further apart are damage, and memory is not for it to take.
constexpr std::uint32_t kMaxTextStep = 1U << 16U;

void writeText(ByteWriter out, std::uint32_t number, std::string_view text) {
    out.byte(kText);
    out.varint(number);
    out.text(text);
}
void writeMetric(ByteWriter out, std::uint32_t number, const SeriesBook::Metric& metric) {
    out.byte(kMetric);
    out.varint(number);
    out.byte(static_cast<std::uint8_t>(metric.kind));
    out.text(metric.name);
}
void writeSeries(ByteWriter out, SeriesId id, std::span<const std::uint32_t> texts) {
    out.byte(kSeries);
    out.varint(id);
    for (const auto text : texts) {
        out.varint(text);
    }
}
void writeTime(ByteWriter out, std::uint8_t tag, SeriesId id, std::int32_t period) {
    out.byte(tag);
    out.varint(id);
    out.zigzag(period);
}

bool isWanted(const SeriesFilter& filter, const Dimensions& dimensions) {
    const auto globs = filter.all();
    const auto texts = dimensions.all();
    for (std::size_t i = 0; i < kDimensions; ++i) {
        if (!matchesGlob(globs[i], texts[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace

bool matchesGlob(std::string_view glob, std::string_view text) noexcept {
    std::size_t g = 0;
    std::size_t t = 0;
    auto star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    return glob.find_first_not_of('*', g) == std::string_view::npos;
}

std::size_t SeriesBook::Hash::operator()(const std::pair<std::uint32_t, Texts>& key) const noexcept {
    std::uint64_t hash = key.first;
    for (const auto text : key.second) {
        hash = (hash ^ text) * 0x9E3779B97F4A7C15U;  // 2^64 over the golden ratio: spreads neighbours (Knuth 6.4)
        hash ^= hash >> 32U;
    }
    return hash;
}
std::size_t SeriesBook::Hash::operator()(SeriesId id) const noexcept {
    return (*this)(std::pair(metricOf(id), book->entryOf(id).texts));
}
bool SeriesBook::Equal::operator()(const std::pair<std::uint32_t, Texts>& key, SeriesId id) const noexcept {
    return key.first == metricOf(id) && key.second == book->entryOf(id).texts;
}

std::optional<std::uint32_t> SeriesBook::metricNumber(std::string_view name, Kind kind) const {
    for (std::uint32_t i = 0; i < m_metrics.size(); ++i) {
        if (m_metrics[i].metric.kind == kind && m_metrics[i].metric.name == name) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<SeriesBook::Texts> SeriesBook::findTexts(const Dimensions& dimensions) const {
    Texts texts{};
    const auto all = dimensions.all();
    for (std::size_t i = 0; i < kDimensions; ++i) {
        const auto found = m_textNumbers.find(all[i]);
        if (found == m_textNumbers.end()) {
            return std::nullopt;
        }
        texts[i] = found->second;
    }
    return texts;
}

std::uint32_t SeriesBook::textNumber(std::string_view text) {
    if (const auto found = m_textNumbers.find(text); found != m_textNumbers.end()) {
        return found->second;
    }
    const auto number = static_cast<std::uint32_t>(m_texts.size());
    m_textNumbers.emplace(m_texts.emplace_back(text), number);
    writeText(ByteWriter(m_changes), number, text);
    return number;
}

SeriesId SeriesBook::addSeries(std::uint32_t metric, const Texts& texts) {
    auto& series = m_metrics[metric].series;
    const auto id = seriesId(metric, static_cast<std::uint32_t>(series.size()));
    series.push_back({texts, INT32_MAX, INT32_MAX, true});
    m_ids.insert(id);
    writeSeries(ByteWriter(m_changes), id, texts);
    return id;
}

Result<SeriesId> SeriesBook::intern(std::string_view metric, Kind kind, const Dimensions& dimensions) {
    const auto given = dimensions.all();
    if (metric.empty() || metric.size() > kMaxNameBytes ||
        std::ranges::any_of(given, [](auto text) { return text.size() > kMaxNameBytes; })) {
        return fail(Code::InvalidArgument, "InvalidArgument",
                    {{"metric", std::string(metric.substr(0, kMaxNameBytes))}},
                    "a metric's name is 1 to 256 bytes, a dimension up to 256");
    }
    {
        const std::shared_lock lock(m_mutex);
        const auto number = metricNumber(metric, kind);
        const auto texts = findTexts(dimensions);
        if (number && texts) {
            const auto found = m_ids.find(std::pair(*number, *texts));
            if (found != m_ids.end() && entryOf(*found).ended == INT32_MAX) {
                return *found;
            }
        }
    }
    const std::unique_lock lock(m_mutex);
    auto number = metricNumber(metric, kind);
    if (!number) {
        if (m_metrics.size() == kMaxMetrics) {
            return fail(Code::ResourceExhausted, "TooManyMetrics", {{"metric", std::string(metric)}});
        }
        number = static_cast<std::uint32_t>(m_metrics.size());
        m_metrics.push_back({{std::string(metric), kind}, {}});
        writeMetric(ByteWriter(m_changes), *number, m_metrics.back().metric);
    }
    auto texts = findTexts(dimensions);
    const auto found = texts ? m_ids.find(std::pair(*number, *texts)) : m_ids.end();
    if (found != m_ids.end()) {
        if (auto& entry = entryOf(*found); entry.ended != INT32_MAX) {
            entry.ended = INT32_MAX;
            entry.born = INT32_MAX;  // what was quiet in between has no data
            writeTime(ByteWriter(m_changes), kEnded, *found, entry.ended);
            writeTime(ByteWriter(m_changes), kBorn, *found, entry.born);
        }
        return *found;
    }
    if (m_ids.size() >= m_maxSeries) {
        texts = Texts{0, textNumber(kOtherFunction), 0, 0};
        const auto other = m_ids.find(std::pair(*number, *texts));
        return other != m_ids.end() ? *other : addSeries(*number, *texts);
    }
    texts.emplace();
    for (std::size_t i = 0; i < kDimensions; ++i) {
        (*texts)[i] = textNumber(given[i]);
    }
    return addSeries(*number, *texts);
}

std::optional<std::uint32_t> SeriesBook::metric(std::string_view name) const {
    const std::shared_lock lock(m_mutex);
    for (auto i = static_cast<std::uint32_t>(m_metrics.size()); i-- > 0;) {
        if (m_metrics[i].metric.name == name && !name.empty()) {
            return i;
        }
    }
    return std::nullopt;
}

SeriesBook::Metric SeriesBook::metricAt(std::uint32_t number) const {
    const std::shared_lock lock(m_mutex);
    return number < m_metrics.size() ? m_metrics[number].metric : Metric{};
}

std::uint32_t SeriesBook::metrics() const {
    const std::shared_lock lock(m_mutex);
    return static_cast<std::uint32_t>(m_metrics.size());
}

std::size_t SeriesBook::size() const {
    const std::shared_lock lock(m_mutex);
    return m_ids.size();
}

Dimensions SeriesBook::dimensions(const Entry& entry) const {
    return {m_texts[entry.texts[0]], m_texts[entry.texts[1]], m_texts[entry.texts[2]], m_texts[entry.texts[3]]};
}

Dimensions SeriesBook::dimensionsOf(SeriesId id) const {
    const std::shared_lock lock(m_mutex);
    if (metricOf(id) >= m_metrics.size() || numberOf(id) >= m_metrics[metricOf(id)].series.size()) {
        return {};
    }
    return dimensions(entryOf(id));
}

void SeriesBook::select(std::uint32_t metric, const SeriesFilter& filter,
                        const std::function<void(const Series&, const Dimensions&)>& found) const {
    const std::shared_lock lock(m_mutex);
    if (metric >= m_metrics.size()) {
        return;
    }
    const auto& series = m_metrics[metric].series;
    for (std::uint32_t number = 0; number < series.size(); ++number) {
        const auto& entry = series[number];
        if (!entry.exists) {
            continue;
        }
        if (const auto texts = dimensions(entry); isWanted(filter, texts)) {
            found({seriesId(metric, number), entry.born, entry.ended}, texts);
        }
    }
}

std::size_t SeriesBook::end(const SeriesFilter& filter, Period last) {
    const std::unique_lock lock(m_mutex);
    std::size_t ended = 0;
    for (std::uint32_t metric = 0; metric < m_metrics.size(); ++metric) {
        auto& series = m_metrics[metric].series;
        for (std::uint32_t number = 0; number < series.size(); ++number) {
            auto& entry = series[number];
            if (entry.exists && entry.ended == INT32_MAX && isWanted(filter, dimensions(entry))) {
                entry.ended = static_cast<std::int32_t>(last);
                writeTime(ByteWriter(m_changes), kEnded, seriesId(metric, number), entry.ended);
                ++ended;
            }
        }
    }
    return ended;
}

std::string SeriesBook::takeChanges(std::span<const SeriesId> written, Period period) {
    const std::unique_lock lock(m_mutex);
    for (const auto id : written) {
        if (metricOf(id) >= m_metrics.size() || numberOf(id) >= m_metrics[metricOf(id)].series.size()) {
            continue;
        }
        if (auto& entry = entryOf(id); entry.born > period) {
            entry.born = static_cast<std::int32_t>(period);
            writeTime(ByteWriter(m_changes), kBorn, id, entry.born);
        }
    }
    return std::exchange(m_changes, {});
}

void SeriesBook::putBack(std::string changes) {
    const std::unique_lock lock(m_mutex);
    m_changes.insert(0, changes);
}

bool SeriesBook::load(std::string_view changes) {
    const std::unique_lock lock(m_mutex);
    ByteReader in(changes);
    while (in.left() > 0) {
        if (!loadOne(in)) {
            return false;
        }
    }
    return true;
}

bool SeriesBook::loadText(ByteReader& in) {
    const auto number = in.varint32();
    const auto text = in.text();
    if (!in.ok() || number == 0 || number > m_texts.size() + kMaxTextStep || text.size() > kMaxNameBytes) {
        return false;
    }
    while (m_texts.size() <= number) {
        m_texts.emplace_back("(lost)");
    }
    if (const auto old = m_textNumbers.find(m_texts[number]); old != m_textNumbers.end() && old->second == number) {
        m_textNumbers.erase(old);
    }
    m_texts[number] = text;
    m_textNumbers.try_emplace(m_texts[number], number);
    return true;
}

bool SeriesBook::loadMetric(ByteReader& in) {
    const auto number = in.varint32(kMaxMetrics - 1);
    const auto kind = in.byte();
    const auto name = in.text();
    if (!in.ok() || kind >= kKinds || name.size() > kMaxNameBytes) {
        return false;
    }
    m_metrics.resize(std::max<std::size_t>(m_metrics.size(), number + std::size_t{1}));
    m_metrics[number].metric = {std::string(name), static_cast<Kind>(kind)};
    return true;
}

bool SeriesBook::loadSeries(ByteReader& in) {
    const auto id = in.varint32();
    Entry entry;
    entry.exists = true;
    for (auto& text : entry.texts) {
        text = in.varint32();
        if (!in.ok() || text > m_texts.size() + kMaxTextStep) {
            return false;
        }
        while (m_texts.size() <= text) {
            m_texts.emplace_back("(lost)");  // with the change that had it
        }
    }
    const auto known = metricOf(id) < m_metrics.size() ? m_metrics[metricOf(id)].series.size() : 0;
    if (!in.ok() || numberOf(id) > known + 2 * kSkippedNumbers) {
        return false;
    }
    place(id, entry);
    return true;
}

void SeriesBook::place(SeriesId id, const Entry& entry) {
    m_metrics.resize(std::max<std::size_t>(m_metrics.size(), metricOf(id) + std::size_t{1}));
    auto& series = m_metrics[metricOf(id)].series;
    series.resize(std::max<std::size_t>(series.size(), numberOf(id) + std::size_t{1}));
    if (!entryOf(id).exists) {
        entryOf(id) = entry;
        m_ids.insert(id);
    }
}

bool SeriesBook::loadOne(ByteReader& in) {
    const auto tag = in.byte();
    switch (tag) {
        case kText:
            return loadText(in);
        case kMetric:
            return loadMetric(in);
        case kSeries:
            return loadSeries(in);
        case kBorn:
        case kEnded: {
            const auto id = in.varint32();
            const auto period = in.zigzag();
            if (!in.ok() || period < INT32_MIN || period > INT32_MAX) {
                return false;
            }
            if (metricOf(id) < m_metrics.size() && numberOf(id) < m_metrics[metricOf(id)].series.size()) {
                (tag == kBorn ? entryOf(id).born : entryOf(id).ended) = static_cast<std::int32_t>(period);
            }
            return true;
        }
        default:
            return false;
    }
}

std::string SeriesBook::all(Period since) const {
    const std::shared_lock lock(m_mutex);
    std::string bytes;
    const ByteWriter out(bytes);
    std::vector<bool> written(m_texts.size());
    for (std::uint32_t metric = 0; metric < m_metrics.size(); ++metric) {
        writeMetric(out, metric, m_metrics[metric].metric);
        for (std::uint32_t number = 0; number < m_metrics[metric].series.size(); ++number) {
            const auto& entry = m_metrics[metric].series[number];
            if (!entry.exists || entry.ended < since) {
                continue;
            }
            for (const auto text : entry.texts) {
                if (text != 0 && !written[text]) {
                    written[text] = true;
                    writeText(out, text, m_texts[text]);
                }
            }
            const auto id = seriesId(metric, number);
            writeSeries(out, id, entry.texts);
            writeTime(out, kBorn, id, entry.born);
            if (entry.ended != INT32_MAX) {
                writeTime(out, kEnded, id, entry.ended);
            }
        }
    }
    return bytes;
}

std::size_t SeriesBook::endedBefore(Period since) const {
    const std::shared_lock lock(m_mutex);
    std::size_t count = 0;
    for (const auto id : m_ids) {
        count += entryOf(id).ended < since ? 1U : 0U;
    }
    return count;
}

void SeriesBook::skipNumbers() {
    const std::unique_lock lock(m_mutex);
    for (auto& metric : m_metrics) {
        metric.series.resize(metric.series.size() + kSkippedNumbers);
    }
}

void SeriesBook::forget(Period since) {
    const std::unique_lock lock(m_mutex);
    for (std::uint32_t metric = 0; metric < m_metrics.size(); ++metric) {
        for (std::uint32_t number = 0; number < m_metrics[metric].series.size(); ++number) {
            if (auto& entry = m_metrics[metric].series[number]; entry.exists && entry.ended < since) {
                m_ids.erase(seriesId(metric, number));
                entry.exists = false;
            }
        }
    }
}

}  // namespace hanshu::metrics
