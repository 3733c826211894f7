// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The gRPC services of core/api over the callback API. Handlers run as coroutines on io threads.
//
// A Unix socket trusts whoever may open it (mode 0600). Over TCP each call carries the metadata x-hanshu-access-key-id,
// x-hanshu-date (20060102T150405Z) and x-hanshu-signature: lower-hex HMAC-SHA256(secret, method path "\n" date).
#pragma once

#include "base/result.h"
#include "gateway/rooms.h"

#include <memory>
#include <string>

namespace hanshu::gateway {

class GrpcServer {
public:
    // `address`: host:port or unix:PATH; empty: in-process only.
    [[nodiscard]] static Result<std::unique_ptr<GrpcServer>> start(const Rooms& rooms, const std::string& address);
    ~GrpcServer();
    [[nodiscard]] std::string address() const;
    // A grpc::Channel to this server inside the process, as std::shared_ptr<grpc::Channel>: only widgets/rpc and tests,
    // which link gRPC, look inside.
    [[nodiscard]] std::shared_ptr<void> inProcessChannel();
    void drain(std::chrono::milliseconds timeout);

private:
    struct State;
    explicit GrpcServer(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace hanshu::gateway
