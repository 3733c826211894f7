// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "logs/frame.h"

#include "base/bytes.h"
#include "base/crc32c.h"

namespace hanshu::logs::frame {
namespace {

constexpr std::string_view kFileMagic = "HSLOGF\x01\n";
constexpr std::uint32_t kMagic = 0x9D4C5348;

// Which fields are those of the line before.
constexpr unsigned kSameFunction = 1;
constexpr unsigned kSameQualifier = 2;
constexpr unsigned kSameInstance = 4;
constexpr unsigned kSameRequest = 8;

std::uint32_t checksum(std::uint64_t salt, std::string_view sizeAndPayload) {
    char bytes[sizeof salt];
    std::memcpy(bytes, &salt, sizeof salt);
    return crc32c(sizeAndPayload, crc32c({bytes, sizeof bytes}));
}

void writeLine(const LineView& line, const LineView& before, ByteWriter& out) {
    const auto same = (line.function == before.function ? kSameFunction : 0U) |
                      (line.qualifier == before.qualifier ? kSameQualifier : 0U) |
                      (line.instance == before.instance ? kSameInstance : 0U) |
                      (line.requestId == before.requestId ? kSameRequest : 0U);
    out.varint(line.sequence - before.sequence);
    out.zigzag((line.time - before.time).count());
    out.byte(static_cast<std::uint8_t>(static_cast<unsigned>(line.level) | static_cast<unsigned>(line.stream) << 4U));
    out.byte(static_cast<std::uint8_t>(same));
    if ((same & kSameFunction) == 0) {
        out.text(line.function);
    }
    if ((same & kSameQualifier) == 0) {
        out.text(line.qualifier);
    }
    if ((same & kSameInstance) == 0) {
        out.text(line.instance);
    }
    if ((same & kSameRequest) == 0) {
        out.text(line.requestId);
    }
    out.text(line.message);
}

bool readLine(ByteReader& in, LineView& line) {
    const auto step = in.varint();
    line.sequence += step;
    line.time = wrappingAdd(line.time, in.zigzag());
    const auto kind = in.byte();
    const auto same = in.byte();
    line.level = static_cast<Level>(kind & 0xFU);
    line.stream = static_cast<Stream>(kind >> 4U);
    if ((same & kSameFunction) == 0) {
        line.function = in.text();
    }
    if ((same & kSameQualifier) == 0) {
        line.qualifier = in.text();
    }
    if ((same & kSameInstance) == 0) {
        line.instance = in.text();
    }
    if ((same & kSameRequest) == 0) {
        line.requestId = in.text();
    }
    line.message = in.text();
    return in.ok() && step > 0 && (kind & 0xFU) < kLevels && kind >> 4U < kStreams;
}

// Fills in the header of the frame that starts there and ends here.
void finish(std::size_t start, std::uint64_t salt, std::string& out) {
    const auto size = static_cast<std::uint32_t>(out.size() - start - kHeaderSize);
    std::memcpy(out.data() + start, &kMagic, 4);
    std::memcpy(out.data() + start + 8, &size, 4);
    const auto crc = checksum(salt, std::string_view(out).substr(start + 8));
    std::memcpy(out.data() + start + 4, &crc, 4);
}

}  // namespace

std::string fileHeader(std::uint64_t salt) {
    std::string out(kFileMagic);
    ByteWriter writer(out);
    writer.fixed(salt);
    writer.fixed(crc32c(out));
    return out;
}

std::optional<std::uint64_t> readFileHeader(std::string_view bytes) {
    ByteReader in(bytes);
    const auto magic = in.bytes(kFileMagic.size());
    const auto salt = in.fixed<std::uint64_t>();
    const auto crc = in.fixed<std::uint32_t>();
    if (!in.ok() || magic != kFileMagic || crc != crc32c(bytes.substr(0, kFileHeaderSize - sizeof crc))) {
        return std::nullopt;
    }
    return salt;
}

std::size_t append(std::span<const LineView> lines, std::uint64_t salt, std::string& out) {
    const auto start = out.size();
    out.append(kHeaderSize, '\0');
    ByteWriter writer(out);
    LineView before;
    std::size_t taken = 0;
    while (taken < lines.size() && out.size() - start < kTargetSize) {
        writeLine(lines[taken], before, writer);
        before = lines[taken++];
    }
    finish(start, salt, out);
    return taken;
}

void appendPayload(std::string_view payload, std::uint64_t salt, std::string& out) {
    const auto start = out.size();
    out.append(kHeaderSize, '\0');
    out += payload;
    finish(start, salt, out);
}

std::size_t check(std::string_view bytes, std::uint64_t salt) {
    ByteReader in(bytes);
    const auto magic = in.fixed<std::uint32_t>();
    const auto crc = in.fixed<std::uint32_t>();
    const auto size = in.fixed<std::uint32_t>();
    if (!in.ok() || magic != kMagic || size > in.left() || size > kMaxSize) {
        return 0;
    }
    return crc == checksum(salt, bytes.substr(8, sizeof size + size)) ? kHeaderSize + size : 0;
}

bool read(std::string_view bytes, std::vector<LineView>& lines) {
    ByteReader in(bytes.substr(kHeaderSize));
    LineView line;
    while (in.left() > 0) {
        if (!readLine(in, line)) {
            return false;
        }
        lines.push_back(line);
    }
    return true;
}

}  // namespace hanshu::logs::frame
