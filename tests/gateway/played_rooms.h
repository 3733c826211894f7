// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// All that the gateway calls: real stores, catalog, access, objects and triggers; what runs functions is played by a
// function of the test.
#pragma once

#include "access/grant_book.h"
#include "access/keyring.h"
#include "access/policy.h"
#include "access/signature.h"
#include "base/io_pool.h"
#include "catalog/catalog.h"
#include "catalog/zip_maker.h"
#include "events/dispatcher.h"
#include "gateway/rooms.h"
#include "invoke/limits.h"
#include "invoke/pipeline.h"
#include "objects/file_object_store.h"
#include "scheduler/scheduler.h"
#include "services.pb.h"
#include "store/database.h"
#include "store/event_queue.h"
#include "store/resource_store.h"
#include "store/schema.h"
#include "store/telemetry_store.h"
#include "telemetry/log_book.h"
#include "telemetry/metrics_keeper.h"
#include "telemetry/recorder.h"
#include "telemetry/run_metrics.h"
#include "triggers/trigger_book.h"

#include <QTemporaryDir>
#include <mutex>

namespace hanshu::tests {

class PlayedPipeline final : public invoke::Pipeline {
public:
    using Play = std::function<Task<Result<invoke::Outcome>>(invoke::Call)>;
    using PlayAtOnce = std::function<Result<invoke::Outcome>(const invoke::Call&)>;

    PlayedPipeline(std::function<std::shared_ptr<const catalog::Snapshot>()> snapshot, telemetry::Recorder& recorder)
        : m_snapshot(std::move(snapshot)), m_recorder(recorder) {}

    // What a run does; unless told otherwise, it answers with its payload.
    void play(Play play) { m_play = std::move(play); }
    void play(PlayAtOnce play) {
        m_play = [play = std::move(play)](invoke::Call call) { return now(play, std::move(call)); };
    }

    Task<Result<invoke::Outcome>> run(invoke::Call call) override {
        HANSHU_CO_TRY(mayInvoke(call));
        {
            const std::lock_guard lock(m_mutex);
            m_last = call;
        }
        auto done = m_play(call);
        auto outcome = co_await std::move(done);
        if (outcome) {
            outcome->invocation.set_request_id(call.requestId.value);
            outcome->invocation.set_function_name(call.functionName);
            telemetry::RunRecord record;
            record.account = call.account;
            record.invocation = outcome->invocation;
            record.lines.push_back(
                {SystemClock().now(), logs::Level::Info, logs::Stream::Logger, "ran " + call.payload});
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

    // The call that was run last.
    invoke::Call last() {
        const std::lock_guard lock(m_mutex);
        return m_last;
    }

private:
    static Task<Result<invoke::Outcome>> now(PlayAtOnce play, invoke::Call call) { co_return play(call); }
    static Task<Result<invoke::Outcome>> echo(invoke::Call call) {
        invoke::Outcome outcome;
        outcome.payload = std::move(call.payload);
        outcome.invocation.set_status("Succeeded");
        co_return outcome;
    }

    std::function<std::shared_ptr<const catalog::Snapshot>()> m_snapshot;
    telemetry::Recorder& m_recorder;
    Play m_play = echo;
    std::mutex m_mutex;
    invoke::Call m_last;
};

class PlayedScheduler final : public scheduler::Scheduler {
public:
    // What an acquisition brings; unless told otherwise, an error.
    std::function<Task<Result<scheduler::Acquired>>()> play;
    std::string aborted;  // the function whose instances were killed last

    Task<Result<scheduler::Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec>, const runtime::RunRequest&,
                                              runtime::OutputSink) override {
        if (!play) {
            co_return fail(Code::Unimplemented, "NotPlayed");
        }
        co_return co_await play();
    }
    void retire(const std::string&, const std::string&, Revision) override {}
    void abort(const std::string&, const std::string& functionName) override { aborted = functionName; }
    std::vector<scheduler::InstanceView> instances() const override {
        return {{InstanceId{"c-1"}, "f", "idle", 5}, {InstanceId{"c-2"}, "f", "busy", 5}};
    }
    int running() const noexcept override { return 1; }
    void shutdown() override {}
};

inline std::string zipOf(const std::string& name, const std::string& text) {
    return test::makeZip({{name, text}});
}

class PlayedRooms {
public:
    static constexpr const char* kAccount = "123456789";
    const access::AccessKey owner{"LTAIowner", "ownersecret", kAccount};
    const access::AccessKey stranger{"LTAIstranger", "strangersecret", "987654321"};

