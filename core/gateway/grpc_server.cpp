// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "gateway/grpc_server.h"

#include "base/ids.h"
#include "gateway/grpc_call.h"
#include "gateway/grpc_services.h"
#include "gateway/socket_place.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

namespace hanshu::gateway {
namespace {

// What messages in flight may hold in all: eight of the largest. Beyond it gRPC slows readers and refuses streams.
constexpr std::size_t kBufferQuota = std::size_t{8} * kGrpcMessageLimit;
// Streams of one connection; a console has about ten.
constexpr int kStreamsPerConnection = 1000;
// A peer that vanished is noticed within about a minute.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 20'000;

void configure(grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(kGrpcMessageLimit);
    builder.SetMaxSendMessageSize(kGrpcMessageLimit);
    builder.SetResourceQuota(grpc::ResourceQuota("hanshu").Resize(kBufferQuota));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreamsPerConnection);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveTimeoutMs / 2);
    // Two daemons on one port would share its connections in silence.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

struct GrpcServer::State {
    std::shared_ptr<GrpcCore> core;
    std::vector<std::unique_ptr<grpc::Service>> services;
    std::optional<SocketPlace> place;
    std::unique_ptr<grpc::Server> server;
    std::string address;
    std::once_flag stopped;
};

GrpcServer::GrpcServer(std::unique_ptr<State> state) : m_state(std::move(state)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const Rooms& rooms, const std::string& address) {
    auto state = std::make_unique<State>();
    const bool isUnix = address.starts_with("unix:");
    state->core = std::make_shared<GrpcCore>(rooms, isUnix);
    for (const auto make :
         {makeGrpcFunctionService, makeGrpcInvocationService, makeGrpcLogService, makeGrpcTriggerService,
          makeGrpcGrantService, makeGrpcBucketService, makeGrpcSystemService}) {
        state->services.push_back(make(state->core));
    }
    auto listening = address;
    if (isUnix) {
        auto place = SocketPlace::prepare(address.substr(std::string_view("unix:").size()));
        if (!place) {
            return fail(std::move(place.error()));
        }
        state->place = std::move(*place);
        listening = "unix:" + state->place->bindPath();
    }
    grpc::ServerBuilder builder;
    configure(builder);
    int port = 0;
    if (!listening.empty()) {
        builder.AddListeningPort(listening, grpc::InsecureServerCredentials(), &port);
    }
    for (const auto& service : state->services) {
        builder.RegisterService(service.get());
    }
    state->server = builder.BuildAndStart();
    if (state->server == nullptr || (!listening.empty() && port == 0)) {
        return fail(Code::AlreadyExists, "AddressInUse", {{"address", address}}, "can't listen for gRPC");
    }
    state->address = address;
    if (state->place) {
        HANSHU_TRY(state->place->publish());
    } else if (!address.empty()) {
        state->address = fmt::format("{}:{}", address.substr(0, address.rfind(':')), port);
    }
    return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(state)));
}

GrpcServer::~GrpcServer() {
    drain(std::chrono::milliseconds{0});
    m_state->server->Wait();
}

std::string GrpcServer::address() const {
    return m_state->address;
}

std::shared_ptr<void> GrpcServer::inProcessChannel() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kGrpcMessageLimit);
    arguments.SetMaxSendMessageSize(kGrpcMessageLimit);
    return m_state->server->InProcessChannel(arguments);
}

void GrpcServer::drain(std::chrono::milliseconds timeout) {
    std::call_once(m_state->stopped, [&] {
        m_state->core->drain();
        m_state->server->Shutdown(std::chrono::system_clock::now() + timeout);
    });
}

}  // namespace hanshu::gateway
