// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/candidates.h"

namespace hanshu::logs {
namespace {

// More values than these would cost more look-ups than the blocks they leave out.
constexpr std::size_t kMaxValues = 64;
// A long text has many terms, of which these exclude what can be excluded.
constexpr std::size_t kMaxTextTerms = 32;

class Candidates {
public:
    Candidates(const SegmentDetails& details, const std::function<void()>& damage)
        : m_reader(*details.file, details.groups, details.blocks.size()),
          m_set(details.blocks.size(), true),
          m_damage(damage) {
        for (std::size_t i = details.blocks.size(); i < (details.blocks.size() + 63) / 64 * 64; ++i) {
            m_set.remove(i);
        }
    }

    [[nodiscard]] const BlockSet& set() const noexcept { return m_set; }

    void restrictTo(TermField field, const std::vector<std::string>& values) {
        if (m_set.empty() || values.size() > kMaxValues) {
            return;
        }
        BlockSet any(m_set.blocks());
        for (const auto& value : values) {
            const auto blocks = find(fieldTerm(field, value));
            if (!blocks) {
                return;
            }
            any.unite(*blocks);
        }
        m_set.intersect(any);
    }

    // By the names that the segment has: a filter may accept all of them, or none.
    void restrictTo(TermField field, const ValueFilter& filter, const std::vector<std::string>& names) {
        if (filter.isAny()) {
            return;
        }
        std::vector<std::string> accepted;
        std::ranges::copy_if(names, std::back_inserter(accepted), [&](const auto& name) { return filter.has(name); });
        if (accepted.size() < names.size() || names.empty()) {
            restrictTo(field, accepted);
        }
    }

    void restrictToText(const std::vector<std::string>& group) {
        if (m_set.empty() || group.empty()) {
            return;
        }
        BlockSet any(m_set.blocks());
        for (const auto& text : group) {
            const auto blocks = havingText(text);
            if (!blocks) {
                return;
            }
            any.unite(*blocks);
        }
        m_set.intersect(any);
    }

private:
    // Nothing: nothing is known of the term.
    std::optional<BlockSet> find(Term term) {
        auto blocks = m_reader.find(term);
        if (!blocks) {
            m_damage();
        }
        return blocks;
    }

    std::optional<BlockSet> havingText(std::string_view text) {
        auto terms = termsOf(text);
        if (terms.empty()) {
            return std::nullopt;
        }
        terms.resize(std::min(terms.size(), kMaxTextTerms));
        auto blocks = m_set;
        for (const auto term : terms) {
            if (const auto having = find(term)) {
                blocks.intersect(*having);
            }
            if (blocks.empty()) {
                break;
            }
        }
        return blocks;
    }

    TermIndexReader m_reader;
    BlockSet m_set;
    const std::function<void()>& m_damage;
};

}  // namespace

BlockSet candidateBlocks(const SegmentDetails& details, const Filter& filter, const std::function<void()>& damage) {
    Candidates candidates(details, damage);
    candidates.restrictTo(TermField::Function, filter.function, details.names.functions);
    candidates.restrictTo(TermField::Qualifier, filter.qualifier, details.names.qualifiers);
    candidates.restrictTo(TermField::Instance, filter.instance, details.names.instances);
    if (!filter.requestId.anyOf.empty() && !filter.requestId.accepts) {
        candidates.restrictTo(TermField::Request, filter.requestId.anyOf);
    }
    for (const auto& group : filter.text) {
        candidates.restrictToText(group);
    }
    auto set = candidates.set();
    for (std::size_t i = 0; i < details.blocks.size(); ++i) {
        if (!details.blocks[i].isIndexed) {
            set.add(i);
        }
    }
    return set;
}

}  // namespace hanshu::logs
