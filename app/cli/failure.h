// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// How the command line tells that something failed. Values; any thread.
#pragma once

#include "base/result.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>
#include <string>

namespace hanshu::cli {

// For scripts; resources/docs/cli.md lists them.
enum class Exit : int {
    Ok = 0,
    FunctionFailed = 1,
    Usage = 2,
    NotFound = 3,
    Denied = 4,
    Conflict = 5,
    LimitReached = 6,
    Unreachable = 7,
    Other = 10,
};

// The error behind a status: reason and parameters from its trailing metadata.
[[nodiscard]] Error toError(const grpc::Status& status, const grpc::ClientContext& context);

// With the filter that it is about, if it is one of query/source.h: `explain` then points at the place.
[[nodiscard]] Error located(Error error, std::string_view filter);

[[nodiscard]] Exit exitFor(const Error& error);
// What happened, and what to do about it where that is known: "function 'x' does not exist. See the list: …".
[[nodiscard]] std::string explain(const Error& error);

}  // namespace hanshu::cli
