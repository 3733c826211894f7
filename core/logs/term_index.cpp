// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/term_index.h"

#include "base/bytes.h"
#include "base/crc32c.h"

#include <numeric>

namespace hanshu::logs {
namespace {

// Bounds of what is held while a segment is written: 2 MiB and 16 MiB. Text has a tenth of the terms; noise is not
// worth an index.
constexpr std::size_t kMaxTerms = 512U << 10U;
constexpr std::size_t kMaxPostings = 4U << 20U;

// A group takes about 2 KiB: read and unpacked in some microseconds.
constexpr std::size_t kGroupTerms = 256;

// How the blocks of a term are written, in the low bits of the first number.
enum class Form : std::uint8_t { These = 0, AllBut = 1, Bits = 2 };

std::uint32_t hashOf(Term term) noexcept {
    return term * 0x9E3779B1U;  // Knuth's multiplicative hash: the high bits count
}

void writeList(std::span<const std::uint16_t> blocks, Form form, ByteWriter& heads, ByteWriter& bodies) {
    heads.varint(blocks.size() << 2U | static_cast<unsigned>(form));
    std::uint32_t next = 0;
    for (const std::uint32_t block : blocks) {
        bodies.varint(block - next);
        next = block + 1;
    }
}

void writePosting(std::span<const std::uint16_t> blocks, std::size_t all, ByteWriter& heads, ByteWriter& bodies) {
    const auto bitmap = (all + 7) / 8;
    if (blocks.size() <= bitmap) {
        writeList(blocks, Form::These, heads, bodies);
        return;
    }
    if (all - blocks.size() <= bitmap) {
        std::vector<std::uint16_t> missing;
        auto has = blocks.begin();
        for (std::size_t block = 0; block < all; ++block) {
            if (has != blocks.end() && *has == block) {
                ++has;
            } else {
                missing.push_back(static_cast<std::uint16_t>(block));
            }
        }
        writeList(missing, Form::AllBut, heads, bodies);
        return;
    }
    std::string bits(bitmap, '\0');
    for (const auto block : blocks) {
        bits[block / 8] = static_cast<char>(static_cast<unsigned char>(bits[block / 8]) | 1U << (block % 8));
    }
    heads.varint(static_cast<unsigned>(Form::Bits));
    for (const char byte : bits) {
        bodies.byte(static_cast<std::uint8_t>(byte));
    }
}

// Passes over a posting, or takes it into `into`.
void readPosting(std::uint64_t head, std::size_t all, ByteReader& bodies, BlockSet* into) {
    const auto form = static_cast<Form>(head & 3U);
    if (form == Form::Bits) {
        const auto bits = bodies.bytes((all + 7) / 8);
        for (std::size_t block = 0; into != nullptr && bodies.ok() && block < all; ++block) {
            if ((static_cast<unsigned char>(bits[block / 8]) >> (block % 8) & 1U) != 0) {
                into->add(block);
            }
        }
        return;
    }
    if (into != nullptr && form == Form::AllBut) {
        *into = BlockSet(all, true);
    }
    std::uint64_t next = 0;
    for (auto count = head >> 2U; count > 0 && bodies.ok(); --count) {
        const auto block = next + bodies.varint();
        if (block >= all || form > Form::AllBut) {
            bodies.fail();
            return;
        }
        if (into != nullptr) {
            form == Form::These ? into->add(block) : into->remove(block);
        }
        next = block + 1;
    }
}

}  // namespace

TermIndexBuilder::TermIndexBuilder() : m_table(1U << 12U) {}

std::uint32_t TermIndexBuilder::slotOf(Term term) {
    const auto mask = m_table.size() - 1;
    const auto shift = 32U - static_cast<unsigned>(std::countr_zero(m_table.size()));
    for (std::size_t at = hashOf(term) >> shift;; at = (at + 1) & mask) {
        if (m_table[at] == 0) {
            m_terms.push_back(term);
            m_table[at] = static_cast<std::uint32_t>(m_terms.size());
            return m_table[at] - 1;
        }
        if (m_terms[m_table[at] - 1] == term) {
            return m_table[at] - 1;
        }
    }
}

void TermIndexBuilder::grow() {
    m_table.assign(m_table.size() * 2, 0);
    const auto mask = m_table.size() - 1;
    const auto shift = 32U - static_cast<unsigned>(std::countr_zero(m_table.size()));
    for (std::uint32_t slot = 0; slot < m_terms.size(); ++slot) {
        std::size_t at = hashOf(m_terms[slot]) >> shift;
        while (m_table[at] != 0) {
            at = (at + 1) & mask;
        }
        m_table[at] = slot + 1;
    }
}

bool TermIndexBuilder::addBlock(std::span<const Term> terms) {
    // A block's number has 16 bits.
    if (m_terms.size() + terms.size() > kMaxTerms || m_slots.size() + terms.size() > kMaxPostings ||
        m_ends.size() >= UINT16_MAX) {
        skipBlock();
        return false;
    }
    while ((m_terms.size() + terms.size()) * 2 > m_table.size()) {
        grow();
    }
    for (const auto term : terms) {
        m_slots.push_back(slotOf(term));
    }
    m_ends.push_back(m_slots.size());
    return true;
}

std::vector<TermGroup> TermIndexBuilder::finish(std::size_t blocks, Compressor& compressor, std::string& out) {
    // A counting sort of (slot, block) by slot; the blocks of each stay in order.
    std::vector<std::uint32_t> starts(m_terms.size() + 1);
    for (const auto slot : m_slots) {
        ++starts[slot + 1];
    }
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    std::vector<std::uint16_t> postings(m_slots.size());
    auto next = starts;
    std::size_t at = 0;
    for (std::size_t block = 0; block < m_ends.size(); ++block) {
        for (; at < m_ends[block]; ++at) {
            postings[next[m_slots[at]]++] = static_cast<std::uint16_t>(block);
        }
    }
    std::vector<std::uint32_t> order(m_terms.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [this](std::uint32_t slot) { return m_terms[slot]; });

    std::vector<TermGroup> groups;
    for (std::size_t first = 0; first < order.size(); first += kGroupTerms) {
        const auto count = std::min(kGroupTerms, order.size() - first);
        std::string keys;
        std::string heads;
        std::string bodies;
        ByteWriter keyWriter(keys);
        ByteWriter headWriter(heads);
        ByteWriter bodyWriter(bodies);
        auto last = m_terms[order[first]];
        for (std::size_t i = first; i < first + count; ++i) {
            const auto slot = order[i];
            keyWriter.varint(m_terms[slot] - last);
            last = m_terms[slot];
            writePosting({postings.data() + starts[slot], starts[slot + 1] - starts[slot]}, blocks, headWriter,
                         bodyWriter);
        }
        const auto raw = keys + heads + bodies;
        const auto begin = out.size();
        TermGroup group;
        group.first = m_terms[order[first]];
        group.size = compressor.append(raw, out);
        group.rawSize = static_cast<std::uint32_t>(raw.size());
        group.terms = static_cast<std::uint32_t>(count);
        group.crc = crc32c(std::string_view(out).substr(begin));
        groups.push_back(group);
    }
    return groups;
}

bool TermIndexReader::load(std::size_t index) {
    if (m_loaded == index) {
        return m_loadedWell;
    }
    const auto& group = m_groups[index];
    m_loaded = index;
    m_compressed.resize(group.size);
    m_loadedWell = readFully(m_file, group.offset, m_compressed) && crc32c(m_compressed) == group.crc &&
                   decompress(m_compressed, group.rawSize, m_raw);
    return m_loadedWell;
}

std::optional<BlockSet> TermIndexReader::find(Term term) {
    BlockSet none(m_blocks);
    auto group = std::ranges::upper_bound(m_groups, term, {}, &TermGroup::first);
    if (group == m_groups.begin()) {
        return none;
    }
    --group;
    if (!load(static_cast<std::size_t>(group - m_groups.begin()))) {
        return std::nullopt;
    }
    ByteReader in(m_raw);
    std::size_t place = SIZE_MAX;
    std::uint64_t key = group->first;
    for (std::size_t i = 0; i < group->terms; ++i) {
        key += in.varint();
        if (key == term) {
            place = i;
        }
    }
    std::array<std::uint64_t, kGroupTerms> heads{};
    if (group->terms > heads.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < group->terms; ++i) {
        heads[i] = in.varint();
    }
    if (place == SIZE_MAX) {
        return in.ok() ? std::optional(none) : std::nullopt;
    }
    for (std::size_t i = 0; i < place; ++i) {
        readPosting(heads[i], m_blocks, in, nullptr);
    }
    readPosting(heads[place], m_blocks, in, &none);
    return in.ok() ? std::optional(none) : std::nullopt;
}

}  // namespace hanshu::logs
