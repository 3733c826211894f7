// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "widgets/fake_runtime.h"

#include <grpcpp/grpcpp.h>
#include <chrono>
#include <ctime>

namespace hanshu::test {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;

struct FakeRuntime::State {
    std::mutex mutex;
    std::condition_variable news;
    bool stopping = false;
    std::map<std::string, api::Function> functions;
    std::vector<api::FunctionChange> changes;
    std::vector<api::Invocation> runs;
    std::vector<api::LogRecord> lines;
    std::map<std::string, std::pair<Status, std::string>> failures;
    Answer answer;
    api::DeployRequest lastDeploy;
    std::string lastZip;
    std::vector<std::int64_t> tailCursors;
    int watchers = 0;
    int revision = 0;

    // Under the lock.
    void change(api::FunctionChange::Kind kind, const api::Function& function) {
        api::FunctionChange change;
        change.set_kind(kind);
        *change.mutable_function() = function;
        changes.push_back(std::move(change));
        news.notify_all();
    }

    Status failureOf(ServerContext* context, const std::string& method) {
        const std::lock_guard lock(mutex);
        const auto found = failures.find(method);
        if (found == failures.end()) {
            return Status::OK;
        }
        context->AddTrailingMetadata("hanshu-reason", found->second.second);
        context->AddTrailingMetadata("hanshu-param-message-bin", "told by the fake runtime");
        return found->second.first;
    }

    // Sends what `next` finds under the lock until the stream ends.
    template <class Message, class Next>
    Status stream(ServerContext* context, grpc::ServerWriter<Message>* writer, Next next) {
        std::unique_lock lock(mutex);
        ++watchers;
        while (!stopping && !context->IsCancelled()) {
            std::vector<Message> found = next();
            if (found.empty()) {
                // Cancellation has no condition to wait for in the synchronous API.
                news.wait_for(lock, std::chrono::milliseconds(10));
                continue;
            }
            lock.unlock();
            for (const auto& message : found) {
                if (!writer->Write(message)) {
                    break;
                }
            }
            lock.lock();
        }
        --watchers;
        return {StatusCode::UNAVAILABLE, "the fake runtime stops"};
    }
};

namespace {

api::Function makeFunction(const std::string& name) {
    api::Function function;
    function.set_function_name(name);
    function.set_runtime("python3.11");
    function.set_handler("index.handler");
    function.set_memory_size(512);
    function.set_disk_size(512);
    function.set_cpu(0.35);
    function.set_timeout(60);
    function.set_instance_concurrency(1);
    function.set_state("Active");
    function.set_code_size(2048);
    function.set_created_time("2026-11-20T08:00:00Z");
    function.set_last_modified_time("2026-11-22T08:00:00Z");
    return function;
}

double nowMs() {
    return static_cast<double>(
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count());
}

}  // namespace

struct FakeRuntime::Services {
    using StatePtr = std::shared_ptr<State>;

    struct Functions : api::FunctionService::Service {
        explicit Functions(StatePtr s) : state(std::move(s)) {}
        StatePtr state;

        Status DeployFunction(ServerContext* context, grpc::ServerReader<api::DeployRequest>* reader,
                              api::FunctionReply* reply) override {
            api::DeployRequest head;
            reader->Read(&head);
            std::string zip = head.zip_chunk();
            api::DeployRequest piece;
            while (reader->Read(&piece)) {
                zip += piece.zip_chunk();
            }
            if (auto failure = state->failureOf(context, "DeployFunction"); !failure.ok()) {
                return failure;
            }
            const std::lock_guard lock(state->mutex);
            state->lastDeploy = head;
            state->lastZip = zip;
            const std::string name = head.has_create() ? head.create().function_name() : head.function_name();
            auto function = makeFunction(name);
            function.set_runtime(head.has_create() ? head.create().runtime() : head.update().runtime());
            function.set_handler(head.has_create() ? head.create().handler() : head.update().handler());
            function.set_code_size(static_cast<double>(zip.size()));
            state->functions[name] = function;
            state->change(api::FunctionChange::PUT, function);
            *reply->mutable_function() = function;
            reply->set_etag(std::to_string(++state->revision));
            return Status::OK;
        }
        Status GetFunction(ServerContext* context, const api::NameRequest* request,
                           api::FunctionReply* reply) override {
            const std::lock_guard lock(state->mutex);
            const auto found = state->functions.find(request->name());
            if (found == state->functions.end()) {
                context->AddTrailingMetadata("hanshu-reason", "FunctionNotFound");
                return {StatusCode::NOT_FOUND, ""};
            }
            *reply->mutable_function() = found->second;
            reply->set_etag(std::to_string(state->revision));
            return Status::OK;
        }
        Status DeleteFunction(ServerContext* context, const api::NameRequest* request, api::Empty*) override {
            if (auto failure = state->failureOf(context, "DeleteFunction"); !failure.ok()) {
                return failure;
            }
            const std::lock_guard lock(state->mutex);
            api::Function gone;
            gone.set_function_name(request->name());
            state->functions.erase(request->name());
            state->change(api::FunctionChange::DELETED, gone);
            return Status::OK;
        }
        Status WatchFunctions(ServerContext* context, const api::Empty*,
                              grpc::ServerWriter<api::FunctionChange>* writer) override {
            if (auto failure = state->failureOf(context, "WatchFunctions"); !failure.ok()) {
                return failure;
            }
            std::size_t at = 0;
            bool told = false;
            return state->stream(context, writer, [&] {
                std::vector<api::FunctionChange> out;
                if (!told) {
                    told = true;
                    at = state->changes.size();
                    for (const auto& [name, function] : state->functions) {
                        out.emplace_back().set_kind(api::FunctionChange::SNAPSHOT);
                        *out.back().mutable_function() = function;
                    }
                    out.emplace_back().set_kind(api::FunctionChange::SNAPSHOT_END);
                }
                out.insert(out.end(), state->changes.begin() + static_cast<std::ptrdiff_t>(at), state->changes.end());
                at = state->changes.size();
                return out;
            });
        }
    };

