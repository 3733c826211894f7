// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What all series were in one period: from the registry to the store. A value; one thread at a time.
#pragma once

#include "metrics/sample.h"

#include <vector>

namespace hanshu::metrics {

struct Batch {
    struct Entry {
        SeriesId id = 0;
        Kind kind = Kind::Counter;
        Sample sample;
        std::uint32_t bucketsAt = 0;  // in `buckets`
        std::uint32_t bucketsSize = 0;
    };

    Period period = 0;
    std::vector<Entry> entries;  // in order of ids, each once; kinds are those of the book
    std::string buckets;

    void add(SeriesId id, Kind kind, const Sample& sample) { entries.push_back({id, kind, sample, 0, 0}); }
    void add(SeriesId id, const Histogram& histogram) {
        const auto at = buckets.size();
        const auto sample = sampleOf(histogram, buckets);
        entries.push_back({id, Kind::Histogram, sample, static_cast<std::uint32_t>(at),
                           static_cast<std::uint32_t>(buckets.size() - at)});
    }
    [[nodiscard]] std::string_view bucketsOf(const Entry& entry) const {
        return std::string_view(buckets).substr(entry.bucketsAt, entry.bucketsSize);
    }
    void clear() {
        entries.clear();
        buckets.clear();
    }
};

}  // namespace hanshu::metrics
