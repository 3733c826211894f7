// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The REST API on a real listener, over real stores, catalog, access and triggers; what runs functions is played by a
// function of the test.
#pragma once

#include "access/grant_book.h"
#include "access/keyring.h"
#include "access/policy.h"
#include "access/signature.h"
#include "catalog/catalog.h"
#include "events/dispatcher.h"
#include "gateway/http_server.h"
#include "gateway/raw_client.h"
#include "gateway/rest_api.h"
#include "invoke/limits.h"
#include "invoke/pipeline.h"
#include "scheduler/scheduler.h"
#include "services.pb.h"
#include "store/database.h"
#include "store/event_queue.h"
#include "store/resource_store.h"
#include "store/schema.h"
#include "telemetry/recorder.h"
#include "triggers/trigger_book.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <QTemporaryDir>
#include <mutex>

namespace hanshu::tests {

// A room that the REST API never calls.
template <class Room>
Room& unusedRoom() {
    alignas(std::max_align_t) static std::array<std::byte, 16> nothing{};
    return *reinterpret_cast<Room*>(nothing.data());
}

class PlayedPipeline final : public invoke::Pipeline {
public:
    explicit PlayedPipeline(std::function<std::shared_ptr<const catalog::Snapshot>()> snapshot)
        : m_snapshot(std::move(snapshot)) {}

    std::function<Result<invoke::Outcome>(const invoke::Call&)> play;

    Task<Result<invoke::Outcome>> run(invoke::Call call) override {
        HANSHU_CO_TRY(mayInvoke(call));
        const std::lock_guard lock(m_mutex);
        m_last = call;
        co_return play(call);
    }
    Result<void> mayInvoke(const invoke::Call& call) override {
        if (m_snapshot()->find(call.account, call.functionName) == nullptr) {
            return fail(Code::NotFound, "FunctionNotFound", {{"function", call.functionName}});
        }
        return {};
    }
    Task<void> drain(std::chrono::milliseconds) override { co_return; }

    invoke::Call last() {
        const std::lock_guard lock(m_mutex);
        return m_last;
    }

private:
    std::function<std::shared_ptr<const catalog::Snapshot>()> m_snapshot;
    std::mutex m_mutex;
    invoke::Call m_last;
};

class PlayedScheduler final : public scheduler::Scheduler {
public:
    Task<Result<scheduler::Acquired>> acquire(std::shared_ptr<const catalog::FunctionSpec>, const runtime::RunRequest&,
                                              runtime::OutputSink) override {
        co_return fail(Code::Unimplemented, "NotPlayed");
    }
    void retire(const std::string&, const std::string&, Revision) override {}
    std::vector<scheduler::InstanceView> instances() const override {
        return {{InstanceId{"c-1"}, "f", "idle", 5}, {InstanceId{"c-2"}, "f", "busy", 5}};
    }
    int running() const noexcept override { return 1; }
    void shutdown() override {}
};

class PlayedRecorder final : public telemetry::Recorder {
public:
    void record(telemetry::RunRecord) override {}
    void recordLines(const std::string&, const api::Invocation&, std::vector<telemetry::LogLine>) override {}
    std::unique_ptr<telemetry::Subscription> watch(telemetry::Watcher) override { return nullptr; }
    telemetry::Totals totals() const override {
        telemetry::Totals totals;
        totals.invocations = 7;
        totals.gbSeconds = 1.5;
        return totals;
    }
    void flush() override {}
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

class RestFixture {
public:
    static constexpr const char* kAccount = "123456789";
    const access::AccessKey owner{"LTAIowner", "ownersecret", kAccount};
    const access::AccessKey stranger{"LTAIstranger", "strangersecret", "987654321"};