    struct Invocations : api::InvocationService::Service {
        explicit Invocations(StatePtr s) : state(std::move(s)) {}
        StatePtr state;

        Status Invoke(ServerContext* context, const api::InvokeRequest* request, api::InvokeReply* reply) override {
            if (auto failure = state->failureOf(context, "Invoke"); !failure.ok()) {
                return failure;
            }
            Answer answer;
            {
                const std::lock_guard lock(state->mutex);
                answer = state->answer;
            }
            if (answer) {
                return answer(*context, *request, *reply);
            }
            auto* run = reply->mutable_invocation();
            run->set_request_id("1-6560c0de-000000000000000000000001");
            run->set_function_name(request->function_name());
            run->set_status("Succeeded");
            run->set_started_time(nowMs());
            run->set_schedule_us(300);
            run->set_run_us(2100);
            run->set_memory_peak(21.0 * 1024 * 1024);
            run->set_memory_size(512);
            run->set_billed_duration_ms(3);
            reply->set_request_id(run->request_id());
            reply->set_payload(request->payload());
            reply->set_log_tail("FC Invoke Start\nhello from the log\nFC Invoke End\n");
            return Status::OK;
        }
        Status ListInvocations(ServerContext* context, const api::ListInvocationsRequest* request,
                               api::ListInvocationsOutput* output) override {
            if (auto failure = state->failureOf(context, "ListInvocations"); !failure.ok()) {
                return failure;
            }
            const std::lock_guard lock(state->mutex);
            const auto before = request->next_token().empty() ? INT64_MAX : std::stoll(request->next_token());
            for (auto run = state->runs.rbegin(); run != state->runs.rend(); ++run) {
                if (run->sequence() < before && output->invocations_size() < request->limit()) {
                    *output->add_invocations() = *run;
                }
            }
            if (output->invocations_size() == request->limit()) {
                output->set_next_token(std::to_string(output->invocations(output->invocations_size() - 1).sequence()));
            }
            return Status::OK;
        }
        Status WatchInvocations(ServerContext* context, const api::WatchInvocationsRequest* request,
                                grpc::ServerWriter<api::InvocationBatch>* writer) override {
            auto after = request->after_sequence();
            return state->stream(context, writer, [&] {
                std::vector<api::InvocationBatch> out;
                for (const auto& run : state->runs) {
                    if (run.sequence() > after) {
                        if (out.empty()) {
                            out.emplace_back();
                        }
                        *out.back().add_invocations() = run;
                        after = run.sequence();
                    }
                }
                return out;
            });
        }
    };

    struct Logs : api::LogService::Service {
        explicit Logs(StatePtr s) : state(std::move(s)) {}
        StatePtr state;

        Status QueryLogs(ServerContext*, const api::QueryLogsRequest* request, api::LogBatch* reply) override {
            const std::lock_guard lock(state->mutex);
            for (const auto& line : state->lines) {
                if (line.request_id() == request->which().request_id()) {
                    *reply->add_records() = line;
                }
            }
            return Status::OK;
        }
        Status TailLogs(ServerContext* context, const api::TailLogsRequest* request,
                        grpc::ServerWriter<api::LogBatch>* writer) override {
            auto after = request->after_sequence();
            {
                const std::lock_guard lock(state->mutex);
                state->tailCursors.push_back(after);
                if (after == 0) {
                    after =
                        std::max<std::int64_t>(0, static_cast<std::int64_t>(state->lines.size()) - request->backlog());
                }
            }
            return state->stream(context, writer, [&] {
                std::vector<api::LogBatch> out;
                for (auto at = static_cast<std::size_t>(after); at < state->lines.size(); ++at) {
                    const auto& line = state->lines[at];
                    after = line.sequence();
                    if ((request->which().function_name().empty() ||
                         line.function_name() == request->which().function_name()) &&
                        (request->which().request_id().empty() || line.request_id() == request->which().request_id())) {
                        if (out.empty()) {
                            out.emplace_back();
                        }
                        *out.back().add_records() = line;
                    }
                }
                return out;
            });
        }
    };

