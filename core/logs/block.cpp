// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/block.h"

#include "base/crc32c.h"
#include "logs/message_codec.h"

namespace hanshu::logs {
namespace {

enum Column : std::size_t { Sequences, Times, Functions, Qualifiers, Instances, Requests, Kinds, Sizes };

// Calls set(line, number) for the numbers of a column.
template <class Set>
void eachNumber(ByteReader& in, std::vector<LineView>& lines, Set&& set) {
    for (auto& line : lines) {
        set(line, in.varint());
    }
}

bool readNames(ByteReader& in, std::vector<LineView>& lines, const std::vector<std::string>& names,
               std::string_view LineView::* field) {
    bool known = true;
    eachNumber(in, lines, [&](LineView& line, std::uint64_t number) {
        known = known && number < names.size();
        line.*field = known ? std::string_view(names[number]) : std::string_view();
    });
    return known;
}

bool isMonotone(const std::vector<LineView>& lines, const Span& span) {
    auto last = span.firstSequence - 1;
    for (const auto& line : lines) {
        if (line.sequence <= last) {
            return false;
        }
        last = line.sequence;
    }
    return last == span.lastSequence;
}

}  // namespace

std::uint32_t Dictionary::numberOf(std::string_view name) {
    if (m_last < m_names.size() && m_names[m_last] == name) {
        return m_last;
    }
    if (const auto found = m_numbers.find(name); found != m_numbers.end()) {
        return m_last = found->second;
    }
    m_last = static_cast<std::uint32_t>(m_names.size());
    m_names.emplace_back(name);
    m_numbers.emplace(name, m_last);
    return m_last;
}

void BlockBuilder::add(const LineView& line, Dictionaries& names) {
    const auto write = [this](Column column) { return ByteWriter(m_columns[column]); };
    if (empty()) {
        m_lastSequence = line.sequence - 1;
        m_lastTime = line.time;
        m_info.span.minTime = line.time;
        write(Times).zigzag(line.time.time_since_epoch().count());
    } else {
        write(Times).zigzag((line.time - m_lastTime).count());
    }
    write(Sequences).varint(line.sequence - m_lastSequence - 1);
    m_lastSequence = line.sequence;
    m_lastTime = line.time;
    write(Functions).varint(names.functions.numberOf(line.function));
    write(Qualifiers).varint(names.qualifiers.numberOf(line.qualifier));
    write(Instances).varint(names.instances.numberOf(line.instance));
    write(Requests).varint(requestCode(line.requestId));
    write(Kinds).byte(
        static_cast<std::uint8_t>(static_cast<unsigned>(line.level) | static_cast<unsigned>(line.stream) << 4U));
    write(Sizes).varint(line.message.size());
    encodeMessage(line.message, line.requestId, m_text, m_ids);
    m_info.messageBytes += static_cast<std::uint32_t>(line.message.size());
    m_info.span.add(line);
}

// 0 is a request id that the block has not had yet, n the n-th newest: runs write in turns, so that most are small.
std::size_t BlockBuilder::requestCode(std::string_view id) {
    if (empty() || id != m_lastRequest) {
        const auto [place, isNew] =
            m_requestNumbers.try_emplace(std::string(id), static_cast<std::uint32_t>(m_requestNumbers.size()));
        m_lastRequest = id;
        m_lastRequestNumber = place->second;
        if (isNew) {
            encodeId(id, m_requests);
            return 0;
        }
    }
    return m_requestNumbers.size() - m_lastRequestNumber;
}

BlockInfo BlockBuilder::finish(Compressor& compressor, std::string& out) {
    const auto begin = out.size();
    std::string fields;
    for (const auto& column : m_columns) {
        fields += column;
    }
    std::string ids;
    ByteWriter(ids).varint(m_requestNumbers.size());
    ids += m_requests;
    ids += m_ids;
    const std::array<std::string_view, 3> parts = {fields, ids, m_text};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        m_info.sizes[i] = compressor.append(parts[i], out);
        m_info.rawSizes[i] = static_cast<std::uint32_t>(parts[i].size());
    }
    m_info.offset = begin;
    m_info.crc = crc32c(std::string_view(out).substr(begin));
    const auto info = m_info;
    for (auto& column : m_columns) {
        column.clear();
    }
    m_requests.clear();
    m_ids.clear();
    m_text.clear();
    m_requestNumbers.clear();
    m_info = {};
    return info;
}

