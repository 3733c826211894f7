// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/line_matcher.h"

#include "logs/terms.h"

#include <algorithm>
#include <cstring>

namespace hanshu::logs {
namespace {

// As string_view::find, by the C library's faster search.
std::size_t find(std::string_view text, std::string_view part, std::size_t from) {
    const auto* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

bool ValueFilter::has(std::string_view value) const {
    return isAny() || std::ranges::find(anyOf, value) != anyOf.end() || (accepts && accepts(value));
}

LineMatcher::LineMatcher(const Filter& filter)
    : m_filter(filter),
      m_function(filter.function),
      m_qualifier(filter.qualifier),
      m_instance(filter.instance),
      m_requestId(filter.requestId) {
    for (const auto& group : filter.text) {
        auto& texts = m_text.emplace_back();
        std::ranges::transform(group, std::back_inserter(texts), [](const auto& text) { return folded(text); });
    }
}

void LineMatcher::selectByFields(const DecodedLines& lines, std::vector<std::uint32_t>& selected) {
    // Texts of another piece may lie where the last ones lay.
    m_function.forget();
    m_qualifier.forget();
    m_instance.forget();
    m_requestId.forget();
    selected.clear();
    for (std::uint32_t i = 0; i < lines.lines.size(); ++i) {
        const auto& line = lines.lines[i];
        if ((m_filter.afterSequence && line.sequence <= *m_filter.afterSequence) ||
            (m_filter.beforeSequence && line.sequence >= *m_filter.beforeSequence) ||
            (m_filter.since && line.time < *m_filter.since) || (m_filter.until && line.time >= *m_filter.until) ||
            (m_filter.levels & maskOf(line.level)) == 0 || (m_filter.streams & maskOf(line.stream)) == 0) {
            continue;
        }
        if (m_function(line.function) && m_qualifier(line.qualifier) && m_instance(line.instance) &&
            m_requestId(line.requestId)) {
            selected.push_back(i);
        }
    }
}

void LineMatcher::selectByText(const DecodedLines& lines, const std::vector<std::string>& group,
                               std::vector<std::uint32_t>& selected) const {
    // One search runs through all messages at once; it is only asked again once it fell behind.
    const auto* begin = lines.buffer.data();
    const std::string_view all = m_folded;
    std::vector<std::size_t> next(group.size(), 0);
    std::vector<bool> isFresh(group.size(), false);
    std::erase_if(selected, [&](std::uint32_t place) {
        const auto message = lines.lines[place].message;
        const auto from = message.empty() ? 0 : static_cast<std::size_t>(message.data() - begin);
        for (std::size_t i = 0; i < group.size(); ++i) {
            if (group[i].empty()) {
                return false;
            }
            if (message.empty()) {
                continue;
            }
            if (!isFresh[i] || next[i] < from) {
                next[i] = find(all, group[i], from);
                isFresh[i] = true;
            }
            if (next[i] != std::string_view::npos && next[i] + group[i].size() <= from + message.size()) {
                return false;
            }
        }
        return true;
    });
}

void LineMatcher::selectByMessage(const DecodedLines& lines, std::vector<std::uint32_t>& selected) {
    if (!m_text.empty()) {
        fold(lines.buffer, m_folded);
    }
    for (const auto& group : m_text) {
        selectByText(lines, group, selected);
    }
    if (m_filter.predicate) {
        std::erase_if(selected, [&](std::uint32_t place) { return !m_filter.predicate(lines.lines[place]); });
    }
}

}  // namespace hanshu::logs
