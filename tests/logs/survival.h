// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Any bytes under right checksums, given to every reader of the log store's files: for the fuzzer, and for a test with
// a fixed seed. Checksums stop what chance does to a file; what stands behind them may trust nothing either.
#pragma once

#include "base/crc32c.h"
#include "logs/account_logs.h"
#include "logs/memory_files.h"
#include "logs/message_codec.h"

namespace hanshu::test {

inline constexpr std::string_view kLogPath = "/a/00000000000000000001.log";
inline constexpr std::string_view kSegmentPath = "/a/00000000000000000001.seg";

// Asks everything of a store with one file of these bytes.
inline void askAll(std::string_view path, std::string bytes) {
    MemoryFiles files;
    files.all()[std::string(path)] = std::make_shared<std::string>(std::move(bytes));
    logs::SegmentCache cache(files);
    const auto opened = logs::AccountLogs::open("/a", {}, files, cache);
    if (!opened) {
        return;
    }
    const auto view = (*opened)->view();
    (void)view.verify();
    logs::Filter filter;
    filter.text = {{"order accepted", "cache"}};
    filter.function.accepts = [](std::string_view name) { return !name.empty(); };
    (void)view.lines(filter, {});
    (void)view.top({}, logs::Field::Instance, 3);
    (void)view.countByTime({}, SystemTime{}, std::chrono::hours(1), 4);
    (void)view.each({}, logs::Order::OldestFirst, [](const logs::LineView& line) { return line.message.size() != 99; });
}

inline void surviveFrame(std::string_view payload) {
    std::string bytes = logs::frame::fileHeader(7);
    const auto start = bytes.size();
    logs::frame::appendPayload(payload, 7, bytes);
    if (logs::frame::check(std::string_view(bytes).substr(start), 7) == 0) {
        return;
    }
    askAll(kLogPath, std::move(bytes));
}

inline void surviveDetails(std::string_view details) {
    std::string bytes = "HSLOGS\x01\n";
    logs::Compressor compressor(1);
    logs::SegmentSummary summary;
    summary.firstSequence = 1;
    summary.lastSequence = 100;
    summary.maxTime = SystemTime{std::chrono::hours(2)};
    summary.lines = 100;
    logs::appendSegmentEnd(details, bytes.size(), summary, compressor, bytes);
    askAll(kSegmentPath, std::move(bytes));
}

// The parts stand behind each other: two bytes with the size of the first, two with that of the second.
inline void surviveBlock(std::string_view parts) {
    ByteReader in(parts);
    const std::size_t first = in.fixed<std::uint16_t>();
    const std::size_t second = in.fixed<std::uint16_t>();
    logs::BlockInfo info;
    info.span.firstSequence = 1;
    info.span.lines = in.byte();
    info.span.lastSequence = info.span.lines;
    info.messageBytes = in.fixed<std::uint16_t>();
    logs::Compressor compressor(1);
    std::string bytes;
    const auto pack = [&](std::size_t part, std::string_view raw) {
        info.sizes[part] = compressor.append(raw, bytes);
        info.rawSizes[part] = static_cast<std::uint32_t>(raw.size());
    };
    pack(0, in.bytes(std::min(first, in.left())));
    pack(1, in.bytes(std::min(second, in.left())));
    pack(2, in.bytes(in.left()));
    info.crc = crc32c(bytes);
    const MemoryFile file(bytes);
    const logs::Names names{{"f", "g"}, {"q"}, {"i", "j", "k"}};
    logs::BlockReader reader;
    logs::DecodedLines lines;
    (void)(reader.readFields(file, info, names, lines) && reader.readMessages(info, lines));
}

// A byte with half the number of terms, then a group as it is unpacked.
inline void surviveTerms(std::string_view bytesOfGroup) {
    const auto raw = bytesOfGroup.substr(bytesOfGroup.empty() ? 0 : 1);
    logs::Compressor compressor(1);
    std::string bytes;
    logs::TermGroup group;
    group.terms = bytesOfGroup.empty() ? 0 : static_cast<unsigned char>(bytesOfGroup.front()) * 2U;
    group.size = compressor.append(raw, bytes);
    group.rawSize = static_cast<std::uint32_t>(raw.size());
    group.crc = crc32c(bytes);
    const MemoryFile file(bytes);
    const std::vector<logs::TermGroup> groups = {group};
    for (const std::size_t blocks : {1U, 70U}) {
        logs::TermIndexReader reader(file, groups, blocks);
        for (const logs::Term term : {0U, 1U, 5U, 1000U, logs::kFirstHash}) {
            (void)reader.find(term);
        }
    }
}

// What is wrong with a message that went to disk and back; nothing else here has a right answer.
inline std::string surviveMessage(std::string_view bytes) {
    const auto request = bytes.substr(0, bytes.size() / 3);
    std::string text;
    std::string ids;
    logs::encodeMessage(bytes, request, text, ids);
    ByteReader textReader(text);
    ByteReader idReader(ids);
    std::string back(bytes.size(), '?');
    return logs::decodeMessage(textReader, idReader, request, back.data(), back.size()) && back == bytes
               ? ""
               : "a message does not come back";
}

// Empty, or what is wrong.
inline std::string brokenLogsBy(std::string_view bytes) {
    if (bytes.empty()) {
        return {};
    }
    const auto rest = bytes.substr(1);
    switch (static_cast<unsigned char>(bytes.front()) % 7) {
        case 0:
            surviveFrame(rest);
            return {};
        case 1:
            surviveDetails(rest);
            return {};
        case 2:
            surviveBlock(rest);
            return {};
        case 3:
            surviveTerms(rest);
            return {};
        case 4:
            return surviveMessage(rest);
        case 5:
            askAll(kLogPath, std::string(rest));
            return {};
        default:
            askAll(kSegmentPath, std::string(rest));
            return {};
    }
}

}  // namespace hanshu::test
