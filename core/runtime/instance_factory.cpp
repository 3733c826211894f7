// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/instance_factory.h"

#include "base/io_pool.h"
#include "base/log.h"
#include "runtime/custom_instance.h"
#include "runtime/python_instance.h"

#include <array>
#include <atomic>
#include <boost/asio/redirect_error.hpp>
#include <deque>
#include <future>

namespace hanshu::runtime {
namespace {

constexpr auto kRetryAfter = std::chrono::seconds(1);  // when the host had no room for an agent
constexpr int kAgentTries = 3;                         // no user code has run yet: another agent is as good

class LiveInstance final : public Instance {
public:
    explicit LiveInstance(std::shared_ptr<InstanceBody> body) : m_body(std::move(body)) {}
    ~LiveInstance() override {
        m_body->onDeath(nullptr);
        m_body->kill();
    }
    LiveInstance(const LiveInstance&) = delete;
    LiveInstance& operator=(const LiveInstance&) = delete;

    [[nodiscard]] const InstanceId& id() const noexcept override { return m_body->id(); }
    [[nodiscard]] const catalog::FunctionSpec& spec() const noexcept override { return m_body->spec(); }
    [[nodiscard]] bool alive() const noexcept override { return m_body->alive(); }
    [[nodiscard]] Task<RunResult> run(RunRequest request, OutputSink output) override {
        return m_body->run(std::move(request), std::move(output));
    }
    void kill() override { m_body->kill(); }
    void abort(std::string why) override { m_body->abort(std::move(why)); }
    [[nodiscard]] Task<void> stop() override { return m_body->stop(); }
    void onDeath(std::function<void()> listener) override { m_body->onDeath(std::move(listener)); }

private:
    std::shared_ptr<InstanceBody> m_body;
};

std::optional<AgentKind> kindOf(std::string_view runtime) {
    if (runtime == "python3" || runtime == "python3.11") {
        return AgentKind::Python;
    }
    if (runtime == "custom" || runtime.starts_with("custom.")) {
        return AgentKind::Custom;
    }
    return std::nullopt;
}

sandbox::Assignment assignmentOf(const catalog::FunctionSpec& spec) {
    sandbox::Assignment assignment;
    assignment.memoryBytes = std::int64_t{spec.function.memory_size()} << 20;
    assignment.cpus = spec.function.cpu();
    assignment.diskBytes = std::int64_t{spec.function.disk_size()} << 20;
    assignment.mounts.push_back({spec.codeDirectory, "/code"});
    for (const auto& mount : spec.mounts) {
        assignment.mounts.push_back({mount.hostPath, mount.targetPath});
    }
    return assignment;
}

Task<Result<Started>> refuse(Failure failure) {
    co_return failure;
}

std::chrono::microseconds since(SteadyTime start) {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
}

// Started agents of one io thread, by kind; touched only there.
struct Shelf {
    std::array<std::deque<Agent>, kAgentKinds> agents;
    std::array<bool, kAgentKinds> filling{};
    std::array<bool, kAgentKinds> wanted{};
};

class StockedFactory final : public InstanceFactory {
public:
    explicit StockedFactory(InstanceFactoryOptions options);
    ~StockedFactory() override;
    StockedFactory(const StockedFactory&) = delete;
    StockedFactory& operator=(const StockedFactory&) = delete;

