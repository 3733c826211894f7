// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which daemon the command line speaks to, and with which key. Reads the environment and files; one thread.
#pragma once

#include "base/result.h"

#include <functional>
#include <string>

namespace hanshu::cli {

struct Environment {
    // Empty where there is none.
    std::function<std::string(const char*)> variable;
    std::function<bool(const std::string&)> exists;
};
[[nodiscard]] Environment processEnvironment();

struct Key {
    std::string id;
    std::string secret;
    [[nodiscard]] bool empty() const noexcept { return id.empty() && secret.empty(); }
};

struct ServerOptions {
    std::string server;
    std::string accessKeyId;
    std::string accessKeySecret;
    std::string credentialsFile;
};

// unix:PATH or host:port: --server, HANSHU_SERVER, or the socket of a daemon's default state directory. Unavailable
// `NoServer` with parameter places where there is none.
[[nodiscard]] Result<std::string> serverAddress(const ServerOptions& options, const Environment& environment);

// PermissionDenied `SocketDenied` with path and owner, where `address` is a Unix socket that this user may not open:
// gRPC would only say that nobody answers.
[[nodiscard]] Result<void> mayConnect(const std::string& address);

// The key to sign with: options, then the credentials file, then the environment; empty where none is given, which is
// right for a Unix socket.
[[nodiscard]] Result<Key> accessKey(const ServerOptions& options, const Environment& environment);

}  // namespace hanshu::cli
