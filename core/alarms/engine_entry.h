// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the engine knows of one rule; for its own files alone.
#pragma once

#include "alarms/engine.h"

namespace hanshu::alarms {

struct Engine::Entry {
    AlarmRule rule;
    std::optional<Composite> composite;
    Hours hours{{}};
    std::size_t rank = 0;     // of composites: after those they are made of
    bool isReported = false;  // by report(): never due
    SystemTime evaluatedUntil;
    std::map<SeriesKey, SeriesState> series;
    std::vector<Silence> silences;
    std::string error;
    std::string description;
    Coverage coverage;
    std::uint64_t savedDigest = 0;  // of what the store has; 0: nothing

    [[nodiscard]] bool isSilenced(const SeriesKey& key, SystemTime at) const {
        const auto isAsked = std::ranges::any_of(silences, [&](const Silence& silence) {
            return at < silence.until && (!silence.series || *silence.series == key);
        });
        return isAsked || !hours.contain(at);
    }
};

// The start of the period that goes on.
[[nodiscard]] inline SystemTime floorTo(SystemTime time, std::chrono::seconds period) noexcept {
    const auto micros = std::chrono::microseconds(period).count();
    const auto since = time.time_since_epoch().count();
    return SystemTime{std::chrono::microseconds(since - ((since % micros) + micros) % micros)};
}

}  // namespace hanshu::alarms
