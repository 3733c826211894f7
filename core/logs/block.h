// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A block of a segment: some hundred lines, their columns apart, compressed. Each object one thread at a time.
//
//   block:  fields, ids, text; each zstd
//   fields: sequences, times, functions, qualifiers, instances, request ids, levels and streams, sizes of messages;
//           names are numbers of the segment's dictionaries, request ids of the block's own
//   ids:    number and list of the block's request ids, then those of messages (message_codec.h)
//   text:   messages, one behind the other (message_codec.h)
#pragma once

#include "base/bytes.h"
#include "logs/compression.h"
#include "logs/unsealed_file.h"

#include <unordered_map>

namespace hanshu::logs {

struct BlockInfo {
    Span span;
    std::uint64_t offset = 0;
    // Of the three parts: as they lie in the file, and unpacked.
    std::array<std::uint32_t, 3> sizes{};
    std::array<std::uint32_t, 3> rawSizes{};
    std::uint32_t messageBytes = 0;
    std::uint32_t crc = 0;
    bool isIndexed = true;  // its terms are in the index

    [[nodiscard]] std::uint32_t size() const noexcept { return sizes[0] + sizes[1] + sizes[2]; }
};

// A block is full at this much text: small enough that a page costs little, large enough to compress.
inline constexpr std::size_t kBlockText = 64U << 10U;
inline constexpr std::size_t kBlockLines = 4096;
// What a block may unpack to; more is damage.
inline constexpr std::size_t kMaxBlockPart = 4U << 20U;

// Names of a segment, each with a number.
class Dictionary {
public:
    std::uint32_t numberOf(std::string_view name);
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return m_names; }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
    };
    std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> m_numbers;
    std::vector<std::string> m_names;
    std::uint32_t m_last = 0;
};

struct Dictionaries {
    Dictionary functions;
    Dictionary qualifiers;
    Dictionary instances;
};

class BlockBuilder {
public:
    void add(const LineView& line, Dictionaries& names);
    [[nodiscard]] bool isFull() const noexcept {
        return m_info.messageBytes >= kBlockText || m_info.span.lines >= kBlockLines || m_requests.size() >= kBlockText;
    }
    [[nodiscard]] bool empty() const noexcept { return m_info.span.lines == 0; }
    // Appends the block and begins a new one; its offset counts from 0.
    [[nodiscard]] BlockInfo finish(Compressor& compressor, std::string& out);

private:
    std::size_t requestCode(std::string_view id);

    BlockInfo m_info;
    std::array<std::string, 8> m_columns;
    std::string m_requests;
    std::string m_ids;
    std::string m_text;
    std::unordered_map<std::string, std::uint32_t> m_requestNumbers;
    std::string m_lastRequest;
    std::uint32_t m_lastRequestNumber = 0;
    std::uint64_t m_lastSequence = 0;
    SystemTime m_lastTime;
};

// Names as a reader has them.
struct Names {
    std::vector<std::string> functions;
    std::vector<std::string> qualifiers;
    std::vector<std::string> instances;
};

// Unpacks a block in two steps, because most lines of most blocks are refused by their fields.
class BlockReader {
public:
    // Reads the block and sets all of `into.lines` but the messages, which are empty. The lines live as long as `names`
    // and until the next call. False: it is damaged.
    [[nodiscard]] bool readFields(const File& file, const BlockInfo& info, const Names& names, DecodedLines& into);
    // Then the messages.
    [[nodiscard]] bool readMessages(const BlockInfo& info, DecodedLines& into);

private:
    [[nodiscard]] bool readRequests();
    [[nodiscard]] bool readRequestColumn(ByteReader& in, std::vector<LineView>& lines) const;

    std::string m_bytes;
    std::string m_fields;
    std::string m_ids;
    std::string m_text;
    std::string m_requestText;
    std::vector<std::pair<std::size_t, std::size_t>> m_requests;  // offset and size in m_requestText
    std::size_t m_idsUsed = 0;
    std::vector<std::uint32_t> m_sizes;
};

}  // namespace hanshu::logs