bool BlockReader::readRequests() {
    ByteReader in(m_ids);
    m_requests.clear();
    m_requestText.clear();
    for (auto count = in.varint32(kBlockLines); count > 0; --count) {
        const auto before = m_requestText.size();
        if (!decodeId(in, m_requestText)) {
            return false;
        }
        m_requests.emplace_back(before, m_requestText.size() - before);
    }
    m_idsUsed = m_ids.size() - in.left();
    return in.ok();
}

bool BlockReader::readRequestColumn(ByteReader& in, std::vector<LineView>& lines) const {
    std::size_t known = 0;
    for (auto& line : lines) {
        const auto code = in.varint();
        if (code > known || (code == 0 && known == m_requests.size())) {
            return false;
        }
        const auto [offset, size] = m_requests[code == 0 ? known++ : known - code];
        line.requestId = std::string_view(m_requestText).substr(offset, size);
    }
    return in.ok();
}

bool BlockReader::readFields(const File& file, const BlockInfo& info, const Names& names, DecodedLines& into) {
    m_bytes.resize(info.size());
    const std::string_view bytes = m_bytes;
    if (!readFully(file, info.offset, m_bytes) || crc32c(bytes) != info.crc ||
        !decompress(bytes.substr(0, info.sizes[0]), info.rawSizes[0], m_fields) ||
        !decompress(bytes.substr(info.sizes[0], info.sizes[1]), info.rawSizes[1], m_ids) || !readRequests()) {
        return false;
    }
    auto& lines = into.lines;
    lines.assign(info.span.lines, {});
    ByteReader in(m_fields);
    auto sequence = info.span.firstSequence - 1;
    eachNumber(in, lines, [&](LineView& line, std::uint64_t step) { line.sequence = sequence += step + 1; });
    SystemTime time{};
    for (auto& line : lines) {
        line.time = time = wrappingAdd(time, in.zigzag());
    }
    if (!readNames(in, lines, names.functions, &LineView::function) ||
        !readNames(in, lines, names.qualifiers, &LineView::qualifier) ||
        !readNames(in, lines, names.instances, &LineView::instance)) {
        return false;
    }
    if (!readRequestColumn(in, lines)) {
        return false;
    }
    for (auto& line : lines) {
        const auto kind = in.byte();
        if ((kind & 0xFU) >= kLevels || kind >> 4U >= kStreams) {
            return false;
        }
        line.level = static_cast<Level>(kind & 0xFU);
        line.stream = static_cast<Stream>(kind >> 4U);
    }
    m_sizes.clear();
    std::uint64_t total = 0;
    eachNumber(in, lines, [&](LineView&, std::uint64_t size) {
        total += std::min<std::uint64_t>(size, kMaxBlockPart);
        m_sizes.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(size, kMaxBlockPart)));
    });
    return in.ok() && in.left() == 0 && total == info.messageBytes && isMonotone(lines, info.span);
}

bool BlockReader::readMessages(const BlockInfo& info, DecodedLines& into) {
    const auto packed = std::string_view(m_bytes).substr(info.sizes[0] + info.sizes[1]);
    if (!decompress(packed, info.rawSizes[2], m_text)) {
        return false;
    }
    into.buffer.resize(info.messageBytes);
    auto* at = into.buffer.data();
    ByteReader text(m_text);
    ByteReader ids(std::string_view(m_ids).substr(m_idsUsed));
    for (std::size_t i = 0; i < into.lines.size(); ++i) {
        if (!decodeMessage(text, ids, into.lines[i].requestId, at, m_sizes[i])) {
            return false;
        }
        into.lines[i].message = {at, m_sizes[i]};
        at += m_sizes[i];
    }
    return text.left() == 0 && ids.left() == 0;
}

}  // namespace hanshu::logs
