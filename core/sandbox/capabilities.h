// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which of root's powers the spawner keeps. For the spawner's one thread only.
#pragma once

#include "base/result.h"

namespace hanshu::sandbox {

// Gives up every capability that the spawner's work does not take, in every set, so that no child can gain it either.
// Of those that it takes it keeps what the caller has.
[[nodiscard]] Result<void> keepNeededCapabilities();

}  // namespace hanshu::sandbox
