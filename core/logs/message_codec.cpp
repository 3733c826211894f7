// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/message_codec.h"

#include "logs/hex_runs.h"
#include "logs/line.h"

#include <algorithm>

namespace hanshu::logs {
namespace {

constexpr char kOwnRequest = 1;
constexpr char kUuid = 2;
constexpr char kHexDigits = 3;
constexpr char kLiteral = 4;
constexpr unsigned char kFirstPlain = 5;

// Shorter runs of digits are left to the compressor: taking them out costs a mark and a count.
constexpr std::size_t kMinPackedRun = 16;
constexpr std::size_t kMaxPackedBytes = 127;

constexpr char kDigits[] = "0123456789abcdef";

// Whether any of eight bytes is below 5 (Mycroft's test).
bool hasMark(std::uint64_t word) noexcept {
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    return ((word - kOnes * kFirstPlain) & ~word & (kOnes * 0x80)) != 0;
}

// How many bytes from `at` on are text.
std::size_t plainLength(const char* at, std::size_t limit) noexcept {
    std::size_t length = 0;
    for (; length + 8 <= limit; length += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at + length, 8);
        if (hasMark(word)) {
            break;
        }
    }
    while (length < limit && static_cast<unsigned char>(at[length]) >= kFirstPlain) {
        ++length;
    }
    return length;
}

void packHex(std::string_view digits, std::string& out) {
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        out.push_back(static_cast<char>(kHexValue[static_cast<unsigned char>(digits[i])] << 4U |
                                        kHexValue[static_cast<unsigned char>(digits[i + 1])]));
    }
}

char* unpackHex(std::string_view bytes, char* out) {
    for (const char byte : bytes) {
        *out++ = kDigits[static_cast<unsigned char>(byte) >> 4U];
        *out++ = kDigits[static_cast<unsigned char>(byte) & 0xFU];
    }
    return out;
}

void packUuid(std::string_view uuid, std::string& out) {
    packHex(uuid.substr(0, 8), out);
    packHex(uuid.substr(9, 4), out);
    packHex(uuid.substr(14, 4), out);
    packHex(uuid.substr(19, 4), out);
    packHex(uuid.substr(24), out);
}

void unpackUuid(std::string_view bytes, char* out) {
    out = unpackHex(bytes.substr(0, 4), out);
    for (std::size_t i = 4; i < 10; i += 2) {
        *out++ = '-';
        out = unpackHex(bytes.substr(i, 2), out);
    }
    *out++ = '-';
    unpackHex(bytes.substr(10), out);
}

