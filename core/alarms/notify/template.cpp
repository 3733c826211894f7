// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "alarms/notify/template.h"

#include "alarms/composite.h"
#include "base/time_format.h"

#include <cmath>

namespace hanshu::alarms {
namespace {

constexpr std::string_view kLabel = "label.";

[[nodiscard]] std::string labelsOf(const Notice& notice) {
    std::string text;
    for (const auto& [key, value] : notice.labels) {
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", key, value);
    }
    return text;
}

struct Placeholder {
    std::string_view name;
    std::string (*value)(const Notice&);
};

const std::array kPlaceholders = std::to_array<Placeholder>({
    {"rule", [](const Notice& n) { return n.name; }},
    {"id", [](const Notice& n) { return n.rule.value; }},
    {"event", [](const Notice& n) { return std::string(nameOf(n.event)); }},
    {"state", [](const Notice& n) { return std::string(nameOf(n.state)); }},
    {"severity", [](const Notice& n) { return std::string(nameOf(n.severity)); }},
    {"condition", [](const Notice& n) { return n.condition; }},
    {"metric", [](const Notice& n) { return n.metric; }},
    {"operator", [](const Notice& n) { return std::string(nameOf(n.op)); }},
    {"threshold", [](const Notice& n) { return formatNumber(n.threshold); }},
    {"value", [](const Notice& n) { return n.value ? formatNumber(*n.value) : std::string("no data"); }},
    {"series", [](const Notice& n) { return formatSeries(n.series); }},
    {"account", [](const Notice& n) { return n.series[0]; }},
    {"function", [](const Notice& n) { return n.series[1]; }},
    {"qualifier", [](const Notice& n) { return n.series[2]; }},
    {"detail", [](const Notice& n) { return n.series[3]; }},
    {"time", [](const Notice& n) { return formatRfc3339(n.time); }},
    {"since", [](const Notice& n) { return formatRfc3339(n.since); }},
    {"late", [](const Notice& n) { return std::string(n.isLate ? "late" : ""); }},
    {"labels", labelsOf},
});

[[nodiscard]] std::optional<std::string> valueOf(std::string_view name, const Notice& notice) {
    if (name.starts_with(kLabel) && isName(name.substr(kLabel.size()))) {
        const auto found = notice.labels.find(std::string(name.substr(kLabel.size())));
        return found == notice.labels.end() ? std::string() : found->second;
    }
    const auto found = std::ranges::find(kPlaceholders, name, &Placeholder::name);
    return found == kPlaceholders.end() ? std::nullopt : std::optional(found->value(notice));
}

// Calls text(piece) and name(placeholder), and wrong(offset) for a brace that stands alone.
template <class Text, class Name, class Wrong>
void split(std::string_view all, Text&& text, Name&& name, Wrong&& wrong) {
    for (std::size_t at = 0; at < all.size();) {
        const auto brace = std::min(all.find_first_of("{}", at), all.size());
        text(all.substr(at, brace - at));
        if (brace == all.size()) {
            return;
        }
        if (brace + 1 < all.size() && all[brace + 1] == all[brace]) {
            text(all.substr(brace, 1));
            at = brace + 2;
            continue;
        }
        const auto end = all[brace] == '{' ? all.find_first_of("{}", brace + 1) : std::string_view::npos;
        if (end == std::string_view::npos || all[end] != '}') {
            wrong(brace);
            text(all.substr(brace, 1));
            at = brace + 1;
            continue;
        }
        name(all.substr(brace + 1, end - brace - 1));
        at = end + 1;
    }
}

[[nodiscard]] std::string_view headlineOf(Event event) {
    switch (event) {
        case Event::Fired:
            return "Firing";
        case Event::StillFiring:
            return "Still firing";
        case Event::Resolved:
            return "Resolved";
        case Event::Flapping:
            return "Flapping";
        case Event::DeliveryFailed:
            return "Notification failed";
        case Event::DeliveryWorks:
            return "Notification works again";
        case Event::Test:
            return "Test";
    }
    return "";
}

}  // namespace

Result<void> checkPlaceholders(std::string_view text) {
    Result<void> result;
    const auto refuse = [&](std::string problem) {
        if (result) {
            result = fail(Code::InvalidArgument, "InvalidTemplate", {{"message", std::move(problem)}});
        }
    };
    split(
        text, [](std::string_view) {},
        [&](std::string_view name) {
            if (!valueOf(name, Notice{})) {
                refuse(fmt::format(
                    "must not have the placeholder {{{}}}, which there is not; for braces write {{{{ and }}}}", name));
            }
        },
        [&](std::size_t at) {
            refuse(
                fmt::format("must not have a single brace (at character {}); for braces write {{{{ and }}}}", at + 1));
        });
    return result;
}

std::string fillIn(std::string_view text, const Notice& notice) {
    std::string filled;
    split(
        text, [&](std::string_view piece) { filled += piece; },
        [&](std::string_view name) {
            const auto value = valueOf(name, notice);
            filled += value ? *value : fmt::format("{{{}}}", name);
        },
        [](std::size_t) {});
    return filled;
}

std::string titleOf(const Notice& notice) {
    if (!notice.title.empty()) {
        return fillIn(notice.title, notice);
    }
    return fmt::format("[{}] {}: {}", nameOf(notice.severity), headlineOf(notice.event), notice.name);
}

std::string textOf(const Notice& notice) {
    if (!notice.text.empty()) {
        return fillIn(notice.text, notice);
    }
    if (notice.event == Event::Test) {
        return "This is a test. Alarms reach this channel.";
    }
    if (notice.event == Event::DeliveryFailed || notice.event == Event::DeliveryWorks) {
        return fillIn(
            notice.event == Event::DeliveryFailed
                ? "The channel {detail} takes no notifications: what it was to be told is lost. Since {since}."
                : "The channel {detail} takes notifications again.",
            notice);
    }
    auto text = fillIn("{series}: {value}\n{condition}\nSince {since}", notice);
    if (notice.event == Event::Flapping) {
        text += "\nIt comes and goes; nothing more is told until it has been calm for a while.";
    }
    if (notice.isLate) {
        text += "\nTold late: nobody was watching at that time.";
    }
    if (!notice.labels.empty()) {
        text += "\n" + labelsOf(notice);
    }
    return text;
}

std::string titleOf(const Message& message) {
    if (message.notices.size() == 1) {
        return titleOf(message.notices.front());
    }
    std::map<Event, std::size_t> counts;
    for (const auto& notice : message.notices) {
        ++counts[notice.event];
    }
    std::string parts;
    for (const auto& [event, count] : counts) {
        parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", count, nameOf(event));
    }
    return fmt::format("[{}] {} alarms: {}", nameOf(severityOf(message)), message.notices.size(), parts);
}

std::string textOf(const Message& message) {
    if (message.notices.size() == 1) {
        return textOf(message.notices.front());
    }
    std::string text;
    for (std::size_t i = 0; i < std::min(message.notices.size(), kMaxTold); ++i) {
        const auto& notice = message.notices[i];
        text += fmt::format("{}{}; {}", i == 0 ? "" : "\n", titleOf(notice),
                            fillIn("{series}: {value} ({condition})", notice));
    }
    if (message.notices.size() > kMaxTold) {
        text += fmt::format("\n… and {} more", message.notices.size() - kMaxTold);
    }
    return text;
}

Severity severityOf(const Message& message) {
    auto worst = Severity::Info;
    for (const auto& notice : message.notices) {
        worst = std::max(worst, notice.severity);
    }
    return worst;
}

bool isOver(const Message& message) {
    return std::ranges::all_of(message.notices, [](const Notice& notice) {
        return notice.event == Event::Resolved || notice.event == Event::DeliveryWorks || notice.event == Event::Test;
    });
}

std::string formatNumber(double value) {
    // Values are measured, not computed with: six digits say it.
    return fmt::format("{:.6g}", value);
}

std::string formatSeries(const SeriesKey& series) {
    const auto& [account, function, qualifier, detail] = series;
    auto text = account.empty() || function.empty() ? account + function : account + "/" + function;
    if (!qualifier.empty()) {
        text += ":" + qualifier;
    }
    if (!detail.empty()) {
        text += text.empty() ? detail : fmt::format(" ({})", detail);
    }
    return text.empty() ? "all series" : text;
}

}  // namespace hanshu::alarms
