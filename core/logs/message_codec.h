// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The bytes of messages and ids as they are stored: what is random is taken out of the text in its binary form, so that
// what is left compresses. Any thread, each object one at a time.
//
// In a message, these stand for something else; where a message has one of these bytes itself, 4 stands before it:
//   1          the request id of the line
//   2          a UUID in lower case: its 16 bytes are in the stream of ids
//   3 count    2 × count hex digits in lower case: their bytes are in the stream of ids
#pragma once

#include "base/bytes.h"

namespace hanshu::logs {

// Appends the stored form of a message to `text` and `ids`.
void encodeMessage(std::string_view message, std::string_view requestId, std::string& text, std::string& ids);

// Takes a message of exactly `size` bytes. False: the streams don't hold one.
[[nodiscard]] bool decodeMessage(ByteReader& text, ByteReader& ids, std::string_view requestId, char* into,
                                 std::size_t size);

// Ids in forms that are known (request ids and UUIDs) take 16 bytes and a mark; others their text.
void encodeId(std::string_view id, std::string& out);
// Appends the id to `out`.
[[nodiscard]] bool decodeId(ByteReader& in, std::string& out);

}  // namespace hanshu::logs