void writePlain(std::string_view text, std::string& out) {
    while (!text.empty()) {
        const auto plain = plainLength(text.data(), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (!text.empty()) {
            out.push_back(kLiteral);
            out.push_back(text.front());
            text.remove_prefix(1);
        }
    }
}

// A piece of a message without the line's own request id.
void encodePiece(std::string_view piece, std::string& text, std::string& ids) {
    std::size_t done = 0;
    forEachHexRun(piece, [&](std::size_t begin, std::size_t end) {
        const auto run = piece.substr(begin, end - begin);
        if (run.size() == kMinHexRun && begin >= done + kUuidHead) {
            const auto uuid = piece.substr(begin - kUuidHead, kUuidSize);
            if (isUuidHead(uuid.substr(0, kUuidHead)) &&
                std::ranges::none_of(uuid, [](char c) { return c >= 'A' && c <= 'F'; })) {
                writePlain(piece.substr(done, begin - kUuidHead - done), text);
                text.push_back(kUuid);
                packUuid(uuid, ids);
                done = end;
            }
            return;
        }
        if (run.size() < kMinPackedRun || !isLowerHex(run)) {
            return;
        }
        const auto bytes = std::min(run.size() / 2, kMaxPackedBytes);
        writePlain(piece.substr(done, begin - done), text);
        text.push_back(kHexDigits);
        text.push_back(static_cast<char>(bytes));
        packHex(run.substr(0, 2 * bytes), ids);
        done = begin + 2 * bytes;
    });
    writePlain(piece.substr(done), text);
}

// What stands for something else; returns how many bytes it became, 0 when it is malformed.
std::size_t decodeMark(ByteReader& text, ByteReader& ids, std::string_view requestId, char* into, std::size_t room) {
    switch (static_cast<char>(text.byte())) {
        case kOwnRequest:
            if (requestId.size() > room) {
                return 0;
            }
            std::ranges::copy(requestId, into);
            return requestId.size();
        case kUuid: {
            const auto bytes = ids.bytes(kUuidSize <= room ? 16 : 0);
            if (bytes.empty()) {
                return 0;
            }
            unpackUuid(bytes, into);
            return kUuidSize;
        }
        case kHexDigits: {
            const std::size_t count = text.byte();
            const auto bytes = ids.bytes(2 * count <= room ? count : 0);
            unpackHex(bytes, into);
            return 2 * bytes.size();
        }
        case kLiteral:
            *into = static_cast<char>(text.byte());
            return text.ok() ? 1 : 0;
        default:
            return 0;
    }
}

// Kinds of stored ids; a text has its length + kIdText.
constexpr std::uint8_t kIdRequest = 0;
constexpr std::uint8_t kIdUuid = 1;
constexpr std::uint8_t kIdText = 2;

bool isRequestId(std::string_view id) {
    return id.size() == 2 + kRequestIdTail && id.starts_with("1-") && id[10] == '-' && isLowerHex(id.substr(2, 8)) &&
           isLowerHex(id.substr(11));
}

bool isLowerUuid(std::string_view id) {
    return id.size() == kUuidSize && isUuidHead(id.substr(0, kUuidHead)) && isHex(id.substr(kUuidHead)) &&
           std::ranges::none_of(id, [](char c) { return c >= 'A' && c <= 'F'; });
}

}  // namespace

void encodeMessage(std::string_view message, std::string_view requestId, std::string& text, std::string& ids) {
    // A short id may be anywhere by chance, and stands for itself.
    if (requestId.size() >= 8) {
        for (auto at = message.find(requestId); at != std::string_view::npos; at = message.find(requestId)) {
            encodePiece(message.substr(0, at), text, ids);
            text.push_back(kOwnRequest);
            message.remove_prefix(at + requestId.size());
        }
    }
    encodePiece(message, text, ids);
}

bool decodeMessage(ByteReader& text, ByteReader& ids, std::string_view requestId, char* into, std::size_t size) {
    while (size > 0) {
        const auto plain = text.plain(size, plainLength);
        std::memcpy(into, plain.data(), plain.size());
        into += plain.size();
        size -= plain.size();
        if (size == 0) {
            break;
        }
        const auto made = decodeMark(text, ids, requestId, into, size);
        if (made == 0 || !text.ok() || !ids.ok()) {
            return false;
        }
        into += made;
        size -= made;
    }
    return true;
}

void encodeId(std::string_view id, std::string& out) {
    ByteWriter writer(out);
    if (isRequestId(id)) {
        writer.byte(kIdRequest);
        packHex(id.substr(2, 8), out);
        packHex(id.substr(11), out);
    } else if (isLowerUuid(id)) {
        writer.byte(kIdUuid);
        packUuid(id, out);
    } else {
        writer.varint(id.size() + kIdText);
        out.append(id);
    }
}

bool decodeId(ByteReader& in, std::string& out) {
    const auto kind = in.varint32(kMaxFieldBytes + kIdText);
    const auto start = out.size();
    if (kind >= kIdText) {
        out.append(in.bytes(kind - kIdText));
        return in.ok();
    }
    const auto bytes = in.bytes(16);
    if (!in.ok()) {
        return false;
    }
    if (kind == kIdUuid) {
        out.resize(start + kUuidSize);
        unpackUuid(bytes, out.data() + start);
    } else {
        out.resize(start + 2 + kRequestIdTail);
        auto* at = out.data() + start;
        *at++ = '1';
        *at++ = '-';
        at = unpackHex(bytes.substr(0, 4), at);
        *at++ = '-';
        unpackHex(bytes.substr(4), at);
    }
    return true;
}

}  // namespace hanshu::logs
