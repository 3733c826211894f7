// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/schema.h"

#include "base/embedded.h"

#include <array>

namespace hanshu::store {
namespace {

HANSHU_EMBEDDED(state001, state_001_resources_and_events_sql)
HANSHU_EMBEDDED(state002, state_002_objects_sql)
HANSHU_EMBEDDED(state003, state_003_revisions_sql)
HANSHU_EMBEDDED(telemetry001, telemetry_001_runs_sql)
HANSHU_EMBEDDED(telemetry002, telemetry_002_run_fields_sql)

}  // namespace

std::span<const Migration> stateMigrations() {
    static const std::array migrations{
        Migration{1, state001()},
        Migration{2, state002()},
        Migration{3, state003()},
    };
    return migrations;
}

std::span<const Migration> telemetryMigrations() {
    static const std::array migrations{
        Migration{1, telemetry001()},
        Migration{2, telemetry002()},
    };
    return migrations;
}

}  // namespace hanshu::store