    RestFixture()
        : io(2),
          disk(1),
          database(must(store::Database::open({.path = directory.filePath("state.db").toStdString(),
                                               .migrations = store::stateMigrations(),
                                               .fullSync = false}))),
          resources(store::makeSqliteResourceStore(*database)),
          queue(store::makeSqliteEventQueue(*database)),
          keyring("0123456789abcdef0123456789abcdef", clock),
          nonces(clock),
          grants(*resources, policy, clock),
          catalog(must(catalog::makeCatalog(
              {.stateDirectory = directory.path().toStdString(), .region = "local"}, *resources, disk, clock,
              {.hasTriggers = [this](const auto& account,
                                     const auto& function) { return triggers.hasTriggers(account, function); },
               .bucketFolder = {},
               .readObject = {}}))),
          triggers({.store = *resources,
                    .queue = *queue,
                    .clock = clock,
                    .region = "local",
                    .functionExists =
                        [this](const auto& account, const auto& function) {
                            return catalog->snapshot()->find(account, function) != nullptr;
                        },
                    .urlBase = [this] { return "http://" + server->address(); }}),
          pipeline([this] { return catalog->snapshot(); }),
          dispatcher({.io = io,
                      .queue = *queue,
                      .pipeline = pipeline,
                      .limits = limits,
                      .catalog = *catalog,
                      .clock = clock}) {
        keyring.add(owner);
        keyring.add(stranger);
        gateway::Rooms rooms{.io = io,
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
                             .objects = unusedRoom<objects::ObjectStore>(),
                             .s3 = unusedRoom<objects::S3Service>(),
                             .scheduler = scheduler,
                             .queue = *queue,
                             .resources = *resources,
                             .telemetry = unusedRoom<store::TelemetryStore>(),
                             .recorder = recorder,
                             .triggers = triggers,
                             .status = [] { return api::Status{}; },
                             .ready = [this] { return ready.load(); },
                             .setAccountConcurrency = {},
                             .doctor = [this] { return sandbox::examineHost(directory.path().toStdString()); }};
        server = must(gateway::HttpServer::listen(io, {.address = "127.0.0.1:0"}, gateway::makeRestApi(rooms)));
        pipeline.play = [](const invoke::Call& call) {
            invoke::Outcome outcome;
            outcome.payload = call.payload;
            return outcome;
        };
    }
    ~RestFixture() { server.reset(); }

    // Sends a request, signed by `key` unless that is null.
    RawAnswer call(const access::AccessKey* key, const std::string& method, const std::string& target,
                   const std::string& body = {}, std::vector<std::pair<std::string, std::string>> headers = {}) {
        http::Request request;
        request.method = method;
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
        request.headers.add("Host", server->address());
        for (auto& [name, value] : headers) {
            request.headers.add(name, value);
        }
        if (key != nullptr) {
            access::signAcs3(request, body, *key, {}, clock.now(), newUuid());
        }
        std::string bytes = fmt::format("{} {} HTTP/1.1\r\n", method, target);
        for (const auto& [name, value] : request.headers.fields()) {
            bytes += fmt::format("{}: {}\r\n", name, value);
        }
        bytes += fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
        RawClient client(server->address());
        std::thread sender([&] { client.send(bytes); });
        auto answer = client.receive(method == "HEAD", std::chrono::seconds{30});
        sender.join();
        return answer.value_or(RawAnswer{});
    }
    RawAnswer own(const std::string& method, const std::string& target, const std::string& body = {},
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
        return call(&owner, method, target, body, std::move(headers));
    }
    static std::string functionJson(const std::string& name, const std::string& more = {}) {
        return fmt::format(
            R"({{"functionName":"{}","runtime":"python3.11","handler":"index.handler","code":{{"zipFile":"{}"}}{}}})",
            name, toBase64(zipOf("index.py", "def handler(event, context):\n    return event\n")), more);
    }

    template <class T>
    static T must(Result<T> result) {
        if (!result) {
            qFatal("%s", result.error().describe().c_str());
        }
        return std::move(*result);
    }

    QTemporaryDir directory;
    SystemClock clock;
    std::atomic<bool> ready{true};
    IoPool io;
    asio::thread_pool disk;
    std::unique_ptr<store::Database> database;
    std::unique_ptr<store::ResourceStore> resources;
    std::unique_ptr<store::EventQueue> queue;
    access::Keyring keyring;
    access::NonceCache nonces;
    access::Policy policy;
    access::GrantBook grants;
    std::unique_ptr<catalog::Catalog> catalog;
    triggers::TriggerBook triggers;
    PlayedPipeline pipeline;
    PlayedScheduler scheduler;
    PlayedRecorder recorder;
    invoke::Limits limits;
    events::Dispatcher dispatcher;
    std::unique_ptr<gateway::HttpServer> server;
};

}  // namespace hanshu::tests