    [[nodiscard]] Task<Result<Started>> start(std::shared_ptr<const catalog::FunctionSpec> spec,
                                              const RunRequest& request, OutputSink output) override;
    [[nodiscard]] int stock() const noexcept override { return m_state->count.load(); }
    void shutdown() override { m_state->stopping.store(true); }

private:
    // Shared with the coroutines that fill the shelves.
    struct State {
        explicit State(InstanceFactoryOptions with) : options(std::move(with)), shelves(options.io.size()) {}
        InstanceFactoryOptions options;
        std::vector<Shelf> shelves;
        std::atomic<int> count{0};
        std::atomic<bool> stopping{false};
    };
    static Task<Result<Started>> startOn(std::shared_ptr<State> state, std::size_t thread,
                                         std::shared_ptr<const catalog::FunctionSpec> spec, RunRequest request,
                                         OutputSink output);
    static Task<Result<Agent>> assignAgent(std::shared_ptr<State> state, std::size_t thread, AgentKind kind,
                                           sandbox::Assignment assignment, bool& fromStock);
    static Task<Result<Agent>> takeAgent(std::shared_ptr<State> state, std::size_t thread, AgentKind kind,
                                         bool& fromStock);
    static Task<void> fill(std::shared_ptr<State> state, std::size_t thread, AgentKind kind);
    static void refill(const std::shared_ptr<State>& state, std::size_t thread, AgentKind kind);
    static std::size_t share(const State& state, std::size_t thread);
    static void clear(State& state, std::size_t thread);

