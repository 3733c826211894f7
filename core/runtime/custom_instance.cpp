// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/custom_instance.h"

#include "base/http.h"
#include "base/log.h"
#include "runtime/environment.h"
#include "runtime/reports.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <cerrno>
#include <cstring>

namespace hanshu::runtime {
namespace {

constexpr auto kAgentTimeout = std::chrono::seconds(20);  // of steps that take the agent microseconds
constexpr int kMaxConcurrency = 200;                      // reference 1.4
constexpr auto kFirstKnock = std::chrono::milliseconds(2);
constexpr auto kEndGrace = std::chrono::milliseconds(100);  // from a reset connection to the news of its process
constexpr auto kLastKnock = std::chrono::milliseconds(50);

bool startsWithIgnoringCase(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && http::equalsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

bool isOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
    return std::ranges::any_of(names, [name](auto other) { return http::equalsIgnoringCase(name, other); });
}

// Reference 3.5: what a caller may not set, and what belongs to the connection rather than to the request.
bool isRequestHeaderKept(std::string_view name) {
    return !startsWithIgnoringCase(name, "x-fc-") &&
           !isOneOf(name, {"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te",
                           "trailer", "proxy-connection", "expect"});
}

bool isResponseHeaderKept(std::string_view name, std::string_view value) {
    return !startsWithIgnoringCase(name, "x-fc-") &&
           !isOneOf(name, {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding",
                           "upgrade", "trailer"}) &&
           !(http::equalsIgnoringCase(name, "content-disposition") && http::equalsIgnoringCase(value, "attachment"));
}

std::string_view headerOf(const WireResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (http::equalsIgnoringCase(key, name)) {
            return value;
        }
    }
    return {};
}

void addList(FrameWriter& writer, const std::vector<std::string>& list) {
    writer.u32(static_cast<std::uint32_t>(list.size()));
    for (const auto& item : list) {
        writer.text(item);
    }
}

std::string notStarted(std::chrono::nanoseconds waited, std::string_view why) {
    return errorBody(fmt::format("The CA's http server cannot be started:ContainerStartDuration:{}. Ping CA failed due "
                                 "to: {}",
                                 waited.count(), why),
                     "FunctionNotStarted");
}

std::string caExited(std::chrono::nanoseconds waited, std::string_view why) {
    return errorBody(fmt::format("The CA process either cannot be started or exited:ContainerStartDuration:{}. {}",
                                 waited.count(), why),
                     "CAExited");
}

}  // namespace

CustomInstance::CustomInstance(const asio::any_io_executor& executor, Agent agent,
                               std::shared_ptr<const catalog::FunctionSpec> spec, const SandboxConnection& onConnection)
    : InstanceBody(executor, agent, std::move(spec), onConnection),
      m_control(std::move(agent.control)),
      m_health(healthPlan(this->spec().function.custom_runtime_config())),
      m_healthTimer(executor) {}

// Life

std::string CustomInstance::assignment(const access::Credentials& credentials) const {
    const auto& config = spec().function.custom_runtime_config();
    std::vector<std::string> command(config.command().begin(), config.command().end());
    if (command.empty()) {
        command.emplace_back("/code/bootstrap");
    }
    command.insert(command.end(), config.args().begin(), config.args().end());
    auto environment = customEnvironment(spec(), id().value);
    if (!credentials.accessKeyId.empty() && credentialPlaces(spec().function).environment) {
        addCredentials(environment, credentials);
    }
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) {
        variables.push_back(name + '=' + value);
    }
    FrameWriter writer(Order::Assign);
    writer.u32(static_cast<std::uint32_t>(socketsWanted()));
    addList(writer, command);
    addList(writer, variables);
    return writer.finish();
}

std::size_t CustomInstance::socketsWanted() const {
    const auto runs = std::clamp(spec().function.instance_concurrency(), 1, kMaxConcurrency);
    return static_cast<std::size_t>(runs) + (m_health ? 1 : 0);  // a run may come while a look is under way
}

Task<std::optional<RunResult>> CustomInstance::load(std::chrono::milliseconds startTimeout, RunRequest request,
                                                    OutputSink output) {
    const auto keep = shared_from_this();
    // The function's owner knows that it begins late: that is not its start's fault.
    startTimeout += m_health ? m_health->initialDelay : std::chrono::seconds(0);
    auto failure = co_await startServing(startTimeout, assignment(request.credentials), output);
    if (failure) {
        co_return failure;
    }
    const auto& lifecycle = spec().function.instance_lifecycle_config();
    if (lifecycle.has_initializer()) {
        failure = co_await runHook(lifecycle.initializer(), "/initialize", std::move(request), std::move(output));
    }
    if (failure) {
        die();
    } else if (m_health) {
        detach(executor(), watchHealth(std::static_pointer_cast<CustomInstance>(keep)));
    }
    co_return failure;
}

