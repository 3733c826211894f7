// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The checks of a function's parts that have fields of their own. Any thread.
#pragma once

#include "api/findings.h"
#include "function.pb.h"

namespace hanshu::api {

// module.function, where a built-in runtime needs that form; any printable text elsewhere.
void checkHandler(std::string_view field, const std::string& handler, bool builtIn, Findings& findings);
void checkCode(const InputCodeLocation& code, Findings& findings);

// These also fill in the defaults of what is there.
void completeMounts(Function& function, Findings& findings);
void completeCustomRuntime(Function& function, Findings& findings);
void completeLifecycle(Function& function, Findings& findings);

}  // namespace hanshu::api
