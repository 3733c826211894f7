// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Lines clustered by shape: what differs between the lines of a cluster is <*>. Each line is looked at once, and memory
// is bounded. One thread at a time.
//
// After Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): lines of
// as many words that begin alike are compared word by word. Words with digits in them are variable from the start.
#pragma once

#include "logs/line.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace hanshu::logs {

inline constexpr std::string_view kVariable = "<*>";

struct Pattern {
    std::string shape;
    std::uint64_t lines = 0;
    Line sample;  // the first that was added
    SystemTime first;
    SystemTime last;
};

class PatternCounter {
public:
    // Of a message, its first line counts, and of that the first kMaxShapeBytes.
    void add(const LineView& line);

    // The most frequent first, then by shape.
    [[nodiscard]] std::vector<Pattern> top(std::size_t n) const;
    [[nodiscard]] std::uint64_t lines() const noexcept { return m_lines; }
    // Lines that came when there were kMaxPatterns.
    [[nodiscard]] std::uint64_t unclustered() const noexcept { return m_unclustered; }

    static constexpr std::size_t kMaxPatterns = 4000;
    static constexpr std::size_t kMaxShapeBytes = 400;

private:
    struct Cluster {
        std::vector<std::string> words;
        Pattern pattern;
    };

    [[nodiscard]] Cluster* find(const std::vector<std::size_t>& bucket);

    std::deque<Cluster> m_clusters;
    std::unordered_map<std::string, std::vector<std::size_t>> m_buckets;  // by words' number and the first of them
    std::vector<std::string_view> m_words;                                // of the line at hand
    std::uint64_t m_lines = 0;
    std::uint64_t m_unclustered = 0;
};

}  // namespace hanshu::logs
