// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "cli/cli.h"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
    // A reader that goes away (| head) ends the program as it does any other.
    std::signal(SIGPIPE, SIG_DFL);
    // gRPC's own lines on stderr are for its developers.
    ::setenv("GRPC_VERBOSITY", "NONE", 0);
    const hanshu::cli::Terminal terminal{std::cin, std::cout, std::cerr, ::isatty(STDOUT_FILENO) == 1,
                                         ::isatty(STDERR_FILENO) == 1};
    return hanshu::cli::run({argv + 1, argv + argc}, terminal, hanshu::cli::connectByOptions);
}
