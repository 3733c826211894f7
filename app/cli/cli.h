// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The program `hanshu` but for main. Blocks; one thread.
#pragma once

#include "cli/session.h"

#include <memory>
#include <string>
#include <vector>

namespace hanshu::cli {

// Where a command finds its daemon: the network, or in a test a channel inside the process.
using Connect = std::function<Result<std::shared_ptr<grpc::Channel>>(const ServerOptions&)>;

// The address and key of `options` and the environment.
[[nodiscard]] Result<std::shared_ptr<grpc::Channel>> connectByOptions(const ServerOptions& options);

// Runs one command line, without the program's name, to its exit code.
[[nodiscard]] int run(const std::vector<std::string>& arguments, Terminal terminal, const Connect& connect);

}  // namespace hanshu::cli
