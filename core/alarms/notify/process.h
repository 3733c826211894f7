// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Runs the command of a channel. Any thread; blocks until it has ended.
#pragma once

#include "alarms/notify/other_messages.h"

namespace hanshu::alarms {

// With the variables of the call and PATH alone, in a process group of its own, which is killed when its time is over.
// Unavailable: it could not be started, ended with another status than 0 (with the end of what it wrote to stderr), or
// took too long.
[[nodiscard]] Result<void> run(const CommandCall& call);

}  // namespace hanshu::alarms
