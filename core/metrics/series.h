// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is measured of whom: series, their kinds and the small numbers that stand for them. SeriesBook: any thread.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "metrics/period.h"

#include <deque>
#include <functional>
#include <shared_mutex>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace hanshu::metrics {

// Stored as numbers: only add at the end.
enum class Kind : std::uint8_t {
    Counter,    // what is added up in a period; a quiet period is 0
    Gauge,      // what was seen in a period; a period in which nobody looked has no data
    Histogram,  // how often which value came in a period; a quiet period has no data
};
inline constexpr std::size_t kKinds = 3;

// Empty where one says nothing. `detail` is the metric's own: a phase, a limit's name, a class of status codes.
enum class Dimension : std::uint8_t { Account, Function, Qualifier, Detail };
inline constexpr std::size_t kDimensions = 4;
struct Dimensions {
    std::string_view account{};
    std::string_view function{};
    std::string_view qualifier{};
    std::string_view detail{};

    [[nodiscard]] std::array<std::string_view, kDimensions> all() const {
        return {account, function, qualifier, detail};
    }
};
inline constexpr std::size_t kMaxNameBytes = 256;

// The number of a metric above that of the series within the metric: ordered by it, the series of a metric are
// neighbours.
using SeriesId = std::uint32_t;
inline constexpr unsigned kNumberBits = 22;
inline constexpr std::uint32_t kMaxMetrics = 1U << (32U - kNumberBits);
[[nodiscard]] constexpr std::uint32_t metricOf(SeriesId id) noexcept {
    return id >> kNumberBits;
}
[[nodiscard]] constexpr std::uint32_t numberOf(SeriesId id) noexcept {
    return id & ((1U << kNumberBits) - 1);
}
[[nodiscard]] constexpr SeriesId seriesId(std::uint32_t metric, std::uint32_t number) noexcept {
    return metric << kNumberBits | number;
}

// Which values of a dimension are wanted: `*` stands for any characters, `?` for one byte.
struct SeriesFilter {
    std::string account = "*";
    std::string function = "*";
    std::string qualifier = "*";
    std::string detail = "*";

    [[nodiscard]] std::array<std::string_view, kDimensions> all() const {
        return {account, function, qualifier, detail};
    }
};
[[nodiscard]] bool matchesGlob(std::string_view glob, std::string_view text) noexcept;

class SeriesBook {
public:
    // Series that are written to be kept; more are counted under a series of their metric whose function is
    // kOtherFunction, so that memory stays bounded whatever names come.
    static constexpr std::size_t kMaxSeries = 200'000;
    static constexpr std::string_view kOtherFunction = "(other)";

    struct Metric {
        std::string name;
        Kind kind = Kind::Counter;
    };
    struct Series {
        SeriesId id = 0;
        // From its first period on, to the last one: INT32_MAX while it lives.
        std::int32_t born = INT32_MAX;
        std::int32_t ended = INT32_MAX;
    };

    explicit SeriesBook(std::size_t maxSeries = kMaxSeries) : m_maxSeries(maxSeries) {}

    // The id of a series, made when there is none. One that had ended lives again. InvalidArgument: a name is longer
    // than kMaxNameBytes, or the metric's is empty. ResourceExhausted: kMaxMetrics. A metric that was of another kind
    // before is another metric.
    [[nodiscard]] Result<SeriesId> intern(std::string_view metric, Kind kind, const Dimensions& dimensions);

    // The number of the newest metric of that name.
    [[nodiscard]] std::optional<std::uint32_t> metric(std::string_view name) const;
    [[nodiscard]] Metric metricAt(std::uint32_t number) const;
    [[nodiscard]] std::uint32_t metrics() const;
    [[nodiscard]] std::size_t size() const;
    // Calls found(series, dimensions) for the series of a metric that are wanted, in order of ids. `found` must not
    // call the book.
    void select(std::uint32_t metric, const SeriesFilter& filter,
                const std::function<void(const Series&, const Dimensions&)>& found) const;
    // The texts live as long as the book.
    [[nodiscard]] Dimensions dimensionsOf(SeriesId id) const;

    // Ends the wanted series of every metric with this period: from then on there is no data where there was 0.
    // Returns how many.
    std::size_t end(const SeriesFilter& filter, Period last);

    // What was made, ended or first written since the last call, as bytes that load() takes. `period` is what the ids
    // in `written` are written in. Ids are in order.
    [[nodiscard]] std::string takeChanges(std::span<const SeriesId> written, Period period);
    // What could not be kept is to be taken again.
    void putBack(std::string changes);
    // False: it is malformed; what came before the error was taken.
    [[nodiscard]] bool load(std::string_view changes);
    // Some changes are lost: their numbers must not come again with another meaning.
    void skipNumbers();
    // Everything, as takeChanges gives it, without series that ended before `since`.
    [[nodiscard]] std::string all(Period since) const;
    [[nodiscard]] std::size_t endedBefore(Period since) const;
    // Drops what all() leaves out.
    void forget(Period since);

private:
    using Texts = std::array<std::uint32_t, kDimensions>;
    struct Entry {
        Texts texts{};
        std::int32_t born = INT32_MAX;
        std::int32_t ended = INT32_MAX;
        bool exists = false;  // numbers are never used again within a file
    };
    struct MetricSeries {
        Metric metric;
        std::vector<Entry> series;
    };
    struct Hash {
        const SeriesBook* book;
        std::size_t operator()(SeriesId id) const noexcept;
        std::size_t operator()(const std::pair<std::uint32_t, Texts>& key) const noexcept;
        using is_transparent = void;
    };
    struct Equal {
        const SeriesBook* book;
        bool operator()(SeriesId a, SeriesId b) const noexcept { return a == b; }
        bool operator()(const std::pair<std::uint32_t, Texts>& key, SeriesId id) const noexcept;
        bool operator()(SeriesId id, const std::pair<std::uint32_t, Texts>& key) const noexcept {
            return (*this)(key, id);
        }
        using is_transparent = void;
    };

    // All with the mutex held.
    [[nodiscard]] std::optional<std::uint32_t> metricNumber(std::string_view name, Kind kind) const;
    [[nodiscard]] std::uint32_t textNumber(std::string_view text);
    [[nodiscard]] std::optional<Texts> findTexts(const Dimensions& dimensions) const;
    [[nodiscard]] SeriesId addSeries(std::uint32_t metric, const Texts& texts);
    [[nodiscard]] Entry& entryOf(SeriesId id) { return m_metrics[metricOf(id)].series[numberOf(id)]; }
    [[nodiscard]] const Entry& entryOf(SeriesId id) const { return m_metrics[metricOf(id)].series[numberOf(id)]; }
    [[nodiscard]] Dimensions dimensions(const Entry& entry) const;
    [[nodiscard]] bool loadOne(ByteReader& in);
    [[nodiscard]] bool loadText(ByteReader& in);
    [[nodiscard]] bool loadMetric(ByteReader& in);
    [[nodiscard]] bool loadSeries(ByteReader& in);
    void place(SeriesId id, const Entry& entry);

    std::size_t m_maxSeries;
    mutable std::shared_mutex m_mutex;
    std::vector<MetricSeries> m_metrics;
    std::deque<std::string> m_texts{""};  // never moves: others hold views of them
    std::unordered_map<std::string_view, std::uint32_t> m_textNumbers{{"", 0}};
    std::unordered_set<SeriesId, Hash, Equal> m_ids{0, Hash{this}, Equal{this}};
    std::string m_changes;
};

}  // namespace hanshu::metrics
