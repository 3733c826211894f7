// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/terms.h"

#include <algorithm>
#include <cstring>

namespace hanshu::logs {
namespace {

// The finalizer of MurmurHash3 (public domain), which mixes all bits into all.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 33U;
    value *= 0xFF51AFD7ED558CCD;
    value ^= value >> 33U;
    value *= 0xC4CEB9FE1A85EC53;
    return value ^ (value >> 33U);
}

// Calls found(term) for each trigram and each run of digits.
template <class Found>
void forEachSmallTerm(std::string_view text, Found&& found) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::uint32_t window = 0;
    std::uint32_t digits = 0;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint32_t byte = kFold[bytes[i]];
        window = (window << 8U | byte) & (kTrigrams - 1);
        if (i >= 2) {
            found(window);
        }
        if (const auto digit = byte - '0'; digit < 10) {
            number = (number * 10 + digit) % kDigitTerms;
            if (++digits >= kDigitRun) {
                found(kTrigrams + number);
            }
        } else {
            digits = 0;
        }
    }
}

}  // namespace

Term fieldTerm(TermField field, std::string_view value) noexcept {
    auto state = mix(value.size() * 8 + static_cast<std::uint64_t>(field) + 1);
    while (!value.empty()) {
        std::uint64_t word = 0;
        const auto size = std::min<std::size_t>(value.size(), sizeof word);
        std::memcpy(&word, value.data(), size);
        state = mix(state ^ word) + 0x9E3779B97F4A7C15;
        value.remove_prefix(size);
    }
    return static_cast<Term>(mix(state)) | kFirstHash;
}

void fold(std::string_view text, std::string& into) {
    into.resize(text.size());
    std::ranges::transform(text, into.begin(), [](char c) {
        // Not by the table: this form is turned into vector instructions.
        return static_cast<char>(c + (c >= 'A' && c <= 'Z' ? 32 : 0));
    });
}

std::string folded(std::string_view text) {
    std::string into;
    fold(text, into);
    return into;
}

std::vector<Term> termsOf(std::string_view text) {
    std::vector<Term> terms;
    forEachIdTerm(text, [&](Term term) { terms.push_back(term); });
    forEachSmallTerm(text, [&](Term term) { terms.push_back(term); });
    std::ranges::sort(terms, std::greater{});  // ids, digits, trigrams
    terms.erase(std::unique(terms.begin(), terms.end()), terms.end());
    return terms;
}

TermCollector::TermCollector() : m_seen((kTrigrams + kDigitTerms) / 64 + 1) {}

void TermCollector::addMessage(std::string_view message) {
    forEachSmallTerm(message, [this](Term term) { mark(term); });
    forEachIdTerm(message, [this](Term term) { m_hashes.push_back(term); });
}

void TermCollector::take(std::vector<Term>& terms) {
    std::ranges::sort(m_hashes);
    m_hashes.erase(std::unique(m_hashes.begin(), m_hashes.end()), m_hashes.end());
    for (const auto term : m_small) {
        m_seen[term >> 6U] = 0;
    }
    terms.assign(m_small.begin(), m_small.end());
    terms.insert(terms.end(), m_hashes.begin(), m_hashes.end());
    m_small.clear();
    m_hashes.clear();
}

}  // namespace hanshu::logs
