// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which blocks of a segment may hold lines that a filter wants, by its index. One thread at a time.
#pragma once

#include "logs/filter.h"
#include "logs/segment.h"

namespace hanshu::logs {

// `damage` is called for every group of terms that can't be read: what it would have excluded stays in.
[[nodiscard]] BlockSet candidateBlocks(const SegmentDetails& details, const Filter& filter,
                                       const std::function<void()>& damage);

}  // namespace hanshu::logs
