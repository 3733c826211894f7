// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Makes the zip of a folder, the same bytes each time for the same files. Blocks, so away from the GUI thread.
#pragma once

#include "deploy/source.h"

#include <atomic>
#include <functional>

namespace hanshu::deploy {

// Writes the files of a folder to `zipPath`. `progress` gets the number of files done, on the calling thread. Stops
// with Code::Cancelled when `cancelled` becomes true. Errors as of readSource.
[[nodiscard]] Result<void> writeZip(const Source& source, const QString& zipPath,
                                    const std::function<void(int)>& progress, const std::atomic<bool>& cancelled);

}  // namespace hanshu::deploy