    // Who runs functions: the pipeline that the test plays, or the real one on the scheduler that the test plays.
    enum class Runs { Played, ByTheRealPipeline };

    explicit PlayedRooms(Runs who = Runs::Played) : runs(who) {
        keyring.add(owner);
        keyring.add(stranger);
    }
    // A coroutine that outlived its call may still be on its way; the rooms go when no thread can touch them.
    ~PlayedRooms() { io.stop(); }
    PlayedRooms(const PlayedRooms&) = delete;
    PlayedRooms& operator=(const PlayedRooms&) = delete;

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
                .pipeline = served,
                .limits = limits,
                .dispatcher = dispatcher,
                .objects = *objects,
                .s3 = *static_cast<objects::S3Service*>(nothing()),
                .scheduler = scheduler,
                .queue = *queue,
                .resources = *resources,
                .telemetry = *telemetry,
                .logs = *logBook,
                .metrics = *metrics,
                .recorder = *recorder,
                .triggers = triggers,
                .status =
                    [] {
                        api::Status status;
                        status.set_account_id(kAccount);
                        status.set_region("local");
                        return status;
                    },
                .ready = [this] { return ready.load(); },
                .setAccountConcurrency = [this](int limit) -> Task<Result<void>> {
                    limits.setAccountLimit(kAccount, limit);
                    co_return Result<void>{};
                },
                .doctor = [this] { return sandbox::examineHost(directory.path().toStdString()); }};
    }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            qFatal("%s", result.error().describe().c_str());
        }
        return std::move(*result);
    }

    const Runs runs;
    QTemporaryDir directory;
    SystemClock clock;
    std::atomic<bool> ready{true};
    std::string urlBase = "http://127.0.0.1:1";
    IoPool io{2};
    asio::thread_pool disk{2};
    std::unique_ptr<store::Database> database = open("state.db", store::stateMigrations());
    std::unique_ptr<store::Database> telemetryDatabase = open("telemetry.db", store::telemetryMigrations());
    std::unique_ptr<store::ResourceStore> resources = store::makeSqliteResourceStore(*database);
    std::unique_ptr<store::EventQueue> queue = store::makeSqliteEventQueue(*database);
    std::unique_ptr<store::TelemetryStore> telemetry = store::makeSqliteTelemetryStore(*telemetryDatabase);
    std::unique_ptr<telemetry::LogBook> logBook =
        must(telemetry::LogBook::open(directory.filePath("logs").toStdString(), {}, clock));
    std::unique_ptr<telemetry::MetricsKeeper> metrics =
        must(telemetry::MetricsKeeper::open(directory.filePath("metrics").toStdString(), clock));
    telemetry::RunMetrics runMetrics{metrics->registry()};
    std::unique_ptr<telemetry::Recorder> recorder = telemetry::makeRecorder(
        *telemetry, *logBook,
        [this](const std::string& account, const api::Invocation& run) { runMetrics.count(account, run); });
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
                                    .urlBase = [this] { return urlBase; }}};
    PlayedPipeline pipeline{[this] { return catalog->snapshot(); }, *recorder};
    PlayedScheduler scheduler;
    invoke::Limits limits;
    std::unique_ptr<invoke::Pipeline> realPipeline = invoke::makePipeline({.catalog = *catalog,
                                                                           .policy = policy,
                                                                           .keyring = keyring,
                                                                           .limits = limits,
                                                                           .scheduler = scheduler,
                                                                           .recorder = *recorder,
                                                                           .clock = clock});
    // What the gateway and the dispatcher call.
    invoke::Pipeline& served = runs == Runs::Played ? static_cast<invoke::Pipeline&>(pipeline) : *realPipeline;
    events::Dispatcher dispatcher{
        {.io = io, .queue = *queue, .pipeline = served, .limits = limits, .catalog = *catalog, .clock = clock}};

private:
    std::unique_ptr<store::Database> open(const char* name, std::span<const store::Migration> migrations) {
        return must(store::Database::open(
            {.path = directory.filePath(name).toStdString(), .migrations = migrations, .fullSync = false}));
    }
    // The room that no test calls.
    static void* nothing() {
        alignas(std::max_align_t) static std::array<std::byte, 16> bytes{};
        return bytes.data();
    }
};

}  // namespace hanshu::tests
