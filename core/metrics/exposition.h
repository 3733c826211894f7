// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is live, as text that Prometheus reads: exposition format 0.0.4
// (prometheus.io/docs/instrumenting/exposition_formats). Any thread.
#pragma once

#include "metrics/names.h"
#include "metrics/registry.h"

namespace hanshu::metrics {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

// Calls out(text) for one piece after the other, some 64 KiB each, so that memory does not grow with the series.
// Counters and histograms are since the start of the daemon; histograms as of the last tick. Registrations wait
// meanwhile.
void expose(const Registry& registry, const std::function<void(std::string_view)>& out);

}  // namespace hanshu::metrics
