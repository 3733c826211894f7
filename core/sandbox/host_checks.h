// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What can be found out about this host by trying. Blocks for some ms; any thread.
#pragma once

#include "base/result.h"

#include <string>

namespace hanshu::sandbox {

// Absolute path of bubblewrap; empty where it is not installed.
[[nodiscard]] std::string findBubblewrap();
// Runs /bin/true the way functions are run. The error's detail is bubblewrap's own words.
[[nodiscard]] Result<void> tryBubblewrap(const std::string& path);

}  // namespace hanshu::sandbox
