// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What every gRPC service needs of a call: who makes it, and how an Error becomes a status. Any thread.
#pragma once

#include "access/caller.h"
#include "base/async.h"
#include "base/ids.h"
#include "base/result.h"
#include "gateway/rooms.h"
#include "store/resource_store.h"

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::gateway {

// The longest payload of a call (32 MiB, reference 5.1) with room for the fields around it.
inline constexpr int kGrpcMessageLimit = 33 * 1024 * 1024;

// A stream that never ends by itself: told to end when the server drains.
class Endless {
public:
    virtual ~Endless() = default;
    virtual void end(Error why) = 0;
};

// Shared by all services and by each call, so that a call that outlives its client outlives the server object too.
class GrpcCore {
public:
    GrpcCore(const Rooms& rooms, bool trustsItsListener);
    ~GrpcCore();

    // Names the caller of `path` (/hanshu.api.FunctionService/GetFunction). Unauthenticated: MissingRequiredHeader,
    // RequestExpired, SignatureNotMatch, InvalidAccessKeyID. Unavailable: ServiceDraining.
    [[nodiscard]] Result<access::Caller> admit(const grpc::CallbackServerContext& context, std::string_view path) const;

    // From now on every call is refused, and every endless stream ends with ServiceDraining.
    void drain();
    void enlist(std::weak_ptr<Endless> stream);

    // Every call, refused ones too, stands here from its entry to its reactor's end.
    void begin(grpc::CallbackServerContext* context);
    void end(grpc::CallbackServerContext* context);
    void cancelAll();
    // False when calls are left at the end of the time.
    [[nodiscard]] bool waitUntilIdle(std::chrono::milliseconds timeout);

    const Rooms rooms;
    // Carried by every call through the in-process channel as x-hanshu-inside, and known to nobody else: gRPC itself
    // does not tell where such a call comes from.
    const std::string insideToken = randomHex(32);
    asio::thread_pool disk{1};  // reads code packages, examines the host

private:
    const bool m_trusted;
    mutable std::mutex m_mutex;
    bool m_draining = false;
    std::vector<std::weak_ptr<Endless>> m_endless;
    // Recursive, because cancelling a call may end it on the spot.
    std::recursive_mutex m_callsMutex;
    std::condition_variable_any m_idle;
    std::set<grpc::CallbackServerContext*> m_calls;
};

// One call, as its coroutine sees it. A value.
struct GrpcCall {
    std::shared_ptr<GrpcCore> core;
    access::Caller caller;
    RequestId requestId;
    std::string peer;

    [[nodiscard]] const Rooms& rooms() const noexcept { return core->rooms; }
    [[nodiscard]] const std::string& account() const noexcept { return caller.account; }
};

// Waits until what was recorded so far can be read from the store, so that a client finds the run that it just made.
[[nodiscard]] Task<void> recordsAreStored(const GrpcCall& call);

// Code 1:1; reason and parameters go to the trailing metadata of `context`. The message is for developers alone.
[[nodiscard]] grpc::Status toStatus(const Error& error, grpc::ServerContextBase& context);

// `limit` 0 stands for 20; InvalidArgument outside 1-100.
[[nodiscard]] Result<store::ListOptions> listOptions(std::string_view prefix, int limit, std::string_view nextToken);
// `limit` 0 stands for `standard`; InvalidArgument outside 1-`most`.
[[nodiscard]] Result<int> pageLimit(int limit, int standard, int most);
// Strictly decimal and positive; 0 for an empty token; InvalidArgument otherwise.
[[nodiscard]] Result<std::int64_t> sequenceToken(std::string_view nextToken);
// What an answer carries and a change may demand; nothing demanded where it is empty or *. PreconditionFailed for what
// no answer carried.
[[nodiscard]] std::string etagOf(Revision revision);
[[nodiscard]] Result<std::optional<Revision>> revisionOf(std::string_view etag);
[[nodiscard]] Failure invalidField(std::string_view field, std::string_view problem);

}  // namespace hanshu::gateway
