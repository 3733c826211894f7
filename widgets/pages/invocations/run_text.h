// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The words and tones for how a run went and where its time went. GUI thread.
#pragma once

#include "invocation.pb.h"
#include "theme/tokens.h"

#include <QCoreApplication>
#include <QMetaType>
#include <QString>
#include <array>

namespace hanshu::pages {

// Microseconds by theme::Phase.
struct PhaseTimes {
    std::array<double, theme::kPhaseCount> microseconds{};
    [[nodiscard]] double total() const;
    [[nodiscard]] bool operator==(const PhaseTimes&) const = default;
};

class RunText {
    Q_DECLARE_TR_FUNCTIONS(RunText)

public:
    [[nodiscard]] static QString status(const std::string& status);
    [[nodiscard]] static theme::Tone tone(const std::string& status);
    [[nodiscard]] static QString source(const api::Invocation& run);
    [[nodiscard]] static QString startKind(const api::Invocation& run);
    [[nodiscard]] static QString phase(theme::Phase phase);
    [[nodiscard]] static PhaseTimes phases(const api::Invocation& run);
    // "Queue 3 ms · Run 20 ms": the phases that took time.
    [[nodiscard]] static QString phasesLine(const PhaseTimes& times);
};

}  // namespace hanshu::pages

Q_DECLARE_METATYPE(hanshu::pages::PhaseTimes)
