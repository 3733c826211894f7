// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "node/node.h"

#include "access/grant_book.h"
#include "access/keyring.h"
#include "access/policy.h"
#include "access/signature.h"
#include "base/io_pool.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "events/dispatcher.h"
#include "gateway/grpc_server.h"
#include "gateway/http_server.h"
#include "gateway/rest_api.h"
#include "gateway/rooms.h"
#include "invoke/instance_log.h"
#include "invoke/limits.h"
#include "invoke/pipeline.h"
#include "node/owner.h"
#include "node/process_sample.h"
#include "objects/file_object_store.h"
#include "objects/s3_service.h"
#include "runtime/instance_factory.h"
#include "sandbox/spawner_process.h"
#include "scheduler/make_scheduler.h"
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

#include <fmt/format.h>
#include <thread>

namespace hanshu::node {
namespace {

// An owner's own limit (reference 5.1 leaves the ceiling to quotas): what one machine could ever hold.
constexpr int kMaxAccountConcurrency = 10'000;

// Coroutines that have nothing left to wait for end at once; this is for the one that has a bug.
constexpr std::chrono::seconds kUnwindTime{5};

// Tells in one line how long each part of the way down took, because a slow end is asked about later. One thread.
class Phases {
public:
    explicit Phases(std::string what) : m_text(std::move(what)) {}
    ~Phases() { log::info("node", "{}", m_text); }
    Phases(const Phases&) = delete;
    Phases& operator=(const Phases&) = delete;
    // What went on since the last end.
    void end(std::string_view name) {
        const auto now = std::chrono::steady_clock::now();
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - std::exchange(m_begin, now));
        m_text += fmt::format("{} {} {} ms", m_ended ? "," : ":", name, took.count());
        m_ended = true;
    }

private:
    std::string m_text;
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
    bool m_ended = false;
};

std::size_t ioThreads(int wanted) {
    return wanted > 0 ? static_cast<std::size_t>(wanted) : std::max(1U, std::thread::hardware_concurrency());
}

Task<Result<void>> bucketExists(objects::ObjectStore& store, std::string account, std::string bucket) {
    auto found = co_await store.bucket(std::move(account), std::move(bucket));
    if (!found) {
        co_return fail(std::move(found.error()));
    }
    co_return Result<void>();
}

// The bytes of an object, for a function whose code lies in a bucket.
Task<Result<std::string>> readObject(objects::ObjectStore& store, std::string account, std::string bucket,
                                     std::string key, std::uint64_t limit) {
    auto download = co_await store.open(account, bucket, key);
    if (!download) {
        co_return fail(std::move(download.error()));
    }
    const auto size = (*download)->meta().size;
    if (size > limit) {
        co_return fail(Code::InvalidArgument, "EntityTooLarge", {{"limit", std::to_string(limit)}});
    }
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        auto count = co_await (*download)->read(done, std::span(bytes).subspan(done));
        if (!count) {
            co_return fail(std::move(count.error()));
        }
        if (*count == 0) {
            co_return internalError(fmt::format("object {} is shorter than its metadata says", key));
        }
        done += *count;
    }
    co_return bytes;
}

}  // namespace

// Members stand in the order in which the rooms need each other; they end in the reverse one.
struct Node::State {
    explicit State(Options given, std::unique_ptr<Ground> prepared)
        : options(std::move(given)), ground(std::move(prepared)) {}
    ~State() { stop(); }

