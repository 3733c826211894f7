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
#include <grpcpp/support/client_interceptor.h>

#include <charconv>

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

// Marks calls through the in-process channel as the owner's.
class InsideMark final : public grpc::experimental::Interceptor {
public:
    explicit InsideMark(std::string token) : m_token(std::move(token)) {}
    void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
        if (methods->QueryInterceptionHookPoint(
                grpc::experimental::InterceptionHookPoints::PRE_SEND_INITIAL_METADATA)) {
            methods->GetSendInitialMetadata()->emplace("x-hanshu-inside", m_token);
        }
        methods->Proceed();
    }

private:
    const std::string m_token;
};

class InsideMarkFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
public:
    explicit InsideMarkFactory(std::string token) : m_token(std::move(token)) {}
    grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* /*info*/) override {
        return new InsideMark(m_token);
    }

private:
    const std::string m_token;
};

// A server of gRPC with its services.
struct Serving {
    std::vector<std::unique_ptr<grpc::Service>> services;
    std::unique_ptr<grpc::Server> server;

    // Null where it can't listen.
    static std::shared_ptr<Serving> start(const SharedCore& core, const std::string& address, int& port) {
        auto serving = std::make_shared<Serving>();
        grpc::ServerBuilder builder;
        configure(builder);
        if (!address.empty()) {
            builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
        }
        for (const auto make :
             {makeGrpcFunctionService, makeGrpcInvocationService, makeGrpcLogService, makeGrpcMetricService,
              makeGrpcTriggerService, makeGrpcGrantService, makeGrpcBucketService, makeGrpcSystemService}) {
            serving->services.push_back(make(core));
            builder.RegisterService(serving->services.back().get());
        }
        serving->server = builder.BuildAndStart();
        return serving->server == nullptr || (!address.empty() && port == 0) ? nullptr : serving;
    }
    void stop() const {
        server->Shutdown(std::chrono::system_clock::now());
        server->Wait();
    }
};

// The channel inside the process and the server behind it, which lives as long: gRPC 1.51 crashes on a call through
// such a channel to a server that was shut down. After a drain it refuses every call without touching a room.
struct Inside {
    std::shared_ptr<Serving> serving;
    std::shared_ptr<grpc::Channel> channel;

    explicit Inside(const SharedCore& core) {
        int port = 0;
        serving = Serving::start(core, {}, port);
        grpc::ChannelArguments arguments;
        arguments.SetMaxReceiveMessageSize(kGrpcMessageLimit);
        arguments.SetMaxSendMessageSize(kGrpcMessageLimit);
        std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> marks;
        marks.push_back(std::make_unique<InsideMarkFactory>(core->insideToken));
        channel = serving->server->experimental().InProcessChannelWithInterceptors(arguments, std::move(marks));
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;
    ~Inside() {
        channel.reset();
        serving->stop();
    }
};

// gRPC takes a port modulo 65536, and a missing one as 443.
Result<void> checkPort(const std::string& address) {
    const auto digits = std::string_view(address).substr(std::min(address.rfind(':'), address.size() - 1) + 1);
    std::uint16_t port = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size()) {
        return fail(Code::InvalidArgument, "AddressInvalid", {{"address", address}}, "its port is no number to 65535");
    }
    return {};
}

}  // namespace

struct GrpcServer::State {
    std::shared_ptr<GrpcCore> core;
    std::optional<SocketPlace> place;
    std::shared_ptr<Serving> outside;  // null: in-process only
    std::shared_ptr<Inside> inside;
    std::string address;
    std::once_flag drained;
};

GrpcServer::GrpcServer(std::unique_ptr<State> state) : m_state(std::move(state)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(const Rooms& rooms, const std::string& address) {
    auto state = std::make_unique<State>();
    const bool isUnix = address.starts_with("unix:");
    state->core = std::make_shared<GrpcCore>(rooms, isUnix);
    state->address = address;
    auto listening = address;
    if (isUnix) {
        auto place = SocketPlace::prepare(address.substr(std::string_view("unix:").size()));
        if (!place) {
            return fail(std::move(place.error()));
        }
        state->place = std::move(*place);
        listening = "unix:" + state->place->bindPath();
    } else if (!address.empty()) {
        HANSHU_TRY(checkPort(address));
    }
    if (!listening.empty()) {
        int port = 0;
        state->outside = Serving::start(state->core, listening, port);
        if (state->outside == nullptr) {
            return fail(Code::AlreadyExists, "AddressInUse", {{"address", address}},
                        "somebody listens there, or it is no address of this machine");
        }
        if (!isUnix) {
            state->address = fmt::format("{}:{}", address.substr(0, address.rfind(':')), port);
        }
    }
    std::unique_ptr<GrpcServer> server(new GrpcServer(std::move(state)));
    if (isUnix) {
        HANSHU_TRY(server->m_state->place->publish());
    }
    server->m_state->inside = std::make_shared<Inside>(server->m_state->core);
    return server;
}

GrpcServer::~GrpcServer() {
    drain(std::chrono::milliseconds{0});
    // A stream ends with its coroutine, which has no more than a piece of a file to wait for.
    while (!m_state->core->waitUntilIdle(std::chrono::seconds{1})) {
        m_state->core->cancelAll();
    }
}

std::string GrpcServer::address() const {
    return m_state->address;
}

std::shared_ptr<void> GrpcServer::inProcessChannel() {
    return {m_state->inside, m_state->inside->channel.get()};
}

void GrpcServer::drain(std::chrono::milliseconds timeout) {
    std::call_once(m_state->drained, [&] {
        m_state->core->drain();
        if (!m_state->core->waitUntilIdle(timeout)) {
            m_state->core->cancelAll();
        }
        if (m_state->outside != nullptr) {
            m_state->outside->stop();
        }
    });
}

}  // namespace hanshu::gateway
