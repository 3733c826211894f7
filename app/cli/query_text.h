// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a filter's text needs of this machine. Any thread.
#pragma once

#include <string>

namespace hanshu::cli {

// The IANA name of the zone in which times are shown here; empty where it has none that is known: then UTC.
[[nodiscard]] std::string localZone();

}  // namespace hanshu::cli
