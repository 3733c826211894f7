// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The daemon's settings: the command line, over a TOML file, over defaults. Main thread.
#pragma once

#include "node/node.h"

#include <optional>
#include <string>

namespace hanshu::daemon {

struct Settings {
    node::GroundOptions ground;
    node::Options node;
};

// Null with an exit code where the program is to end: after --help, or after a message about a wrong argument.
struct Parsed {
    std::optional<Settings> settings;
    int exitCode = 0;
};

[[nodiscard]] Parsed parse(int argc, char** argv);

}  // namespace hanshu::daemon
