// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The text of messages: templates with {placeholders}, and the usual ones. Pure; any thread.
//
//   {rule} {id} {event} {state} {severity} {condition} {metric} {operator} {threshold} {value}
//   {series} {account} {function} {qualifier} {detail} {time} {since} {late} {labels} {label.NAME}
//
// `{{` and `}}` are braces. What there is nothing to say of is empty; a value without data is "no data".
#pragma once

#include "alarms/notice.h"

namespace hanshu::alarms {

// InvalidArgument with `message`: a brace without its other, or a name that there is not.
[[nodiscard]] Result<void> checkPlaceholders(std::string_view text);
// Leaves what is wrong as it is written.
[[nodiscard]] std::string fillIn(std::string_view text, const Notice& notice);

[[nodiscard]] std::string titleOf(const Notice& notice);
[[nodiscard]] std::string textOf(const Notice& notice);
// Of several at once: "7 alarms: 5 fired, 2 resolved", and a line for each of the first kMaxTold.
inline constexpr std::size_t kMaxTold = 20;
[[nodiscard]] std::string titleOf(const Message& message);
[[nodiscard]] std::string textOf(const Message& message);
[[nodiscard]] Severity severityOf(const Message& message);  // the worst
[[nodiscard]] bool isOver(const Message& message);          // nothing in it fires

[[nodiscard]] std::string formatNumber(double value);  // 0.25, 12, 1.5e+09, inf
// account/function:qualifier (detail), without what is empty; `all series` when all is.
[[nodiscard]] std::string formatSeries(const SeriesKey& series);

}  // namespace hanshu::alarms
