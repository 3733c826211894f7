// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The frames of a file that lines are appended to: each is a batch with a checksum of its own, so that a file that ends
// in the middle of a write, or has a damaged piece, loses that piece alone. Any thread; values.
//
//   file:    magic (8) salt (8) crc32c of both (4) frame…
//   frame:   magic (4) crc32c of salt, size and payload (4) size of the payload (4) payload
//   payload: lines; each line's fields only where they differ from those of the line before
//
// The salt is random: without it, a message could hold the bytes of a frame, and would become lines when the frames
// around it are damaged.
#pragma once

#include "logs/line.h"

#include <optional>
#include <span>
#include <vector>

namespace hanshu::logs {

// Lines whose texts lie in `buffer`; messages at rising addresses, none overlapping.
struct DecodedLines {
    DecodedLines() = default;
    DecodedLines(const DecodedLines&) = delete;
    DecodedLines& operator=(const DecodedLines&) = delete;
    std::string buffer;
    std::vector<LineView> lines;
};

namespace frame {

inline constexpr std::size_t kFileHeaderSize = 20;
inline constexpr std::size_t kHeaderSize = 12;
// A batch is split into frames of about this many bytes: what a reader has to take at once.
inline constexpr std::size_t kTargetSize = 64U << 10U;
// What a frame may have at most: the target and one line with all its fields.
inline constexpr std::size_t kMaxSize = kTargetSize + kMaxMessageBytes + 8 * kMaxFieldBytes;

[[nodiscard]] std::string fileHeader(std::uint64_t salt);
// The salt; nothing when the header is damaged.
[[nodiscard]] std::optional<std::uint64_t> readFileHeader(std::string_view bytes);

// Appends one frame of the first lines, and returns how many it took.
std::size_t append(std::span<const LineView> lines, std::uint64_t salt, std::string& out);

// Any bytes as a frame with a right checksum, for fuzzers.
void appendPayload(std::string_view payload, std::uint64_t salt, std::string& out);

// The size of the whole frame that starts here, checked against its checksum; 0 when there is none.
[[nodiscard]] std::size_t check(std::string_view bytes, std::uint64_t salt);
// Appends the lines of a checked frame. False: it is malformed all the same.
[[nodiscard]] bool read(std::string_view frame, std::vector<LineView>& lines);

}  // namespace frame
}  // namespace hanshu::logs
