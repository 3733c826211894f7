// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests of the log store share: a corpus of lines, the filter in its plainest form, and both compared.
#pragma once

#include "logs/corpus.h"
#include "logs/log_store.h"

#include <QtTest>

namespace hanshu::test {

inline Result<void> append(logs::AccountLogs& to, std::span<const logs::Line> lines) {
    std::vector<logs::LineView> views;
    for (const auto& line : lines) {
        views.push_back(line.view());
    }
    return to.append(views);
}

inline std::vector<logs::Line> allLines(const logs::LogView& view, logs::ScanReport* report = nullptr) {
    std::vector<logs::Line> lines;
    auto told = view.each({}, logs::Order::OldestFirst, [&](const logs::LineView& line) {
        lines.emplace_back(line);
        return true;
    });
    if (report != nullptr) {
        *report = std::move(told);
    }
    return lines;
}

inline std::string lower(std::string text) {
    for (auto& c : text) {
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return text;
}

// The same meaning as the store's, in its plainest form.
inline bool isWanted(const logs::Line& line, const logs::Filter& filter) {
    const auto message = lower(line.message);
    for (const auto& group : filter.text) {
        if (std::ranges::none_of(group,
                                 [&](const auto& text) { return message.find(lower(text)) != std::string::npos; })) {
            return false;
        }
    }
    return filter.function.has(line.function) && filter.qualifier.has(line.qualifier) &&
           filter.instance.has(line.instance) && filter.requestId.has(line.requestId) &&
           (filter.levels & logs::maskOf(line.level)) != 0 && (filter.streams & logs::maskOf(line.stream)) != 0 &&
           (!filter.since || line.time >= *filter.since) && (!filter.until || line.time < *filter.until) &&
           (!filter.afterSequence || line.sequence > *filter.afterSequence) &&
           (!filter.beforeSequence || line.sequence < *filter.beforeSequence) &&
           (!filter.predicate || filter.predicate(line.view()));
}

inline std::vector<logs::Line> wanted(const std::vector<logs::Line>& lines, const logs::Filter& filter) {
    std::vector<logs::Line> result;
    std::ranges::copy_if(lines, std::back_inserter(result), [&](const auto& line) { return isWanted(line, filter); });
    return result;
}

}  // namespace hanshu::test
