// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a resource must be before it is kept: every violation at once. Ranges and names are those of the reference
// (resources/docs/api.md lists them). Any thread.
#pragma once

#include "api/json.h"
#include "base/result.h"
#include "function.pb.h"
#include "grant.pb.h"
#include "trigger.pb.h"

#include <string_view>

namespace hanshu::api {

// `[A-Za-z_][A-Za-z0-9_-]*`, 1 to 64 characters for functions, 1 to 128 for triggers and grants.
[[nodiscard]] bool isFunctionName(std::string_view name) noexcept;
[[nodiscard]] bool isTriggerName(std::string_view name) noexcept;
// 3 to 63 of a-z 0-9 -, no - at either end (the rule of OSS).
[[nodiscard]] bool isBucketName(std::string_view name) noexcept;

// Makes the function that a create asks for: checked, with defaults filled in. `function_id`, times, code fields and
// ARN are the catalog's to set. Fails with InvalidArgument.
[[nodiscard]] Result<Function> makeFunction(const CreateFunctionInput& input);

// Applies an update to `function`. `presence` says which lists and maps were written (empty ones clear); null: every
// non-empty list or map replaces the old one.
[[nodiscard]] Result<void> applyUpdate(const UpdateFunctionInput& input, const Presence* presence, Function& function);

// The trigger of a create or an update, its config checked by type.
[[nodiscard]] Result<Trigger> makeTrigger(const CreateTriggerInput& input);
[[nodiscard]] Result<void> applyUpdate(const UpdateTriggerInput& input, Trigger& trigger);
[[nodiscard]] Result<OssTriggerConfig> parseOssConfig(const Trigger& trigger);
[[nodiscard]] Result<TimerTriggerConfig> parseTimerConfig(const Trigger& trigger);
[[nodiscard]] Result<HttpTriggerConfig> parseHttpConfig(const Trigger& trigger);

[[nodiscard]] Result<void> validateGrant(const Grant& grant);
// One action as a request asks for it: fc:… or oss:…, without wildcards.
[[nodiscard]] Result<void> validateAction(std::string_view action);

}  // namespace hanshu::api
