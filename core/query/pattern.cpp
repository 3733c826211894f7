// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "query/pattern.h"

#include "query/characters.h"

#include <cstring>

namespace hanshu::query {
namespace {

constexpr auto kNone = std::string_view::npos;

constexpr bool hasCase(char lower) noexcept {
    return lower >= 'a' && lower <= 'z';
}

bool equalFoldedAt(std::string_view text, std::size_t at, std::string_view needle) noexcept {
    for (std::size_t i = 0; i < needle.size(); ++i) {
        if (lowerAscii(text[at + i]) != needle[i]) {
            return false;
        }
    }
    return true;
}

// Where `needle` in ASCII lower case stands first, from `from` on.
std::size_t findFolded(std::string_view text, std::string_view needle, std::size_t from) noexcept {
    if (needle.empty() || text.size() < from + needle.size()) {
        return needle.empty() ? from : kNone;
    }
    const auto last = text.size() - needle.size();
    const char first = needle.front();
    for (auto at = from; at <= last; ++at) {
        if (!hasCase(first)) {
            const auto* found = static_cast<const char*>(std::memchr(text.data() + at, first, last - at + 1));
            if (found == nullptr) {
                return kNone;
            }
            at = static_cast<std::size_t>(found - text.data());
        } else if (lowerAscii(text[at]) != first) {
            continue;
        }
        if (equalFoldedAt(text, at, needle)) {
            return at;
        }
    }
    return kNone;
}

}  // namespace

bool containsFolded(std::string_view text, std::string_view needle) noexcept {
    return findFolded(text, needle, 0) != kNone;
}

Wildcards::Wildcards(std::string_view pattern, const std::vector<std::size_t>& marks, Options options)
    : m_options(options), m_openStart(!options.whole), m_openEnd(!options.whole) {
    auto mark = marks.begin();
    Piece piece;
    const auto finish = [&] {
        if (!piece.bytes.empty()) {
            m_pieces.push_back(std::move(piece));
        }
        piece = {};
    };
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const bool wild = mark != marks.end() && *mark == at;
        mark += wild ? 1 : 0;
        if (wild && pattern[at] == '*') {
            m_openStart = m_openStart || at == 0;
            m_openEnd = m_openEnd || at + 1 == pattern.size();
            finish();
            continue;
        }
        piece.bytes += options.foldCase ? lowerAscii(pattern[at]) : pattern[at];
        piece.any.push_back(wild);
        piece.fixed = piece.fixed && !wild;
    }
    finish();
    if (options.whole && !options.foldCase && !m_openStart && !m_pieces.empty()) {
        const auto& first = m_pieces.front();
        for (std::size_t i = 0; i < first.bytes.size() && !first.any[i]; ++i) {
            m_prefix += first.bytes[i];
        }
    }
}

// Where the piece ends when it begins at `at`; kNone when it does not stand there.
std::size_t Wildcards::endAt(const Piece& piece, std::string_view text, std::size_t at) const noexcept {
    for (std::size_t i = 0; i < piece.bytes.size(); ++i) {
        if (at >= text.size()) {
            return kNone;
        }
        if (piece.any[i]) {
            at += characterLength(text, at);
            continue;
        }
        if ((m_options.foldCase ? lowerAscii(text[at]) : text[at]) != piece.bytes[i]) {
            return kNone;
        }
        ++at;
    }
    return at;
}

// Where the first occurrence ends.
std::size_t Wildcards::find(const Piece& piece, std::string_view text, std::size_t from) const noexcept {
    if (piece.fixed) {
        const auto at = m_options.foldCase ? findFolded(text, piece.bytes, from) : text.find(piece.bytes, from);
        return at == kNone ? kNone : at + piece.bytes.size();
    }
    for (auto at = from; at < text.size(); at += characterLength(text, at)) {
        const auto end = endAt(piece, text, at);
        if (end != kNone) {
            return end;
        }
    }
    return kNone;
}

bool Wildcards::endsWith(const Piece& piece, std::string_view text, std::size_t from) const noexcept {
    const auto shortest = piece.bytes.size();
    if (text.size() < from + shortest) {
        return false;
    }
    if (piece.fixed) {
        return endAt(piece, text, text.size() - shortest) != kNone;
    }
    // A ? takes up to four bytes.
    auto at = text.size() > 4 * shortest ? std::max(from, text.size() - 4 * shortest) : from;
    while (at > from && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    for (; at < text.size(); at += characterLength(text, at)) {
        if (endAt(piece, text, at) == text.size()) {
            return true;
        }
    }
    return false;
}

bool Wildcards::matches(std::string_view text) const noexcept {
    if (m_pieces.empty()) {
        return m_openStart || m_openEnd || text.empty();
    }
    std::size_t at = 0;
    for (std::size_t i = 0; i < m_pieces.size(); ++i) {
        const auto& piece = m_pieces[i];
        const bool first = i == 0 && !m_openStart;
        const bool last = i + 1 == m_pieces.size() && !m_openEnd;
        if (last && !first) {
            return endsWith(piece, text, at);
        }
        at = first ? endAt(piece, text, 0) : find(piece, text, at);
        if (at == kNone || (last && at != text.size())) {
            return false;
        }
    }
    return true;
}

Literals Wildcards::required() const {
    std::vector<Literals> parts;
    for (const auto& piece : m_pieces) {
        std::string run;
        for (std::size_t i = 0; i <= piece.bytes.size(); ++i) {
            if (i < piece.bytes.size() && !piece.any[i]) {
                run += piece.bytes[i];
            } else if (!run.empty()) {
                parts.push_back(Literals::contains(run));
                run.clear();
            }
        }
    }
    return Literals::all(std::move(parts));
}

bool Wildcards::isPrefixOnly() const noexcept {
    return m_options.whole && !m_openStart && m_openEnd && m_pieces.size() == 1 &&
           m_prefix.size() == m_pieces.front().bytes.size();
}

}  // namespace hanshu::query
