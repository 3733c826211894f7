// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "bundle/ignore_rules.h"

#include <algorithm>
#include <span>

namespace hanshu::bundle {
namespace {

struct ClassMatch {
    bool matches = false;
    std::size_t length = 0;  // of the class in the pattern; 0: it does not end
};

// A class such as [a-z] or [!x] at the start of `pattern`.
ClassMatch matchClass(std::string_view pattern, char c) {
    std::size_t i = 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    i += negated ? 1 : 0;
    bool matches = false;
    for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false) {
        const auto unescaped = [&] {
            i += pattern[i] == '\\' && i + 1 < pattern.size() ? 1 : 0;
            return static_cast<unsigned char>(pattern[i++]);
        };
        const auto from = unescaped();
        auto to = from;
        if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
            ++i;
            to = unescaped();
        }
        const auto byte = static_cast<unsigned char>(c);
        matches = matches || (byte >= from && byte <= to);
    }
    return i < pattern.size() ? ClassMatch{matches != negated, i + 1} : ClassMatch{};
}

// How many characters of `pattern` match `c`; 0: it does not match. Not for *.
std::size_t matchOne(std::string_view pattern, char c) {
    if (pattern.front() == '?') {
        return 1;
    }
    if (pattern.front() == '[') {
        // One that does not end matches nothing, as with git.
        const auto match = matchClass(pattern, c);
        return match.matches ? match.length : 0;
    }
    if (pattern.front() == '\\' && pattern.size() > 1) {
        return pattern[1] == c ? 2 : 0;
    }
    return pattern.front() == c ? 1 : 0;
}

// One part of a path. On a mismatch only the last * takes one more: time is the product of the lengths at worst.
bool matchPart(std::string_view pattern, std::string_view name) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = ++p;
            resume = n;
            continue;
        }
        const auto used = p < pattern.size() ? matchOne(pattern.substr(p), name[n]) : 0;
        if (used > 0) {
            p += used;
            ++n;
            continue;
        }
        if (star == std::string_view::npos) {
            return false;
        }
        p = star;
        n = ++resume;
    }
    return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                       [](char c) { return c == '*'; });
}

// The parts of a path, by the same method over whole parts with ** as the star.
bool matchPath(std::span<const std::string> pattern, std::span<const std::string_view> path) {
    std::size_t p = 0;
    std::size_t n = 0;
    std::size_t star = pattern.size() + 1;
    std::size_t resume = 0;
    while (n < path.size()) {
        if (p < pattern.size() && pattern[p] == "**") {
            star = ++p;
            resume = n;
            continue;
        }
        if (p < pattern.size() && matchPart(pattern[p], path[n])) {
            ++p;
            ++n;
            continue;
        }
        if (star > pattern.size()) {
            return false;
        }
        p = star;
        n = ++resume;
    }
    return p == pattern.size();
}

template <class Part>
std::vector<Part> splitPath(std::string_view path) {
    std::vector<Part> parts;
    while (!path.empty()) {
        const auto slash = path.find('/');
        if (slash != 0) {
            parts.emplace_back(path.substr(0, slash));
        }
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    }
    return parts;
}

std::string_view trimEnd(std::string_view line) {
    while (line.ends_with(' ') || line.ends_with('\t') || line.ends_with('\r')) {
        if (line.size() >= 2 && line[line.size() - 2] == '\\') {
            break;
        }
        line.remove_suffix(1);
    }
    return line;
}

}  // namespace

IgnoreRules::IgnoreRules() {
    add(".git\n/.fcignore\n");
}

void IgnoreRules::add(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    while (!text.empty()) {
        const auto end = text.find('\n');
        addLine(trimEnd(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
}

void IgnoreRules::addLine(std::string_view line) {
    if (line.empty() || line.front() == '#') {
        return;
    }
    Rule rule;
    rule.negated = line.front() == '!';
    line.remove_prefix(rule.negated ? 1 : 0);
    rule.foldersOnly = line.ends_with('/');
    while (line.ends_with('/')) {
        line.remove_suffix(1);
    }
    const bool anchored = line.find('/') != std::string_view::npos;
    rule.parts = splitPath<std::string>(line);
    if (rule.parts.empty()) {
        return;
    }
    if (!anchored && rule.parts.front() != "**") {
        rule.parts.insert(rule.parts.begin(), "**");
    }
    // "a/**" is everything inside a, not a itself.
    if (rule.parts.size() > 1 && rule.parts.back() == "**") {
        rule.parts.emplace_back("*");
    }
    if (rule.parts == std::vector<std::string>{"**"}) {
        rule.parts.emplace_back("*");
    }
    m_rules.push_back(std::move(rule));
}

bool IgnoreRules::ignores(std::string_view path, bool isFolder) const {
    const auto parts = splitPath<std::string_view>(path);
    const auto decides = [&](const Rule& rule) {
        return (isFolder || !rule.foldersOnly) && matchPath(rule.parts, parts);
    };
    const auto last = std::find_if(m_rules.rbegin(), m_rules.rend(), decides);
    return last != m_rules.rend() && !last->negated;
}

}  // namespace hanshu::bundle
