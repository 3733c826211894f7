// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which files of a store count: replaced as a whole with each change, so that a change happens or doesn't. Values; any
// thread.
//
//   file: magic (8), crc32c of the rest (4), next id, segments: id, level, start, whether it is rolled up, bytes; ids
//   of
//         journals that are in segments
#pragma once

#include "base/file_ops.h"
#include "metrics/period.h"

#include <optional>

namespace hanshu::metrics {

struct SegmentEntry {
    std::uint64_t id = 0;
    Level level = Level::TenSeconds;
    Period start = 0;
    bool isRolledUp = false;  // what it holds is in coarser files, too
    std::uint64_t bytes = 0;

    [[nodiscard]] Period end() const noexcept { return start + shapeOf(level).span; }
    bool operator==(const SegmentEntry&) const = default;
};
[[nodiscard]] std::string segmentName(std::uint64_t id);

struct Manifest {
    std::uint64_t nextId = 1;
    std::vector<SegmentEntry> segments;
    std::vector<std::uint64_t> sealedJournals;  // whose files may still be there

    bool operator==(const Manifest&) const = default;
};

[[nodiscard]] std::string manifestBytes(const Manifest& manifest);
// Nothing: it is damaged.
[[nodiscard]] std::optional<Manifest> readManifest(std::string_view bytes);

// Replaces the folder's; on disk when it returns.
[[nodiscard]] Result<void> saveManifest(FileOps& files, const std::string& folder, const Manifest& manifest);
inline constexpr std::string_view kManifestName = "manifest";

}  // namespace hanshu::metrics