    Options options;
    std::unique_ptr<Ground> ground;
    SystemClock clock;
    SystemTime started = clock.now();
    std::unique_ptr<IoPool> io;
    std::unique_ptr<asio::thread_pool> disk;
    std::unique_ptr<store::Database> stateDatabase;
    std::unique_ptr<store::Database> telemetryDatabase;
    std::unique_ptr<store::ResourceStore> resources;
    std::unique_ptr<store::EventQueue> queue;
    std::unique_ptr<store::TelemetryStore> telemetryStore;
    std::unique_ptr<telemetry::LogBook> logBook;
    std::unique_ptr<telemetry::MetricsKeeper> metrics;
    std::unique_ptr<telemetry::RunMetrics> runMetrics;
    std::unique_ptr<telemetry::Recorder> recorder;
    Owner owner;
    std::unique_ptr<access::Keyring> keyring;
    std::unique_ptr<access::NonceCache> nonces;
    access::Policy policy;
    std::unique_ptr<access::GrantBook> grants;
    std::unique_ptr<objects::ObjectStore> objects;
    std::unique_ptr<catalog::Catalog> catalog;
    std::unique_ptr<triggers::TriggerBook> triggers;
    std::unique_ptr<objects::S3Service> s3;
    std::unique_ptr<sandbox::SandboxFactory> sandboxes;
    std::unique_ptr<runtime::InstanceFactory> instances;
    std::unique_ptr<scheduler::Scheduler> scheduler;
    std::shared_ptr<void> catalogWatch;
    invoke::Limits limits;
    std::unique_ptr<invoke::Pipeline> pipeline;
    std::unique_ptr<events::Dispatcher> dispatcher;
    std::unique_ptr<gateway::Rooms> rooms;
    std::unique_ptr<gateway::HttpServer> objectServer;
    std::unique_ptr<gateway::HttpServer> httpServer;
    std::unique_ptr<gateway::GrpcServer> grpcServer;
    Addresses addresses;
    std::atomic<bool> ready{false};
    bool drained = false;

    Result<void> build() {
        io = std::make_unique<IoPool>(ioThreads(options.ioThreads));
        disk = std::make_unique<asio::thread_pool>(static_cast<std::size_t>(std::max(1, options.diskThreads)));
        HANSHU_TRY(openStores());
        HANSHU_TRY(openAccess());
        HANSHU_TRY(openResources());
        HANSHU_TRY(openRuntime());
        return openGateway();
    }

    Result<void> openStores() {
        const auto& folder = ground->stateDirectory();
        auto state = store::Database::open({.path = folder / "state.db", .migrations = store::stateMigrations()});
        if (!state) {
            return fail(std::move(state.error()));
        }
        stateDatabase = std::move(*state);
        auto telemetry = store::Database::open(
            {.path = folder / "telemetry.db", .migrations = store::telemetryMigrations(), .fullSync = false});
        if (!telemetry) {
            return fail(std::move(telemetry.error()));
        }
        telemetryDatabase = std::move(*telemetry);
        resources = store::makeSqliteResourceStore(*stateDatabase);
        queue = store::makeSqliteEventQueue(*stateDatabase);
        telemetryStore = store::makeSqliteTelemetryStore(*telemetryDatabase);
        auto book = telemetry::LogBook::open(folder / "logs", options.logs, clock);
        if (!book) {
            return fail(std::move(book.error()));
        }
        logBook = std::move(*book);
        auto keeper = telemetry::MetricsKeeper::open(folder / "metrics", clock);
        if (!keeper) {
            return fail(std::move(keeper.error()));
        }
        metrics = std::move(*keeper);
        runMetrics = std::make_unique<telemetry::RunMetrics>(metrics->registry());
        recorder = telemetry::makeRecorder(
            *telemetryStore, *logBook,
            [this](const std::string& account, const api::Invocation& run) { runMetrics->count(account, run); });
        return queue->releaseAll();
    }

    Result<void> openAccess() {
        auto loaded = loadOrCreateOwner(*resources, *io, ground->stateDirectory());
        if (!loaded) {
            return fail(std::move(loaded.error()));
        }
        owner = std::move(*loaded);
        keyring = std::make_unique<access::Keyring>(owner.sessionSecret, clock);
        keyring->add({owner.credentials.accessKeyId, owner.credentials.accessKeySecret, owner.credentials.accountId});
        nonces = std::make_unique<access::NonceCache>(clock);
        grants = std::make_unique<access::GrantBook>(*resources, policy, clock);
        limits.setAccountLimit(owner.credentials.accountId, owner.concurrencyLimit);
        return grants->load();
    }