    struct System : api::SystemService::Service {
        explicit System(StatePtr s) : state(std::move(s)) {}
        StatePtr state;

        Status GetStatus(ServerContext* context, const api::Empty*, api::Status* status) override {
            if (auto failure = state->failureOf(context, "GetStatus"); !failure.ok()) {
                return failure;
            }
            status->set_version("0.1.0");
            status->set_running(1);
            status->set_instances(2);
            return Status::OK;
        }
    };

    explicit Services(const StatePtr& state) : functions(state), invocations(state), logs(state), system(state) {}
    Functions functions;
    Invocations invocations;
    Logs logs;
    System system;
};

FakeRuntime::FakeRuntime(std::string address)
    : m_state(std::make_shared<State>()),
      m_services(std::make_unique<Services>(m_state)),
      m_address(std::move(address)) {
    start();
}

FakeRuntime::~FakeRuntime() {
    stop();
}

void FakeRuntime::start() {
    m_state->stopping = false;
    grpc::ServerBuilder builder;
    if (!m_address.empty()) {
        builder.AddListeningPort(m_address, grpc::InsecureServerCredentials());
    }
    builder.SetMaxReceiveMessageSize(64 * 1024 * 1024);
    builder.RegisterService(&m_services->functions);
    builder.RegisterService(&m_services->invocations);
    builder.RegisterService(&m_services->logs);
    builder.RegisterService(&m_services->system);
    m_server = builder.BuildAndStart();
}

void FakeRuntime::stop() {
    if (m_server == nullptr) {
        return;
    }
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
        m_state->news.notify_all();
    }
    m_server->Shutdown(std::chrono::system_clock::now());
    m_server->Wait();
    m_server.reset();
}

std::shared_ptr<void> FakeRuntime::channel() {
    return m_server->InProcessChannel({});
}

void FakeRuntime::putFunction(const std::string& name, const std::string& description) {
    const std::lock_guard lock(m_state->mutex);
    auto function = makeFunction(name);
    function.set_description(description);
    m_state->functions[name] = function;
    m_state->change(api::FunctionChange::PUT, function);
}

void FakeRuntime::removeFunction(const std::string& name) {
    const std::lock_guard lock(m_state->mutex);
    api::Function gone;
    gone.set_function_name(name);
    m_state->functions.erase(name);
    m_state->change(api::FunctionChange::DELETED, gone);
}

bool FakeRuntime::hasFunction(const std::string& name) {
    const std::lock_guard lock(m_state->mutex);
    return m_state->functions.contains(name);
}

std::int64_t FakeRuntime::addRun(api::Invocation run) {
    const std::lock_guard lock(m_state->mutex);
    run.set_sequence(static_cast<std::int64_t>(m_state->runs.size()) + 1);
    if (run.started_time() == 0) {
        run.set_started_time(nowMs());
    }
    m_state->runs.push_back(std::move(run));
    m_state->news.notify_all();
    return m_state->runs.back().sequence();
}

void FakeRuntime::addLines(const std::string& function, int count, const std::string& text, const std::string& level,
                           const std::string& requestId) {
    const std::lock_guard lock(m_state->mutex);
    for (int i = 0; i < count; ++i) {
        api::LogRecord line;
        line.set_sequence(static_cast<std::int64_t>(m_state->lines.size()) + 1);
        line.set_time(nowMs());
        line.set_function_name(function);
        line.set_request_id(requestId);
        line.set_level(level);
        line.set_message(count == 1 ? text : text + " " + std::to_string(i));
        m_state->lines.push_back(std::move(line));
    }
    m_state->news.notify_all();
}

void FakeRuntime::setAnswer(Answer answer) {
    const std::lock_guard lock(m_state->mutex);
    m_state->answer = std::move(answer);
}

void FakeRuntime::setFailure(const std::string& method, Status status, const std::string& reason) {
    const std::lock_guard lock(m_state->mutex);
    if (status.ok()) {
        m_state->failures.erase(method);
    } else {
        m_state->failures[method] = {std::move(status), reason};
    }
}

std::string FakeRuntime::lastZip() {
    const std::lock_guard lock(m_state->mutex);
    return m_state->lastZip;
}

api::DeployRequest FakeRuntime::lastDeploy() {
    const std::lock_guard lock(m_state->mutex);
    return m_state->lastDeploy;
}

std::vector<std::int64_t> FakeRuntime::tailCursors() {
    const std::lock_guard lock(m_state->mutex);
    return m_state->tailCursors;
}

int FakeRuntime::watchers() {
    const std::lock_guard lock(m_state->mutex);
    return m_state->watchers;
}

}  // namespace hanshu::test
