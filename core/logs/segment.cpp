// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/segment.h"

#include "base/crc32c.h"

namespace hanshu::logs {
namespace {

constexpr std::string_view kMagic = "HSLOGS\x01\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFooterSize = 92;
// What details may unpack to: a million names.
constexpr std::size_t kMaxDetails = 64U << 20U;

// The level at which logs take a third of level 1's bytes less at half its speed, which is still faster than they come.
constexpr int kCompressionLevel = 3;

// Whole blocks are written at once.
constexpr std::size_t kWriteSize = 256U << 10U;

struct Footer {
    std::uint64_t detailsOffset = 0;
    std::uint32_t detailsSize = 0;
    std::uint32_t detailsRawSize = 0;
    std::uint32_t detailsCrc = 0;
    SegmentSummary summary;
};

std::string footerBytes(const Footer& footer) {
    std::string out;
    ByteWriter writer(out);
    writer.fixed(footer.detailsOffset);
    writer.fixed(footer.detailsSize);
    writer.fixed(footer.detailsRawSize);
    writer.fixed(footer.detailsCrc);
    writer.fixed(footer.summary.firstSequence);
    writer.fixed(footer.summary.lastSequence);
    writer.fixed(footer.summary.minTime.time_since_epoch().count());
    writer.fixed(footer.summary.maxTime.time_since_epoch().count());
    writer.fixed(footer.summary.lines);
    writer.fixed(footer.summary.messageBytes);
    writer.fixed(footer.summary.fileBytes);
    writer.fixed(kVersion);
    writer.fixed(crc32c(out));
    out += kMagic;
    return out;
}

std::optional<Footer> readFooter(const File& file) {
    std::uint64_t size = 0;
    std::string head(kMagic.size(), '\0');
    std::string bytes(kFooterSize, '\0');
    if (file.size(size) != 0 || size < head.size() + bytes.size() || !readFully(file, 0, head) || head != kMagic ||
        !readFully(file, size - kFooterSize, bytes)) {
        return std::nullopt;
    }
    ByteReader in(bytes);
    Footer footer;
    footer.detailsOffset = in.fixed<std::uint64_t>();
    footer.detailsSize = in.fixed<std::uint32_t>();
    footer.detailsRawSize = in.fixed<std::uint32_t>();
    footer.detailsCrc = in.fixed<std::uint32_t>();
    footer.summary.firstSequence = in.fixed<std::uint64_t>();
    footer.summary.lastSequence = in.fixed<std::uint64_t>();
    footer.summary.minTime = SystemTime(std::chrono::microseconds(in.fixed<std::int64_t>()));
    footer.summary.maxTime = SystemTime(std::chrono::microseconds(in.fixed<std::int64_t>()));
    footer.summary.lines = in.fixed<std::uint64_t>();
    footer.summary.messageBytes = in.fixed<std::uint64_t>();
    footer.summary.fileBytes = in.fixed<std::uint64_t>();
    const auto version = in.fixed<std::uint32_t>();
    const auto covered = kFooterSize - in.left();
    const auto crc = in.fixed<std::uint32_t>();
    if (crc != crc32c(std::string_view(bytes).substr(0, covered)) || in.bytes(kMagic.size()) != kMagic ||
        version != kVersion || footer.summary.fileBytes != size ||
        footer.detailsOffset + footer.detailsSize + kFooterSize != size || footer.detailsRawSize > kMaxDetails) {
        return std::nullopt;
    }
    return footer;
}

void writeBlocks(const std::vector<BlockInfo>& blocks, ByteWriter& out) {
    out.varint(blocks.size());
    std::uint64_t sequence = 0;
    SystemTime time{};
    for (const auto& block : blocks) {
        for (std::size_t i = 0; i < block.sizes.size(); ++i) {
            out.varint(block.sizes[i]);
            out.varint(block.rawSizes[i]);
        }
        out.varint(block.messageBytes);
        out.varint(block.span.firstSequence - sequence);
        out.varint(block.span.lastSequence - block.span.firstSequence);
        sequence = block.span.lastSequence;
        out.zigzag((block.span.minTime - time).count());
        out.varint(static_cast<std::uint64_t>((block.span.maxTime - block.span.minTime).count()));
        time = block.span.minTime;
        for (const auto lines : block.span.levels) {
            out.varint(lines);
        }
        out.byte(static_cast<std::uint8_t>(block.span.streams | (block.isIndexed ? 0x80U : 0U)));
        out.fixed(block.crc);
    }
}

BlockInfo readBlock(ByteReader& in, std::uint64_t& offset, std::uint64_t& sequence, SystemTime& time) {
    BlockInfo block;
    block.offset = offset;
    for (std::size_t i = 0; i < block.sizes.size(); ++i) {
        block.sizes[i] = in.varint32(kMaxBlockPart);
        block.rawSizes[i] = in.varint32(kMaxBlockPart);
        offset += block.sizes[i];
    }
    block.messageBytes = in.varint32(kMaxBlockPart);
    block.span.firstSequence = sequence + in.varint();
    block.span.lastSequence = sequence = block.span.firstSequence + in.varint();
    block.span.minTime = time = wrappingAdd(time, in.zigzag());
    block.span.maxTime = wrappingAdd(time, static_cast<std::int64_t>(in.varint()));
    for (auto& lines : block.span.levels) {
        lines = in.varint32(kBlockLines);
        block.span.lines += lines;
    }
    const auto flags = in.byte();
    block.span.streams = flags & kAllStreams;
    block.isIndexed = (flags & 0x80U) != 0;
    block.crc = in.fixed<std::uint32_t>();
    return block;
}

std::vector<std::string> readNames(ByteReader& in) {
    std::vector<std::string> names;
    for (auto count = in.varint(); count > 0 && in.ok(); --count) {
        names.emplace_back(in.text());
    }
    return names;
}

void writeDetails(const std::vector<BlockInfo>& blocks, const Dictionaries& names, const std::vector<TermGroup>& groups,
                  ByteWriter& out) {
    writeBlocks(blocks, out);
    for (const auto* dictionary : {&names.functions, &names.qualifiers, &names.instances}) {
        out.varint(dictionary->names().size());
        for (const auto& name : dictionary->names()) {
            out.text(name);
        }
    }
    out.varint(groups.size());
    Term first = 0;
    for (const auto& group : groups) {
        out.varint(group.first - first);
        first = group.first;
        out.varint(group.size);
        out.varint(group.rawSize);
        out.varint(group.terms);
        out.fixed(group.crc);
    }
}

// False: malformed.
bool parseDetails(std::string_view bytes, std::uint64_t end, SegmentDetails& details) {
    ByteReader in(bytes);
    std::uint64_t offset = kMagic.size();
    std::uint64_t sequence = 0;
    SystemTime time{};
    for (auto count = in.varint(); count > 0 && in.ok(); --count) {
        details.blocks.push_back(readBlock(in, offset, sequence, time));
    }
    details.names.functions = readNames(in);
    details.names.qualifiers = readNames(in);
    details.names.instances = readNames(in);
    Term first = 0;
    for (auto count = in.varint(); count > 0 && in.ok(); --count) {
        TermGroup group;
        group.first = first += in.varint32();
        group.offset = offset;
        group.size = in.varint32(kMaxBlockPart);
        group.rawSize = in.varint32(kMaxBlockPart);
        group.terms = in.varint32();
        group.crc = in.fixed<std::uint32_t>();
        offset += group.size;
        details.groups.push_back(group);
    }
    return in.ok() && in.left() == 0 && offset == end;
}

}  // namespace

std::size_t SegmentDetails::memory() const noexcept {
    auto bytes = blocks.size() * sizeof(BlockInfo) + groups.size() * sizeof(TermGroup);
    for (const auto* list : {&names.functions, &names.qualifiers, &names.instances}) {
        for (const auto& name : *list) {
            bytes += sizeof name + name.size();
        }
    }
    return bytes;
}

SegmentWriter::SegmentWriter(File& file) : m_file(file), m_compressor(kCompressionLevel), m_out(kMagic) {}

Errno SegmentWriter::add(const LineView& line) {
    m_block.add(line, m_names);
    m_terms.addMessage(line.message);
    m_terms.addField(TermField::Function, line.function);
    m_terms.addField(TermField::Qualifier, line.qualifier);
    m_terms.addField(TermField::Instance, line.instance);
    m_terms.addField(TermField::Request, line.requestId);
    return m_block.isFull() ? finishBlock() : 0;
}

Errno SegmentWriter::finishBlock() {
    const auto offset = m_written + m_out.size();
    std::string bytes;
    auto info = m_block.finish(m_compressor, bytes);
    info.offset = offset;
    m_out += bytes;
    m_terms.take(m_blockTerms);
    info.isIndexed = m_index.addBlock(m_blockTerms);
    const auto& span = info.span;
    if (m_blocks.empty()) {
        m_summary.firstSequence = span.firstSequence;
        m_summary.minTime = span.minTime;
        m_summary.maxTime = span.maxTime;
    }
    m_summary.lastSequence = span.lastSequence;
    m_summary.minTime = std::min(m_summary.minTime, span.minTime);
    m_summary.maxTime = std::max(m_summary.maxTime, span.maxTime);
    m_summary.lines += span.lines;
    m_summary.messageBytes += info.messageBytes;
    m_blocks.push_back(info);
    return m_out.size() >= kWriteSize ? flush() : 0;
}

Errno SegmentWriter::flush() {
    if (const auto error = m_file.append(m_out); error != 0) {
        return error;
    }
    m_written += m_out.size();
    m_out.clear();
    return 0;
}

Errno SegmentWriter::finish() {
    if (!m_block.empty()) {
        if (const auto error = finishBlock(); error != 0) {
            return error;
        }
    }
    std::string index;
    const auto groups = m_index.finish(m_blocks.size(), m_compressor, index);
    m_out += index;
    std::string details;
    ByteWriter writer(details);
    writeDetails(m_blocks, m_names, groups, writer);
    appendSegmentEnd(details, m_written + m_out.size(), m_summary, m_compressor, m_out);
    if (const auto error = flush(); error != 0) {
        return error;
    }
    return m_file.sync();
}

void appendSegmentEnd(std::string_view details, std::uint64_t offset, SegmentSummary& summary, Compressor& compressor,
                      std::string& out) {
    Footer footer;
    footer.detailsOffset = offset;
    const auto before = out.size();
    footer.detailsSize = compressor.append(details, out);
    footer.detailsRawSize = static_cast<std::uint32_t>(details.size());
    footer.detailsCrc = crc32c(std::string_view(out).substr(before));
    summary.fileBytes = offset + footer.detailsSize + kFooterSize;
    footer.summary = summary;
    out += footerBytes(footer);
}

std::optional<SegmentSummary> readSummary(const File& file) {
    const auto footer = readFooter(file);
    return footer ? std::optional(footer->summary) : std::nullopt;
}

std::shared_ptr<const SegmentDetails> readDetails(std::unique_ptr<File> file) {
    const auto footer = readFooter(*file);
    if (!footer) {
        return nullptr;
    }
    std::string packed(footer->detailsSize, '\0');
    std::string bytes;
    auto details = std::make_shared<SegmentDetails>();
    if (!readFully(*file, footer->detailsOffset, packed) || crc32c(packed) != footer->detailsCrc ||
        !decompress(packed, footer->detailsRawSize, bytes) || !parseDetails(bytes, footer->detailsOffset, *details)) {
        return nullptr;
    }
    details->file = std::move(file);
    return details;
}

}  // namespace hanshu::logs
