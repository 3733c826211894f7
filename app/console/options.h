// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The command line of hanshu-console. Before the application exists.
#pragma once

#include <QString>
#include <optional>

namespace hanshu::console {

struct Options {
    QString local;        // state directory of a runtime within the console; empty: `server` is used
    QString server;       // unix:PATH or host:port
    QString credentials;  // file
};

struct Parsed {
    std::optional<Options> options;
    int exitCode = 0;  // when there are no options
};

// Prints help, version and complaints itself.
[[nodiscard]] Parsed parse(int argc, char** argv);

}  // namespace hanshu::console
