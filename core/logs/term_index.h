// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which blocks of a segment have which terms, exactly: sorted terms with their sets of blocks, in compressed groups
// that are read alone. Each object one thread at a time.
#pragma once

#include "base/file_ops.h"
#include "logs/compression.h"
#include "logs/terms.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <span>

namespace hanshu::logs {

// A set of a segment's blocks.
class BlockSet {
public:
    explicit BlockSet(std::size_t blocks, bool all = false)
        : m_words((blocks + 63) / 64, all ? ~std::uint64_t{0} : 0), m_blocks(blocks) {}
    [[nodiscard]] std::size_t blocks() const noexcept { return m_blocks; }
    [[nodiscard]] bool has(std::size_t block) const noexcept { return (m_words[block / 64] >> (block % 64) & 1U) != 0; }
    void add(std::size_t block) noexcept { m_words[block / 64] |= std::uint64_t{1} << (block % 64); }
    void remove(std::size_t block) noexcept { m_words[block / 64] &= ~(std::uint64_t{1} << (block % 64)); }
    void intersect(const BlockSet& other) noexcept {
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            m_words[i] &= other.m_words[i];
        }
    }
    void unite(const BlockSet& other) noexcept {
        for (std::size_t i = 0; i < m_words.size(); ++i) {
            m_words[i] |= other.m_words[i];
        }
    }
    [[nodiscard]] bool empty() const noexcept {
        return std::ranges::all_of(m_words, [](std::uint64_t word) { return word == 0; });
    }

private:
    std::vector<std::uint64_t> m_words;
    std::size_t m_blocks;
};

// Where a group is and what its first term is.
struct TermGroup {
    Term first = 0;
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t rawSize = 0;
    std::uint32_t terms = 0;
    std::uint32_t crc = 0;
};

class TermIndexBuilder {
public:
    TermIndexBuilder();
    // The terms of the next block, each once. False: there is no room for more, nothing was taken, and the block must
    // be read whatever is looked for.
    [[nodiscard]] bool addBlock(std::span<const Term> terms);
    // Appends the groups' bytes.
    [[nodiscard]] std::vector<TermGroup> finish(std::size_t blocks, Compressor& compressor, std::string& out);
    // The block was not given to addBlock, or was refused.
    void skipBlock() { m_ends.push_back(m_slots.size()); }

private:
    std::uint32_t slotOf(Term term);
    void grow();

    std::vector<std::uint32_t> m_table;  // open addressing: slot + 1, by a hash of the term
    std::vector<Term> m_terms;           // by slot
    std::vector<std::uint32_t> m_slots;  // of all blocks, one block behind the other
    std::vector<std::size_t> m_ends;     // of each block in m_slots
};

// Reads the groups that it needs, and keeps the last one.
class TermIndexReader {
public:
    TermIndexReader(const File& file, std::span<const TermGroup> groups, std::size_t blocks)
        : m_file(file), m_groups(groups), m_blocks(blocks) {}
    // Blocks that have the term. Nothing: its group is damaged.
    [[nodiscard]] std::optional<BlockSet> find(Term term);

private:
    [[nodiscard]] bool load(std::size_t group);

    const File& m_file;
    std::span<const TermGroup> m_groups;
    std::size_t m_blocks;
    std::size_t m_loaded = SIZE_MAX;
    bool m_loadedWell = false;
    std::string m_raw;
    std::string m_compressed;
};

}  // namespace hanshu::logs
