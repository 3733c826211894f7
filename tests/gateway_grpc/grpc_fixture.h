// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The gRPC services, with a stub of each.
#pragma once

#include "base/digest.h"
#include "base/encoding.h"
#include "base/time_format.h"
#include "gateway/grpc_server.h"
#include "gateway/played_rooms.h"
#include "services.grpc.pb.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <QTest>

namespace hanshu::tests {

class GrpcFixture : public PlayedRooms {
public:
    explicit GrpcFixture(const std::string& address = {}, Runs who = Runs::Played) : PlayedRooms(who) {
        server = must(gateway::GrpcServer::start(rooms(), address));
        channel = std::static_pointer_cast<grpc::Channel>(server->inProcessChannel());
        functions = api::FunctionService::NewStub(channel);
        invocations = api::InvocationService::NewStub(channel);
        logs = api::LogService::NewStub(channel);
        triggerStub = api::TriggerService::NewStub(channel);
        grantStub = api::GrantService::NewStub(channel);
        buckets = api::BucketService::NewStub(channel);
        system = api::SystemService::NewStub(channel);
    }
    ~GrpcFixture() {
        server.reset();
        // What the services hold goes when no thread can touch it.
        io.stop();
    }

    // Makes or replaces a function with one file of code.
    grpc::Status deploy(const std::string& name, api::FunctionReply& reply, const std::string& code = "x = 1\n") {
        api::DeployRequest first;
        first.mutable_create()->set_function_name(name);
        first.mutable_create()->set_runtime("python3.11");
        first.mutable_create()->set_handler("index.handler");
        first.set_zip_chunk(zipOf("index.py", code));
        first.set_last(true);
        grpc::ClientContext context;
        const auto writer = functions->DeployFunction(&context, &reply);
        writer->Write(first);
        writer->WritesDone();
        return writer->Finish();
    }

    static std::string reason(const grpc::ClientContext& context) {
        const auto& metadata = context.GetServerTrailingMetadata();
        const auto found = metadata.find("hanshu-reason");
        return found == metadata.end() ? "" : std::string(found->second.data(), found->second.length());
    }

    std::unique_ptr<gateway::GrpcServer> server;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<api::FunctionService::Stub> functions;
    std::unique_ptr<api::InvocationService::Stub> invocations;
    std::unique_ptr<api::LogService::Stub> logs;
    std::unique_ptr<api::TriggerService::Stub> triggerStub;
    std::unique_ptr<api::GrantService::Stub> grantStub;
    std::unique_ptr<api::BucketService::Stub> buckets;
    std::unique_ptr<api::SystemService::Stub> system;
};

}  // namespace hanshu::tests
