// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "metrics/manifest.h"

#include "base/bytes.h"
#include "base/crc32c.h"

#include <fmt/format.h>
#include <cerrno>

namespace hanshu::metrics {
namespace {

constexpr std::string_view kMagic = "HSMETM\x01\n";

}  // namespace

std::string segmentName(std::uint64_t id) {
    return fmt::format("{:020}.seg", id);
}

std::string manifestBytes(const Manifest& manifest) {
    std::string body;
    ByteWriter out(body);
    out.varint(manifest.nextId);
    out.varint(manifest.segments.size());
    for (const auto& segment : manifest.segments) {
        out.varint(segment.id);
        out.byte(
            static_cast<std::uint8_t>(static_cast<unsigned>(segment.level) << 1U | (segment.isRolledUp ? 1U : 0U)));
        out.zigzag(segment.start);
        out.varint(segment.bytes);
    }
    out.varint(manifest.sealedJournals.size());
    for (const auto id : manifest.sealedJournals) {
        out.varint(id);
    }
    std::string bytes(kMagic);
    ByteWriter(bytes).fixed(crc32c(body));
    return bytes + body;
}

std::optional<Manifest> readManifest(std::string_view bytes) {
    ByteReader in(bytes);
    const auto magic = in.bytes(kMagic.size());
    const auto crc = in.fixed<std::uint32_t>();
    if (!in.ok() || magic != kMagic || crc32c(bytes.substr(bytes.size() - in.left())) != crc) {
        return std::nullopt;
    }
    Manifest manifest;
    manifest.nextId = in.varint();
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        SegmentEntry segment;
        segment.id = in.varint();
        const auto levelAndFlag = in.byte();
        segment.level = static_cast<Level>(levelAndFlag >> 1U);
        segment.isRolledUp = (levelAndFlag & 1U) != 0;
        segment.start = in.zigzag();
        segment.bytes = in.varint();
        if (levelAndFlag >> 1U >= kLevels || segment.start < -kMaxPeriod || segment.start > kMaxPeriod) {
            return std::nullopt;
        }
        manifest.segments.push_back(segment);
    }
    for (auto left = in.varint(); left > 0 && in.ok(); --left) {
        manifest.sealedJournals.push_back(in.varint());
    }
    return in.ok() && in.left() == 0 ? std::optional(std::move(manifest)) : std::nullopt;
}

Result<void> saveManifest(FileOps& files, const std::string& folder, const Manifest& manifest) {
    const auto path = folder + "/" + std::string(kManifestName);
    const auto temporary = path + ".tmp";
    std::unique_ptr<File> file;
    auto error = files.create(temporary, file);
    if (error == EEXIST) {
        (void)files.unlink(temporary);
        error = files.create(temporary, file);
    }
    if (error == 0) {
        error = file->append(manifestBytes(manifest));
    }
    if (error == 0) {
        error = file->sync();
    }
    if (error == 0) {
        error = files.rename(temporary, path);
    }
    if (error == 0) {
        error = files.syncDirectory(folder);
    }
    return error == 0 ? Result<void>() : fileError("write " + path, error);
}

}  // namespace hanshu::metrics
