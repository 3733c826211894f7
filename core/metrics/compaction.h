// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Several files as one of a coarser or longer level: journals as a segment, segments as a larger one. One thread at a
// time; reads and writes block. Holds a page of each file, whatever their size.
#pragma once

#include "metrics/journal.h"
#include "metrics/segment.h"

namespace hanshu::metrics {

struct Compaction {
    // What goes in, the oldest first. Samples of the same time become one.
    std::vector<std::shared_ptr<Journal>> journals;
    std::vector<SegmentReader> segments;

    Level level = Level::TenSeconds;
    Period start = 0;
    std::uint64_t id = 0;
};

// Writes the segment, and returns its size. On disk when it returns, but for the name; after a failure there may be
// half of it. `damage` gets a line for each piece that had to be left out; a read that fails is a failure.
[[nodiscard]] Result<std::uint64_t> compact(const Compaction& what, FileOps& files, const std::string& path,
                                            std::vector<std::string>& damage);

}  // namespace hanshu::metrics
