// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The gRPC services over real rooms; only what runs functions is played by a function of the test.
#pragma once

#include "access/grant_book.h"
#include "access/keyring.h"
#include "access/policy.h"
#include "access/signature.h"
#include "base/digest.h"
#include "base/encoding.h"
#include "base/io_pool.h"
#include "base/time_format.h"
#include "catalog/catalog.h"
#include "events/dispatcher.h"
#include "gateway/grpc_server.h"
#include "invoke/limits.h"
#include "invoke/pipeline.h"
#include "objects/file_object_store.h"
#include "scheduler/scheduler.h"
#include "services.grpc.pb.h"
#include "store/database.h"
#include "store/event_queue.h"
#include "store/resource_store.h"
#include "store/schema.h"
#include "store/telemetry_store.h"
#include "telemetry/recorder.h"
#include "triggers/trigger_book.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <QTemporaryDir>
#include <QTest>
#include <mutex>

namespace hanshu::tests {

class PlayedPipeline final : public invoke::Pipeline {
public:
    using Play = std::function<Task<Result<invoke::Outcome>>(invoke::Call)>;
    PlayedPipeline(std::function<std::shared_ptr<const catalog::Snapshot>()> snapshot, telemetry::Recorder& recorder)
        : m_snapshot(std::move(snapshot)), m_recorder(recorder) {}

    Task<Result<invoke::Outcome>> run(invoke::Call call) override {
        HANSHU_CO_TRY(mayInvoke(call));
        auto done = m_play(call);
        auto outcome = co_await std::move(done);
        if (outcome) {
            outcome->invocation.set_request_id(call.requestId.value);
            outcome->invocation.set_function_name(call.functionName);
            telemetry::RunRecord record;
            record.account = call.account;
            record.invocation = outcome->invocation;
            record.lines.push_back({SystemClock().now(), "INFO", "ran " + call.payload});
            m_recorder.record(std::move(record));
        }
        co_return outcome;
    }
    Result<void> mayInvoke(const invoke::Call& call) override {
        if (m_snapshot()->find(call.account, call.functionName) == nullptr) {
            return fail(Code::NotFound, "FunctionNotFound", {{"function", call.functionName}});
        }
        return {};
    }
    Task<void> drain(std::chrono::milliseconds) override { co_return; }
    void play(Play play) { m_play = std::move(play); }

private:
    static Task<Result<invoke::Outcome>> echo(invoke::Call call) {
        invoke::Outcome outcome;
        outcome.payload = std::move(call.payload);
        outcome.invocation.set_status("Succeeded");
        co_return outcome;
    }

    std::function<std::shared_ptr<const catalog::Snapshot>()> m_snapshot;
    telemetry::Recorder& m_recorder;
    Play m_play = echo;
};

class PlayedScheduler final : public scheduler::Scheduler {
public:
    Task<Result<scheduler::Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec>, const runtime::RunRequest&,
                                              runtime::OutputSink) override {
        co_return fail(Code::Unimplemented, "NotPlayed");
    }
    void retire(const std::string&, const std::string&, Revision) override {}
    std::vector<scheduler::InstanceView> instances() const override { return {}; }
    int running() const noexcept override { return 0; }
    void shutdown() override {}
};