    Result<void> openResources() {
        const auto& folder = ground->stateDirectory();
        auto opened = objects::makeObjectStore(
            {.database = *stateDatabase,
             .queue = *queue,
             .disk = *disk,
             .root = folder / "objects",
             .clock = clock,
             .onChange = [this](const objects::Change& change) { return triggers->eventsFor(change); }});
        if (!opened) {
            return fail(std::move(opened.error()));
        }
        objects = std::move(*opened);
        auto made = catalog::makeCatalog({folder, options.region}, *resources, *disk, clock, catalogNeighbours());
        if (!made) {
            return fail(std::move(made.error()));
        }
        catalog = std::move(*made);
        triggers = std::make_unique<triggers::TriggerBook>(
            triggers::TriggerBook::Rooms{.store = *resources,
                                         .queue = *queue,
                                         .clock = clock,
                                         .region = options.region,
                                         .functionExists =
                                             [this](const std::string& account, const std::string& name) {
                                                 return catalog->snapshot()->find(account, name) != nullptr;
                                             },
                                         .urlBase = [this] { return "http://" + addresses.http; },
                                         .bucketExists =
                                             [this](std::string account, std::string bucket) {
                                                 return bucketExists(*objects, std::move(account), std::move(bucket));
                                             }});
        return triggers->load();
    }

    catalog::Neighbours catalogNeighbours() {
        return {.hasTriggers = [this](const std::string& account,
                                      const std::string& function) { return triggers->hasTriggers(account, function); },
                .bucketFolder = [this](const std::string& account, const std::string& bucket,
                                       const std::string& path) { return objects->folder(account, bucket, path); },
                .readObject =
                    [this](std::string account, std::string bucket, std::string key, std::uint64_t limit) {
                        return readObject(*objects, std::move(account), std::move(bucket), std::move(key), limit);
                    }};
    }

    Result<void> openRuntime() {
        auto connected = ground->spawner().connect(*io);
        if (!connected) {
            return fail(std::move(connected.error()));
        }
        sandboxes = std::move(*connected);
        s3 = std::make_unique<objects::S3Service>(objects::S3Service::Rooms{
            .store = *objects,
            .keyring = *keyring,
            .policy = policy,
            .clock = clock,
            .region = options.region,
            .disk = disk.get(),
            .onDenied = [this](const access::Caller& caller, std::string_view action, std::string_view resource,
                               std::string_view reason) { recordDenied(caller, action, resource, reason); }});
        instances = runtime::makeInstanceFactory(
            {.io = *io,
             .sandboxes = *sandboxes,
             .onSandboxConnection =
                 [this](int fd, const std::string& account, const std::string& function, std::shared_ptr<void> place) {
                     adoptSandbox(fd, account, function, std::move(place));
                 },
             .onInstanceOutput = [this](
                                     const catalog::FunctionSpec& spec,
                                     const InstanceId& id) { return invoke::instanceSink(*recorder, clock, spec, id); },
             .stock = options.stock});
        scheduler = scheduler::makeScheduler(
            {.io = *io, .factory = *instances, .clock = clock, .idleTimeout = options.idleTimeout});
        catalogWatch = catalog->watch([this](const catalog::Change& change) {
            const auto route = catalog->snapshot()->find(change.account, change.function.function_name());
            scheduler->retire(change.account, change.function.function_name(),
                              route == nullptr ? Revision{-1} : route->spec->revision);
            if (route == nullptr) {
                metrics->forget(change.account, change.function.function_name());
            }
        });
        pipeline = invoke::makePipeline({*catalog, policy, *keyring, limits, *scheduler, *recorder, clock});
        dispatcher = std::make_unique<events::Dispatcher>(
            events::Dispatcher::Rooms{*io, *queue, *pipeline, limits, *catalog, clock});
        return {};
    }

    // An object that a function may not touch shows up in the function's own log.
    void recordDenied(const access::Caller& caller, std::string_view action, std::string_view resource,
                      std::string_view reason) {
        if (caller.sessionFunction.empty()) {
            return;
        }
        api::Invocation of;
        of.set_function_name(caller.sessionFunction);
        of.set_qualifier("LATEST");
        recorder->recordLines(
            caller.account, of,
            {{clock.now(), logs::Level::Warn, logs::Stream::Platform,
              fmt::format("denied: {} may not {} on {} ({})", caller.principal, action, resource, reason)}});
    }

