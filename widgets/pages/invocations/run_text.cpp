// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "pages/invocations/run_text.h"

#include "text/format.h"

#include <numeric>

namespace hanshu::pages {

double PhaseTimes::total() const {
    return std::accumulate(microseconds.begin(), microseconds.end(), 0.0);
}

QString RunText::status(const std::string& status) {
    const std::pair<const char*, QString> known[] = {
        {"Succeeded", tr("Succeeded")},
        {"FunctionError", tr("Function error")},
        {"Timeout", tr("Timed out")},
        {"OutOfMemory", tr("Out of memory")},
        {"Exited", tr("Exited")},
        {"Throttled", tr("Throttled")},
        {"Denied", tr("Denied")},
        {"Disabled", tr("Disabled")},
        {"PlatformError", tr("Platform error")},
        {"Canceled", tr("Cancelled")},
    };
    for (const auto& [name, text] : known) {
        if (status == name) {
            return text;
        }
    }
    return text::fromUtf8(status);
}

theme::Tone RunText::tone(const std::string& status) {
    if (status == "Succeeded") {
        return theme::Tone::Success;
    }
    if (status == "Throttled" || status == "Denied" || status == "Disabled") {
        return theme::Tone::Warning;
    }
    return status == "Canceled" || status.empty() ? theme::Tone::Neutral : theme::Tone::Danger;
}

QString RunText::source(const api::Invocation& run) {
    const std::pair<const char*, QString> known[] = {
        {"api", tr("API")},           {"http", tr("HTTP")},        {"timer", tr("Timer")},
        {"oss", tr("Object upload")}, {"async", tr("Async call")},
    };
    QString text = text::fromUtf8(run.source());
    for (const auto& [name, translated] : known) {
        if (run.source() == name) {
            text = translated;
        }
    }
    return run.trigger_name().empty() ? text : QStringLiteral("%1 · %2").arg(text, text::fromUtf8(run.trigger_name()));
}

QString RunText::startKind(const api::Invocation& run) {
    // What was refused started nothing.
    if (run.instance_id().empty()) {
        return QStringLiteral("–");
    }
    return run.cold_start() ? tr("Cold") : tr("Warm");
}

QString RunText::phase(theme::Phase phase) {
    switch (phase) {
        case theme::Phase::Queue:
            return tr("Queue");
        case theme::Phase::Schedule:
            return tr("Schedule");
        case theme::Phase::Start:
            return tr("Sandbox start");
        case theme::Phase::Init:
            return tr("Init");
        case theme::Phase::Run:
            break;
    }
    return tr("Run");
}

PhaseTimes RunText::phases(const api::Invocation& run) {
    return {{run.queue_us(), run.schedule_us(), run.start_us(), run.init_us(), run.run_us()}};
}

QString RunText::phasesLine(const PhaseTimes& times) {
    QStringList parts;
    for (int i = 0; i < theme::kPhaseCount; ++i) {
        const double value = times.microseconds[static_cast<std::size_t>(i)];
        if (value > 0) {
            parts.append(phase(static_cast<theme::Phase>(i)) + QLatin1Char(' ') + text::Format::duration(value));
        }
    }
    return parts.join(QStringLiteral(" · "));
}

}  // namespace hanshu::pages
