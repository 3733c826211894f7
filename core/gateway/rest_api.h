// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Function Compute's REST API (/2023-03-30/…), function URLs (/fn/{triggerId}/…), /healthz, /readyz, /metrics: one
// Handler. Any io thread.
#pragma once

#include "base/http.h"
#include "gateway/rooms.h"

namespace hanshu::gateway {

[[nodiscard]] http::Handler makeRestApi(const Rooms& rooms);

}  // namespace hanshu::gateway