    std::shared_ptr<State> m_state;
};

StockedFactory::StockedFactory(InstanceFactoryOptions options) : m_state(std::make_shared<State>(std::move(options))) {
    for (std::size_t i = 0; i < m_state->shelves.size(); ++i) {
        asio::post(m_state->options.io.context(i), [state = m_state, i] { refill(state, i, AgentKind::Python); });
    }
}

// Sandboxes end on their own threads, before the factory of sandboxes does.
StockedFactory::~StockedFactory() {
    shutdown();
    for (std::size_t i = 0; i < m_state->shelves.size(); ++i) {
        auto& context = m_state->options.io.context(i);
        if (context.stopped()) {
            clear(*m_state, i);
            continue;
        }
        std::promise<void> done;
        asio::post(context, [&] {
            clear(*m_state, i);
            done.set_value();
        });
        done.get_future().wait();
    }
}

void StockedFactory::clear(State& state, std::size_t thread) {
    for (auto& agents : state.shelves[thread].agents) {
        state.count -= static_cast<int>(agents.size());
        agents.clear();
    }
}

std::size_t StockedFactory::share(const State& state, std::size_t thread) {
    const auto total = static_cast<std::size_t>(std::max(0, state.options.stock));
    const auto threads = state.shelves.size();
    return total / threads + (thread < total % threads ? 1 : 0);
}

void StockedFactory::refill(const std::shared_ptr<State>& state, std::size_t thread, AgentKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    auto& shelf = state->shelves[thread];
    shelf.wanted[index] = true;
    if (!shelf.filling[index] && shelf.agents[index].size() < share(*state, thread) && !state->stopping) {
        shelf.filling[index] = true;
        detach(state->options.io.context(thread).get_executor(), fill(state, thread, kind));
    }
}

Task<void> StockedFactory::fill(std::shared_ptr<State> state, std::size_t thread, AgentKind kind) {
    const auto index = static_cast<std::size_t>(kind);
    auto& shelf = state->shelves[thread];
    while (!state->stopping && shelf.agents[index].size() < share(*state, thread)) {
        auto agent = co_await launchAgent(state->options.sandboxes, kind);
        if (state->stopping) {
            break;
        }
        if (agent) {
            shelf.agents[index].push_back(std::move(*agent));
            ++state->count;
            continue;
        }
        log::warning("runtime", "no agent for the stock: {}", agent.error().describe());
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, kRetryAfter);
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    shelf.filling[index] = false;
}

Task<Result<Agent>> StockedFactory::takeAgent(std::shared_ptr<State> state, std::size_t thread, AgentKind kind,
                                              bool& fromStock) {
    auto& agents = state->shelves[thread].agents[static_cast<std::size_t>(kind)];
    while (!agents.empty()) {
        Agent agent = std::move(agents.front());
        agents.pop_front();
        --state->count;
        if (stillWaits(agent)) {
            fromStock = true;
            co_return agent;
        }
    }
    fromStock = false;
    co_return co_await launchAgent(state->options.sandboxes, kind);
}

// An agent that ended on its own, whatever became of it, is replaced: the caller has nothing to do with it. What the
// host refuses for want of room is not asked for again.
Task<Result<Agent>> StockedFactory::assignAgent(std::shared_ptr<State> state, std::size_t thread, AgentKind kind,
                                                sandbox::Assignment assignment, bool& fromStock) {
    Error failure;
    for (int left = kAgentTries; left > 0; --left) {
        auto agent = co_await takeAgent(state, thread, kind, fromStock);
        if (agent) {
            auto assigned = co_await agent->sandbox->assign(assignment);
            if (assigned) {
                co_return agent;
            }
            failure = std::move(assigned.error());
        } else {
            failure = std::move(agent.error());
        }
        if (failure.code != Code::Internal && failure.code != Code::Aborted) {
            break;
        }
        log::warning("runtime", "an agent was lost before its function came: {}", failure.describe());
    }
    co_return fail(std::move(failure));
}

Task<Result<Started>> StockedFactory::start(std::shared_ptr<const catalog::FunctionSpec> spec,
                                            const RunRequest& request, OutputSink output) {
    const int thread = IoPool::currentIndex();
    if (thread < 0 || m_state->stopping) {
        return refuse(thread < 0 ? internalError("an instance can only start on an io thread")
                                 : fail(Code::Unavailable, "ShuttingDown"));
    }
    RunRequest cause;  // without the payload: it is not needed for a start
    cause.requestId = request.requestId;
    cause.credentials = request.credentials;
    cause.attempt = request.attempt;
    return startOn(m_state, static_cast<std::size_t>(thread), std::move(spec), std::move(cause), std::move(output));
}

Task<Result<Started>> StockedFactory::startOn(std::shared_ptr<State> state, std::size_t thread,
                                              std::shared_ptr<const catalog::FunctionSpec> spec, RunRequest request,
                                              OutputSink output) {
    const auto begin = std::chrono::steady_clock::now();
    const auto kind = kindOf(spec->function.runtime());
    if (!kind) {
        co_return fail(Code::InvalidArgument, "InvalidArgument", {{"field", "runtime"}},
                       "no such runtime: " + spec->function.runtime());
    }
    Started started;
    auto assignment = assignmentOf(*spec);
    auto agent = co_await assignAgent(state, thread, *kind, std::move(assignment), started.times.fromStock);
    if (!agent) {
        co_return fail(std::move(agent.error()));
    }
    started.times.start = since(begin);
    const auto loading = std::chrono::steady_clock::now();
    const auto executor = co_await asio::this_coro::executor;
    const auto& door = state->options.onSandboxConnection;
    const auto& ownOutput = state->options.onInstanceOutput;
    auto own = ownOutput ? ownOutput(*spec, agent->sandbox->id()) : OutputSink();
    std::shared_ptr<InstanceBody> body;
    std::optional<RunResult> failure;
    if (*kind == AgentKind::Python) {
        auto python = std::make_shared<PythonInstance>(executor, std::move(*agent), spec, door);
        python->open(std::move(own));
        body = python;
        failure = co_await python->load(state->options.loadTimeout, std::move(request), std::move(output));
    } else {
        auto custom = std::make_shared<CustomInstance>(executor, std::move(*agent), spec, door);
        custom->open(std::move(own));
        body = custom;
        failure = co_await custom->load(state->options.customTimeout, std::move(request), std::move(output));
    }
    started.times.init = since(loading);
    refill(state, thread, *kind);
    if (failure) {
        started.failure = std::move(*failure);
    } else {
        started.instance = std::make_unique<LiveInstance>(std::move(body));
    }
    co_return started;
}

}  // namespace

std::unique_ptr<InstanceFactory> makeInstanceFactory(InstanceFactoryOptions options) {
    return std::make_unique<StockedFactory>(std::move(options));
}

}  // namespace hanshu::runtime
