// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a process of the daemon takes, by /proc (proc(5)). One thread at a time for each process.
#pragma once

#include "metrics/registry.h"

#include <sys/types.h>
#include <string_view>

namespace hanshu::node {

// Resident memory, CPU time since the last sample, threads and open descriptors, under `process`. What can't be read
// has no data.
void sampleProcess(metrics::Registry& registry, std::string_view process, pid_t pid);

}  // namespace hanshu::node
