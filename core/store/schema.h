// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The numbered migrations of each database, embedded from store/migrations/*.sql. Any thread.
#pragma once

#include "store/database.h"

#include <span>

namespace hanshu::store {

[[nodiscard]] std::span<const Migration> stateMigrations();      // state.db: resources, buckets, objects, events
[[nodiscard]] std::span<const Migration> telemetryMigrations();  // telemetry.db: runs, log lines

}  // namespace hanshu::store