    // The object endpoint as a sandbox sees it: only credentials of its own function count there.
    void adoptSandbox(int fd, const std::string& account, const std::string& function, std::shared_ptr<void> place) {
        if (objectServer == nullptr) {
            ::close(fd);
            return;
        }
        // The server keeps the handler, and the place with it, until the connection has ended.
        objectServer->adopt(fd, [this, place = std::move(place), door = objects::S3Service::Door{account, function}](
                                    http::Exchange& exchange) { return s3->handle(exchange, door); });
    }

    Result<void> openGateway() {
        rooms = std::make_unique<gateway::Rooms>(
            gateway::Rooms{.io = *io,
                           .clock = clock,
                           .region = options.region,
                           .account = owner.credentials.accountId,
                           .keyring = *keyring,
                           .nonces = *nonces,
                           .policy = policy,
                           .grants = *grants,
                           .catalog = *catalog,
                           .pipeline = *pipeline,
                           .limits = limits,
                           .dispatcher = *dispatcher,
                           .objects = *objects,
                           .s3 = *s3,
                           .scheduler = *scheduler,
                           .queue = *queue,
                           .resources = *resources,
                           .telemetry = *telemetryStore,
                           .logs = *logBook,
                           .metrics = *metrics,
                           .recorder = *recorder,
                           .triggers = *triggers,
                           .status = [this] { return status(); },
                           .ready = [this] { return ready.load(); },
                           .setAccountConcurrency = [this](int limit) { return setAccountConcurrency(limit); },
                           .doctor = [this] { return ground->examine(); }});
        auto listening = gateway::HttpServer::listen(
            *io, {.address = options.objectsAddress},
            [this](http::Exchange& exchange) { return s3->handle(exchange, std::nullopt); });
        if (!listening) {
            return fail(std::move(listening.error()));
        }
        objectServer = std::move(*listening);
        listening = gateway::HttpServer::listen(*io, {.address = options.httpAddress}, gateway::makeRestApi(*rooms));
        if (!listening) {
            return fail(std::move(listening.error()));
        }
        httpServer = std::move(*listening);
        auto serving = gateway::GrpcServer::start(*rooms, options.grpcAddress);
        if (!serving) {
            return fail(std::move(serving.error()));
        }
        grpcServer = std::move(*serving);
        addresses = {httpServer->address(), objectServer->address(), grpcServer->address()};
        triggers->start(io->context(0).get_executor());
        dispatcher->start();
        metrics->start([this](metrics::Registry& registry) { sample(registry); });
        ready = true;
        return {};
    }

