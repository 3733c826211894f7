// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A sealed file of lines: immutable, compressed, indexed. Any thread.
//
//   segment: magic (8), blocks (block.h), term groups (term_index.h), details, footer
//   details: blocks, names of functions, qualifiers and instances, term groups; zstd
//   footer:  details' place and checksum, bounds and counts of all lines, version, its own checksum, magic
//
// Every byte lies under a checksum. The footer stays in memory; the details are read on demand.
#pragma once

#include "logs/block.h"
#include "logs/term_index.h"

namespace hanshu::logs {

// What is known of a segment without opening it.
struct SegmentSummary {
    std::uint64_t firstSequence = 0;
    std::uint64_t lastSequence = 0;
    SystemTime minTime;
    SystemTime maxTime;
    std::uint64_t lines = 0;
    std::uint64_t messageBytes = 0;
    std::uint64_t fileBytes = 0;
};

struct SegmentDetails {
    std::unique_ptr<File> file;
    std::vector<BlockInfo> blocks;
    Names names;
    std::vector<TermGroup> groups;
    [[nodiscard]] std::size_t memory() const noexcept;
};

// Writes a segment into a new file, block by block.
class SegmentWriter {
public:
    explicit SegmentWriter(File& file);
    [[nodiscard]] Errno add(const LineView& line);
    // Everything is on disk when it returns.
    [[nodiscard]] Errno finish();
    [[nodiscard]] const SegmentSummary& summary() const noexcept { return m_summary; }

private:
    [[nodiscard]] Errno finishBlock();
    [[nodiscard]] Errno flush();

    File& m_file;
    Compressor m_compressor;
    BlockBuilder m_block;
    Dictionaries m_names;
    TermCollector m_terms;
    TermIndexBuilder m_index;
    std::vector<BlockInfo> m_blocks;
    std::vector<Term> m_blockTerms;
    std::string m_out;
    std::uint64_t m_written = 0;
    SegmentSummary m_summary;
};

// Ends a segment of which `offset` bytes are there. For the writer, and for fuzzers that need right checksums.
void appendSegmentEnd(std::string_view details, std::uint64_t offset, SegmentSummary& summary, Compressor& compressor,
                      std::string& out);

// Nothing: damaged, or not a segment.
[[nodiscard]] std::optional<SegmentSummary> readSummary(const File& file);
[[nodiscard]] std::shared_ptr<const SegmentDetails> readDetails(std::unique_ptr<File> file);

}  // namespace hanshu::logs
