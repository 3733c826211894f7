// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The system calls that code inside a sandbox may make. Built once, by the spawner.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace hanshu::sandbox {

// A sealed memory file with the filter as bubblewrap takes it. An allow-list: what is not on it fails with EPERM;
// calls newer than the list fail with ENOSYS, as on an older kernel, so that programs fall back.
[[nodiscard]] Result<UniqueFd> makeSeccompFilter();

}  // namespace hanshu::sandbox