    Task<Result<void>> setAccountConcurrency(int limit) {
        if (limit < 1 || limit > kMaxAccountConcurrency) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"field", "concurrencyLimit"},
                            {"message", fmt::format("concurrencyLimit must be between 1 and {} (actual: {})",
                                                    kMaxAccountConcurrency, limit)}});
        }
        HANSHU_CO_TRY(co_await storeConcurrencyLimit(*resources, owner.credentials.accountId, limit));
        limits.setAccountLimit(owner.credentials.accountId, limit);
        co_return Result<void>();
    }

    api::Status status() const {
        api::Status now;
        now.set_version(HANSHU_VERSION);
        now.set_account_id(owner.credentials.accountId);
        now.set_region(options.region);
        now.set_http_address(addresses.http);
        now.set_objects_address(addresses.objects);
        now.set_grpc_address(addresses.grpc);
        now.set_started_time(unixMilliseconds(started));
        now.set_isolation(std::string(sandbox::toString(sandboxes->isolation())));
        now.set_instances(static_cast<int>(scheduler->instances().size()));
        now.set_running(limits.running(owner.credentials.accountId));
        now.set_stock(instances->stock());
        return now;
    }

    // What is only seen when somebody looks; on the keeper's thread.
    void sample(metrics::Registry& registry) {
        sampleProcess(registry, "daemon", ::getpid());
        sampleProcess(registry, "spawner", ground->spawner().pid());
        const auto& account = owner.credentials.accountId;
        const auto set = [&](std::string_view name, const metrics::Dimensions& dimensions, std::int64_t value) {
            if (const auto gauge = registry.gauge(name, dimensions)) {
                gauge->set(value);
            }
        };
        set("RegionConcurrentCount", {.account = account}, limits.running(account));
        set("RegionConcurrencyLimit", {.account = account}, limits.accountLimit(account));
        set("StockLevel", {}, instances->stock());
        std::map<std::string, std::int64_t> living;
        for (const auto& instance : scheduler->instances()) {
            ++living[instance.functionName];
        }
        for (const auto& [function, count] : living) {
            set("FunctionOndemandActiveInstance", {.account = account, .function = function}, count);
        }
    }

    // After the runs: until then a function needs the object endpoint, and a load balancer is told 503. Transfers that
    // go on get what is left of the time.
    void closeServers(std::chrono::steady_clock::time_point until) {
        if (httpServer == nullptr) {
            return;
        }
        httpServer->drain();
        objectServer->drain();
        (void)httpServer->awaitNoConnections(until);
        (void)objectServer->awaitNoConnections(until);
    }

    void drain() {
        if (drained) {
            return;
        }
        drained = true;
        ready = false;
        Phases phases("drained");
        triggers->stop();
        dispatcher->stop();
        const auto until = std::chrono::steady_clock::now() + options.drainTimeout;
        const auto executor = io->context(0).get_executor();
        // Runs that outlive the timeout are cut; their events' leases are given back at the next start.
        runBlocking(executor, [](State& state) -> Task<int> {
            co_await state.pipeline->drain(state.options.drainTimeout);
            co_return 0;
        }(*this));
        phases.end("runs");
        if (limits.running(owner.credentials.accountId) == 0) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration{0}));
            runBlocking(executor, [](State& state, std::chrono::milliseconds rest) -> Task<int> {
                co_await state.dispatcher->settled(rest);
                co_return 0;
            }(*this, left));
        }
        phases.end("events");
        closeServers(until);
        phases.end("connections");
        if (grpcServer != nullptr) {
            grpcServer->drain(std::chrono::seconds(1));
        }
        phases.end("gRPC");
        recorder->flush();
        phases.end("records");
    }

    // Servers first, so that nothing new comes; then what runs; then the io threads, once nothing is under way on them;
    // then the rooms whose destructors still need disk threads and databases.
    void stop() {
        ready = false;
        Phases phases("stopped");
        if (metrics != nullptr) {
            metrics->stop();
        }
        if (dispatcher != nullptr && !drained) {
            triggers->stop();
            dispatcher->stop();
            // What runs is cut without a drain, and still by the platform.
            runBlocking(io->context(0).get_executor(), [](State& state) -> Task<int> {
                co_await state.pipeline->drain(std::chrono::milliseconds(0));
                co_return 0;
            }(*this));
        }
        grpcServer.reset();
        httpServer.reset();
        phases.end("servers");
        if (scheduler != nullptr) {
            scheduler->shutdown();
        }
        scheduler.reset();
        instances.reset();
        objectServer.reset();
        sandboxes.reset();
        phases.end("instances");
        catalogWatch.reset();
        if (io != nullptr && !io->finish(kUnwindTime)) {
            log::warning("node", "something on the io threads did not end within {} s", kUnwindTime.count());
        }
        phases.end("io threads");
        dispatcher.reset();
        pipeline.reset();
        s3.reset();
        triggers.reset();
        catalog.reset();
        objects.reset();
        if (disk != nullptr) {
            disk->join();
        }
        phases.end("rooms");
    }
};

Node::Node(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Node::~Node() = default;

Result<std::unique_ptr<Node>> Node::start(Options options, std::unique_ptr<Ground> ground) {
    auto state = std::make_unique<State>(std::move(options), std::move(ground));
    HANSHU_TRY(state->build());
    return std::unique_ptr<Node>(new Node(std::move(state)));
}

const Addresses& Node::addresses() const noexcept {
    return m_state->addresses;
}

const OwnerCredentials& Node::credentials() const noexcept {
    return m_state->owner.credentials;
}

std::shared_ptr<void> Node::channel() {
    return m_state->grpcServer->inProcessChannel();
}

void Node::drain() {
    m_state->drain();
}

}  // namespace hanshu::node