inline std::string zipOf(const std::string& name, const std::string& text) {
    std::string zip(65536 + text.size(), '\0');
    std::size_t used = 0;
    auto* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    archive_write_open_memory(writer, zip.data(), zip.size(), &used);
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(text.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(writer, entry);
    archive_write_data(writer, text.data(), text.size());
    archive_entry_free(entry);
    archive_write_close(writer);
    archive_write_free(writer);
    zip.resize(used);
    return zip;
}

class GrpcFixture {
public:
    static constexpr const char* kAccount = "123456789";
    const access::AccessKey owner{"LTAIowner", "ownersecret", kAccount};

    explicit GrpcFixture(const std::string& address = {}) {
        keyring.add(owner);
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
        // A coroutine that outlived its call may still be on its way; the rooms go when no thread can touch them.
        io.stop();
    }
    GrpcFixture(const GrpcFixture&) = delete;
    GrpcFixture& operator=(const GrpcFixture&) = delete;

    gateway::Rooms rooms() {
        return {.io = io,
                .clock = clock,
                .region = "local",
                .account = kAccount,
                .keyring = keyring,
                .nonces = nonces,
                .policy = policy,
                .grants = grants,
                .catalog = *catalog,
                .pipeline = pipeline,
                .limits = limits,
                .dispatcher = dispatcher,
                .objects = *objects,
                .s3 = *static_cast<objects::S3Service*>(nothing()),
                .scheduler = scheduler,
                .queue = *queue,
                .resources = *resources,
                .telemetry = *telemetry,
                .recorder = *recorder,
                .triggers = triggers,
                .status =
                    [] {
                        api::Status status;
                        status.set_account_id(kAccount);
                        status.set_region("local");
                        return status;
                    },
                .ready = [] { return true; },
                .setAccountConcurrency = [this](int limit) -> Task<Result<void>> {
                    limits.setAccountLimit(kAccount, limit);
                    co_return Result<void>{};
                },
                .doctor = [this] { return sandbox::examineHost(directory.path().toStdString()); }};
    }

    // Makes or replaces a function with one file of code.
    grpc::Status deploy(const std::string& name, api::FunctionReply& reply, const std::string& code = "x = 1\n") {
        api::DeployRequest first;
        first.mutable_create()->set_function_name(name);
        first.mutable_create()->set_runtime("python3.11");
        first.mutable_create()->set_handler("index.handler");
        first.set_zip_chunk(zipOf("index.py", code));
        grpc::ClientContext context;
        const auto writer = functions->DeployFunction(&context, &reply);
        writer->Write(first);
        writer->WritesDone();
        return writer->Finish();
    }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            qFatal("%s", result.error().describe().c_str());
        }
        return std::move(*result);
    }
    static std::string reason(const grpc::ClientContext& context) {
        const auto& metadata = context.GetServerTrailingMetadata();
        const auto found = metadata.find("hanshu-reason");
        return found == metadata.end() ? "" : std::string(found->second.data(), found->second.length());
    }

    QTemporaryDir directory;
    SystemClock clock;
    IoPool io{2};
    asio::thread_pool disk{2};
    std::unique_ptr<store::Database> database = open("state.db", store::stateMigrations());
    std::unique_ptr<store::Database> telemetryDatabase = open("telemetry.db", store::telemetryMigrations());
    std::unique_ptr<store::ResourceStore> resources = store::makeSqliteResourceStore(*database);
    std::unique_ptr<store::EventQueue> queue = store::makeSqliteEventQueue(*database);
    std::unique_ptr<store::TelemetryStore> telemetry = store::makeSqliteTelemetryStore(*telemetryDatabase);
    std::unique_ptr<telemetry::Recorder> recorder = telemetry::makeRecorder(*telemetry);
    access::Keyring keyring{"0123456789abcdef0123456789abcdef", clock};
    access::NonceCache nonces{clock};
    access::Policy policy;
    access::GrantBook grants{*resources, policy, clock};
    std::unique_ptr<objects::ObjectStore> objects =
        must(objects::makeObjectStore({.database = *database,
                                       .queue = *queue,
                                       .disk = disk,
                                       .root = directory.filePath("objects").toStdString(),
                                       .clock = clock,
                                       .onChange = {},
                                       .files = nullptr}));
    std::unique_ptr<catalog::Catalog> catalog = must(catalog::makeCatalog(
        {.stateDirectory = directory.path().toStdString(), .region = "local"}, *resources, disk, clock,
        {.hasTriggers = [this](const auto& account,
                               const auto& function) { return triggers.hasTriggers(account, function); },
         .bucketFolder = {},
         .readObject = {}}));
    triggers::TriggerBook triggers{{.store = *resources,
                                    .queue = *queue,
                                    .clock = clock,
                                    .region = "local",
                                    .functionExists =
                                        [this](const auto& account, const auto& function) {
                                            return catalog->snapshot()->find(account, function) != nullptr;
                                        },
                                    .urlBase = [] { return std::string("http://127.0.0.1:1"); }}};
    PlayedPipeline pipeline{[this] { return catalog->snapshot(); }, *recorder};
    PlayedScheduler scheduler;
    invoke::Limits limits;
    events::Dispatcher dispatcher{
        {.io = io, .queue = *queue, .pipeline = pipeline, .limits = limits, .catalog = *catalog, .clock = clock}};
    std::unique_ptr<gateway::GrpcServer> server;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<api::FunctionService::Stub> functions;
    std::unique_ptr<api::InvocationService::Stub> invocations;
    std::unique_ptr<api::LogService::Stub> logs;
    std::unique_ptr<api::TriggerService::Stub> triggerStub;
    std::unique_ptr<api::GrantService::Stub> grantStub;
    std::unique_ptr<api::BucketService::Stub> buckets;
    std::unique_ptr<api::SystemService::Stub> system;

private:
    std::unique_ptr<store::Database> open(const char* name, std::span<const store::Migration> migrations) {
        return must(store::Database::open(
            {.path = directory.filePath(name).toStdString(), .migrations = migrations, .fullSync = false}));
    }
    // The room that no gRPC service calls.
    static void* nothing() {
        alignas(std::max_align_t) static std::array<std::byte, 16> bytes{};
        return bytes.data();
    }
};

}  // namespace hanshu::tests
