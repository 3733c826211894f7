// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What can be asked for in the lists of the product: the same fields in the server, the command line and the console.
// Immutable; any thread.
#pragma once

#include "query/schema.h"

namespace hanshu::query {

// Of log lines. Free text looks in the message.
namespace log_field {
inline constexpr FieldId kTime = 0;
inline constexpr FieldId kLevel = 1;  // choices as logLevels(): none where a line has no level
inline constexpr FieldId kFunction = 2;
inline constexpr FieldId kQualifier = 3;
inline constexpr FieldId kInstance = 4;
inline constexpr FieldId kRequest = 5;
inline constexpr FieldId kStream = 6;
inline constexpr FieldId kMessage = 7;
}  // namespace log_field
[[nodiscard]] const Schema& logSchema();

// Of runs. Free text looks in the error's message and type.
namespace run_field {
inline constexpr FieldId kTime = 0;    // of arrival
inline constexpr FieldId kStatus = 1;  // choices as api::Invocation.status
inline constexpr FieldId kFailed = 2;  // every status but Succeeded
inline constexpr FieldId kFunction = 3;
inline constexpr FieldId kQualifier = 4;
inline constexpr FieldId kVersion = 5;
inline constexpr FieldId kInstance = 6;
inline constexpr FieldId kRequest = 7;
inline constexpr FieldId kType = 8;      // Sync, Async
inline constexpr FieldId kSource = 9;    // choices as api::Invocation.source
inline constexpr FieldId kTrigger = 10;  // its name
inline constexpr FieldId kCold = 11;
inline constexpr FieldId kDuration = 12;  // of the handler
inline constexpr FieldId kQueue = 13;
inline constexpr FieldId kStart = 14;   // the cold start's phases and the wait for an instance together
inline constexpr FieldId kMemory = 15;  // peak
inline constexpr FieldId kBilled = 16;
inline constexpr FieldId kAttempt = 17;  // 0 for the first
inline constexpr FieldId kError = 18;    // its type
inline constexpr FieldId kMessage = 19;
}  // namespace run_field
[[nodiscard]] const Schema& runSchema();

}  // namespace hanshu::query