Task<std::optional<RunResult>> CustomInstance::startServing(std::chrono::milliseconds startTimeout,
                                                            std::string assignment, OutputSink output) {
    Run run = makeRun(std::chrono::steady_clock::now() + startTimeout, std::move(output));
    begin(run);
    auto problem = co_await startProgram(std::move(assignment));
    std::string refusal;
    if (!problem) {
        refusal = co_await waitUntilItListens(run);
    }
    if (!problem && m_health && run.end == Run::End::Pending) {
        refusal = co_await waitUntilHealthy(run);
    }
    if (alive()) {
        drainOutput();
    }
    const auto measured = measure(run);
    finish(run);
    if (!problem && run.end == Run::End::Pending) {
        co_return std::nullopt;
    }
    die();
    auto failure = report(run, measured, "Function initialization",
                          std::chrono::duration_cast<std::chrono::seconds>(startTimeout));
    if (failure.status == RunResult::Status::Exited) {
        failure.payload = caExited(measured.run, problem.value_or("the process ended before it served"));
    } else if (failure.status == RunResult::Status::Timeout) {
        failure.payload = notStarted(measured.run, refusal);
    }
    co_return failure;
}

Task<std::optional<std::string>> CustomInstance::startProgram(std::string assignment) {
    const auto control = m_control;
    const auto sent =
        ::send(control->native_handle(), assignment.data(), assignment.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(assignment.size())) {
        co_return "the agent takes no orders";
    }
    auto taken = co_await takeSockets();
    if (!taken) {
        co_return taken.error().detail;
    }
    // The end of the control socket is how a successful exec shows. An agent whose exec fails says why and ends, and
    // its end may be seen before its last word.
    const bool came = co_await readable(control, kAgentTimeout);
    std::string text(2048, '\0');
    const auto count = ::recv(control->native_handle(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (text.empty() && !alive()) {
        co_return "the process ended before it served";
    }
    if (text.empty() && !came) {
        co_return "it was not started in time";
    }
    if (text.empty()) {
        co_return std::nullopt;
    }
    const auto head = text.size() < kFrameHead ? std::nullopt : readHead(text);
    if (!head || head->kind != Answer::ExecFailed) {
        co_return "the agent sent another frame than was its turn";
    }
    co_return text.substr(kFrameHead);
}

Task<Result<void>> CustomInstance::takeSockets() {
    const auto wanted = socketsWanted();
    const auto port = static_cast<std::uint16_t>(customPort(spec().function));
    while (m_connections.size() < wanted) {
        auto batch = co_await receiveSockets(m_control, Answer::Sockets, sizeof(std::uint32_t), kAgentTimeout);
        if (!batch) {
            co_return fail(std::move(batch.error()));
        }
        if (!alive()) {
            co_return internalError("agent: it ended before it was ready");
        }
        if (batch->fds.empty() || m_connections.size() + batch->fds.size() > wanted) {
            co_return internalError("agent: it offered other descriptors than it should");
        }
        for (auto& fd : batch->fds) {
            m_connections.push_back(std::make_shared<HttpConnection>(executor(), std::move(fd), port));
        }
    }
    m_free = m_connections;
    co_return Result<void>{};
}

// Returns why the last try failed, where the run was over before one succeeded.
Task<std::string> CustomInstance::waitUntilItListens(Run& run) {
    const auto connection = m_connections.back();  // which is used first
    const auto prefix = fmt::format("dial tcp 127.0.0.1:{}: ", customPort(spec().function));
    std::string last = prefix + "no answer";
    asio::steady_timer timer(executor());
    run.wake = [connection, &timer] {
        timer.cancel();
        connection->abort();
    };
    auto pause = std::chrono::duration_cast<std::chrono::microseconds>(kFirstKnock);
    while (run.end == Run::End::Pending) {
        auto connected = co_await connection->connect();
        if (connected) {
            break;
        }
        if (run.end != Run::End::Pending) {
            break;
        }
        last = prefix + connected.error().detail;
        timer.expires_after(pause);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        pause = std::min<std::chrono::microseconds>(pause * 5 / 4, kLastKnock);
    }
    run.wake = nullptr;
    co_return last;
}

// As long as it takes within the run: returns why the last look failed, where the run was over before enough succeeded.
Task<std::string> CustomInstance::waitUntilHealthy(Run& run) {
    const auto plan = *m_health;
    const auto connection = m_free.back();
    std::string last = fmt::format("GET {}: no answer", plan.target);
    run.wake = [this, connection] {
        m_healthTimer.cancel();
        connection->interrupt();
    };
    auto next = run.started + plan.initialDelay;
    for (int successes = 0; run.end == Run::End::Pending;) {
        m_healthTimer.expires_at(next);
        boost::system::error_code ignored;
        co_await m_healthTimer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (run.end != Run::End::Pending) {
            break;
        }
        auto problem = co_await lookAtServer();
        if (run.end != Run::End::Pending) {
            break;
        }
        successes = problem.empty() ? successes + 1 : 0;
        if (successes >= plan.successesToServe) {
            break;
        }
        last = problem.empty() ? last : std::move(problem);
        next = std::chrono::steady_clock::now() + plan.period;
    }
    run.wake = nullptr;
    co_return last;
}

// On the connection that was used last, because a server may serve only one at a time and keep it.
Task<std::string> CustomInstance::lookAtServer() {
    const auto connection = m_free.back();
    m_free.pop_back();
    auto problem = co_await lookAtHealth(connection, *m_health, customPort(spec().function));
    if (alive()) {
        m_free.push_back(connection);
    }
    co_return problem;
}

// An instance that works shows by its answers that it lives: it is looked at only between runs.
Task<void> CustomInstance::watchHealth(std::shared_ptr<CustomInstance> self) {
    const auto plan = *self->m_health;
    int failures = 0;
    auto served = self->m_served;
    while (self->alive()) {
        self->m_healthTimer.expires_after(plan.period);
        boost::system::error_code ignored;
        co_await self->m_healthTimer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        if (!self->alive() || !self->runs().empty()) {
            continue;
        }
        failures = served == self->m_served ? failures : 0;
        served = self->m_served;
        auto problem = co_await self->lookAtServer();
        const bool worked = !self->runs().empty() || served != self->m_served;
        failures = problem.empty() ? 0 : failures + (worked ? 0 : 1);
        if (failures >= plan.failuresToFail && self->alive()) {
            log::warning("runtime", "instance {} of {} failed its health check {} times in a row: {}", self->id().value,
                         self->spec().function.function_name(), failures, problem);
            self->die();
        }
    }
}

Task<RunResult> CustomInstance::run(RunRequest request, OutputSink output) {
    const auto keep = shared_from_this();
    if (!alive()) {
        co_return exited({}, 0, "the instance had ended before");
    }
    const bool passThrough = request.http.has_value();
    Run run = makeRun(deadlineOf(request), std::move(output));
    begin(run);
    auto message = wireRequest(request, passThrough ? "/http-invoke" : "/invoke");
    co_return co_await exchange(run, std::move(message), passThrough, "Function", timeout());
}

Task<void> CustomInstance::stop() {
    const auto keep = shared_from_this();
    const auto& lifecycle = spec().function.instance_lifecycle_config();
    if (alive() && runs().empty() && lifecycle.has_pre_stop()) {
        RunRequest request;
        request.requestId = newRequestId();
        co_await runHook(lifecycle.pre_stop(), "/pre-stop", std::move(request), ownOutput());
    }
    die();
}

Task<std::optional<RunResult>> CustomInstance::runHook(const api::LifecycleHook& hook, std::string_view path,
                                                       RunRequest request, OutputSink output) {
    const auto limit = hookTimeout(hook);
    Run run = makeRun(std::chrono::steady_clock::now() + limit, std::move(output));
    request.http.reset();
    request.payload.clear();
    begin(run);
    auto message = wireRequest(request, path);
    auto result = co_await exchange(run, std::move(message), false, "Function " + std::string(path.substr(1)), limit);
    if (result.status == RunResult::Status::Succeeded) {
        co_return std::nullopt;
    }
    co_return result;
}

void CustomInstance::closeChannels() {
    // Not closed, because the agent's last word may still be in it.
    boost::system::error_code ignored;
    m_control->cancel(ignored);
    m_healthTimer.cancel();
    for (const auto& connection : m_connections) {
        connection->abort();
    }
    m_connections.clear();
    m_free.clear();
}

// Calls

WireRequest CustomInstance::wireRequest(RunRequest& request, std::string_view controlPath) const {
    const auto& function = spec().function;
    WireRequest wire;
    wire.target = controlPath;
    wire.body = std::move(request.payload);
    if (request.http) {
        wire.method = request.http->method;
        wire.target = request.http->target;
        for (auto& [name, value] : request.http->headers) {
            if (isRequestHeaderKept(name)) {
                wire.headers.emplace_back(name, value);
            }
        }
    } else {
        wire.headers.emplace_back("Host", fmt::format("127.0.0.1:{}", customPort(function)));
        wire.headers.emplace_back("Content-Type", "application/octet-stream");
    }
    const auto add = [&wire](std::string name, std::string value) {
        wire.headers.emplace_back(std::move(name), std::move(value));
    };
    add("x-fc-request-id", request.requestId.value);
    add("x-fc-control-path", std::string(controlPath));
    add("x-fc-function-name", function.function_name());
    add("x-fc-function-handler", function.handler());
    add("x-fc-function-memory", std::to_string(function.memory_size()));
    add("x-fc-function-timeout", std::to_string(function.timeout()));
    add("x-fc-region", spec().region);
    add("x-fc-account-id", spec().account);
    add("x-fc-qualifier", spec().qualifier);
    add("x-fc-version-id", spec().versionId);
    add("x-fc-service-name", "");
    add("x-fc-service-logproject", function.log_config().project());
    add("x-fc-service-logstore", function.log_config().logstore());
    add("x-fc-retry-count", std::to_string(request.attempt));
    const auto& lifecycle = function.instance_lifecycle_config();
    if (lifecycle.has_initializer()) {
        add("x-fc-function-initializer", lifecycle.initializer().handler());
        add("x-fc-initialization-timeout", std::to_string(hookTimeout(lifecycle.initializer()).count()));
    }
    if (lifecycle.has_pre_stop()) {
        add("x-fc-instance-lifecycle-pre-stop-handler", lifecycle.pre_stop().handler());
    }
    if (!request.credentials.accessKeyId.empty() && credentialPlaces(function).request) {
        add("x-fc-access-key-id", request.credentials.accessKeyId);
        add("x-fc-access-key-secret", request.credentials.accessKeySecret);
        add("x-fc-security-token", request.credentials.securityToken);
    }
    return wire;
}

Task<RunResult> CustomInstance::exchange(Run& run, WireRequest request, bool passThrough, std::string_view what,
                                         std::chrono::seconds limit) {
    if (m_free.empty()) {
        finish(run);
        co_return functionError(errorBody("more runs at once than instanceConcurrency", "InternalError"), {}, 0);
    }
    const auto connection = m_free.back();
    m_free.pop_back();
    run.wake = [connection] { connection->abort(); };
    auto response = co_await connection->exchange(std::move(request));
    run.wake = nullptr;
    if (alive()) {
        drainOutput();
        m_free.push_back(connection);
    }
    if (!response && run.end == Run::End::Pending && alive()) {
        co_await letProcessEnd(run);
    }
    const auto measured = measure(run);
    finish(run);
    if (run.end != Run::End::Pending) {
        die();
        co_return report(run, measured, what, limit);
    }
    if (!response) {
        co_return functionError(errorBody("the HTTP server of the function did not answer: " + response.error().detail,
                                          response.error().reason),
                                measured.run, measured.peak);
    }
    ++m_served;
    const auto verdict = headerOf(*response, "x-fc-status");
    const bool failed = verdict.empty() ? !passThrough && response->status >= 300 : verdict != "200";
    RunResult result;
    result.status = failed ? RunResult::Status::FunctionError : RunResult::Status::Succeeded;
    result.payload = std::move(response->body);
    result.run = measured.run;
    result.memoryPeakBytes = measured.peak;
    if (passThrough) {
        HttpReply reply;
        reply.status = response->status;
        std::ranges::copy_if(response->headers, std::back_inserter(reply.headers),
                             [](const auto& field) { return isResponseHeaderKept(field.first, field.second); });
        result.http = std::move(reply);
    }
    co_return result;
}

// A connection breaks a moment before the end of its process is known: waits for that, so that the run can tell why.
Task<void> CustomInstance::letProcessEnd(Run& run) {
    asio::steady_timer timer(executor(), kEndGrace);
    run.wake = [&timer] { timer.cancel(); };
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    run.wake = nullptr;
}

}  // namespace hanshu::runtime
