// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/patterns.h"

#include <fmt/format.h>
#include <algorithm>

namespace hanshu::logs {
namespace {

// Of the words that two lines of one shape have in common.
constexpr double kSimilar = 0.6;
// A shape that varies in its first words is rare; those that agree on them are few enough to be compared.
constexpr std::size_t kLeadingWords = 2;
constexpr std::size_t kMaxOfBucket = 64;

bool isDigit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// What stands between words; each is a word of its own, but for blanks.
bool isSeparator(char c) noexcept {
    return std::string_view(" \t,;=()[]{}<>|\"'").find(c) != std::string_view::npos;
}

std::string_view wordOf(std::string_view word) noexcept {
    return std::ranges::any_of(word, isDigit) ? kVariable : word;
}

void splitInto(std::string_view text, std::vector<std::string_view>& words) {
    words.clear();
    std::size_t begin = 0;
    const auto end = [&](std::size_t at) {
        if (at > begin) {
            words.push_back(wordOf(text.substr(begin, at - begin)));
        }
        begin = at + 1;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (isSeparator(text[at])) {
            end(at);
            words.push_back(text.substr(at, 1));
        }
    }
    end(text.size());
}

std::string_view headOf(std::string_view message) noexcept {
    message = message.substr(0, message.find('\n'));
    if (message.size() <= PatternCounter::kMaxShapeBytes) {
        return message;
    }
    auto size = PatternCounter::kMaxShapeBytes;
    while (size > 0 && (static_cast<unsigned char>(message[size]) & 0xc0U) == 0x80U) {
        --size;  // not within a character
    }
    return message.substr(0, size);
}

std::string bucketOf(const std::vector<std::string_view>& words) {
    auto key = fmt::format("{}", words.size());
    std::size_t taken = 0;
    for (const auto& word : words) {
        if (word.size() == 1 && isSeparator(word.front())) {
            continue;
        }
        key += '\n';
        key += word;
        if (++taken == kLeadingWords) {
            break;
        }
    }
    return key;
}

// Of the words that are no separators, how many agree, from 0 to 1. Another separator at the same place is another
// shape.
double likenessOf(const std::vector<std::string>& shape, const std::vector<std::string_view>& words) {
    std::size_t compared = 0;
    std::size_t same = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool equal = shape[i] == words[i];
        if (words[i].size() == 1 && isSeparator(words[i].front())) {
            if (!equal) {
                return 0;
            }
            continue;
        }
        ++compared;
        same += equal || shape[i] == kVariable ? 1 : 0;
    }
    return compared == 0 ? 1 : static_cast<double>(same) / static_cast<double>(compared);
}

}  // namespace

void PatternCounter::add(const LineView& line) {
    ++m_lines;
    splitInto(headOf(line.message), m_words);
    auto key = bucketOf(m_words);
    const auto bucket = m_buckets.find(key);
    auto* cluster = bucket == m_buckets.end() ? nullptr : find(bucket->second);
    if (cluster == nullptr) {
        if (m_clusters.size() >= kMaxPatterns) {
            ++m_unclustered;
            return;
        }
        m_buckets[std::move(key)].push_back(m_clusters.size());
        cluster = &m_clusters.emplace_back();
        cluster->words.assign(m_words.begin(), m_words.end());
        cluster->pattern.sample = Line(line);
        cluster->pattern.first = cluster->pattern.last = line.time;
    }
    for (std::size_t i = 0; i < m_words.size(); ++i) {
        if (cluster->words[i] != m_words[i]) {
            cluster->words[i] = kVariable;
        }
    }
    ++cluster->pattern.lines;
    cluster->pattern.first = std::min(cluster->pattern.first, line.time);
    cluster->pattern.last = std::max(cluster->pattern.last, line.time);
}

// The one of the bucket that is most like the line at hand, if it is like it at all.
PatternCounter::Cluster* PatternCounter::find(const std::vector<std::size_t>& bucket) {
    Cluster* best = nullptr;
    double bestLikeness = 0;
    for (std::size_t i = 0; i < bucket.size() && i < kMaxOfBucket; ++i) {
        auto& cluster = m_clusters[bucket[i]];
        const double likeness = likenessOf(cluster.words, m_words);
        if (likeness >= kSimilar && likeness > bestLikeness) {
            best = &cluster;
            bestLikeness = likeness;
        }
    }
    return best;
}

std::vector<Pattern> PatternCounter::top(std::size_t n) const {
    std::vector<Pattern> patterns;
    for (const auto& cluster : m_clusters) {
        patterns.push_back(cluster.pattern);
        for (const auto& word : cluster.words) {
            patterns.back().shape += word;
        }
    }
    std::ranges::sort(patterns, [](const Pattern& a, const Pattern& b) {
        return a.lines != b.lines ? a.lines > b.lines : a.shape < b.shape;
    });
    patterns.resize(std::min(n, patterns.size()));
    return patterns;
}

}  // namespace hanshu::logs
