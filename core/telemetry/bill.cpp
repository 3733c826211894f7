// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "telemetry/recorder.h"

namespace hanshu::telemetry {

Bill billFor(std::chrono::microseconds run, int memoryMb) {
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(std::max(run, std::chrono::microseconds{0}));
    const auto milliseconds = static_cast<double>(whole.count());
    return {milliseconds, milliseconds / 1000.0 * static_cast<double>(std::max(memoryMb, 0)) / 1024.0};
}

}  // namespace hanshu::telemetry
