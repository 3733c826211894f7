// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Whether a moment lies within the hours of a rule, in their zone. Any thread.
#pragma once

#include "alarms/rule.h"

namespace date {
class time_zone;
}

namespace hanshu::alarms {

[[nodiscard]] bool isZone(std::string_view name);

class Hours {
public:
    // Of a rule that was validated; a zone that the system's time zones have lost since then is taken for UTC.
    explicit Hours(const std::vector<EffectiveHours>& hours);

    [[nodiscard]] bool contain(SystemTime time) const;

private:
    struct Span {
        EffectiveHours hours;
        const date::time_zone* zone;
    };
    std::vector<Span> m_spans;
};

}  // namespace hanshu::alarms
