// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An instance of a custom runtime: an HTTP server inside, spoken to over sockets that the agent made before it became
// that server (reference 3.5). One io thread.
#pragma once

#include "runtime/health_check.h"
#include "runtime/http_connection.h"
#include "runtime/instance_body.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::runtime {

class CustomInstance final : public InstanceBody {
public:
    CustomInstance(const asio::any_io_executor& executor, Agent agent,
                   std::shared_ptr<const catalog::FunctionSpec> spec, const SandboxConnection& onConnection);

    // Starts the program, waits until it listens, runs the initializer. Empty: it serves; otherwise what the run
    // reports, and it is dead.
    [[nodiscard]] Task<std::optional<RunResult>> load(std::chrono::milliseconds startTimeout, RunRequest request,
                                                      OutputSink output);
    [[nodiscard]] Task<RunResult> run(RunRequest request, OutputSink output) override;
    [[nodiscard]] Task<void> stop() override;

protected:
    void closeChannels() override;

private:
    [[nodiscard]] std::string assignment(const access::Credentials& credentials) const;
    // Empty when the program was started; otherwise why not.
    [[nodiscard]] Task<std::optional<std::string>> startProgram(std::string assignment);
    [[nodiscard]] Task<Result<void>> takeSockets();
    [[nodiscard]] Task<std::string> waitUntilItListens(Run& run);
    [[nodiscard]] Task<std::string> waitUntilHealthy(Run& run);
    [[nodiscard]] Task<std::string> lookAtServer();
    static Task<void> watchHealth(std::shared_ptr<CustomInstance> self);
    // How many sockets the agent makes.
    [[nodiscard]] std::size_t socketsWanted() const;
    // Empty: it listens and is healthy.
    [[nodiscard]] Task<std::optional<RunResult>> startServing(std::chrono::milliseconds startTimeout,
                                                              std::string assignment, OutputSink output);
    [[nodiscard]] Task<std::optional<RunResult>> runHook(const api::LifecycleHook& hook, std::string_view path,
                                                         RunRequest request, OutputSink output);
    [[nodiscard]] WireRequest wireRequest(RunRequest& request, std::string_view controlPath) const;
    [[nodiscard]] Task<RunResult> exchange(Run& run, WireRequest request, bool passThrough, std::string_view what,
                                           std::chrono::seconds limit);

    [[nodiscard]] Task<void> letProcessEnd(Run& run);

    std::shared_ptr<ControlSocket> m_control;
    std::vector<std::shared_ptr<HttpConnection>> m_connections;  // all of them
    std::vector<std::shared_ptr<HttpConnection>> m_free;         // the one that was used last comes last
    std::optional<HealthPlan> m_health;
    asio::steady_timer m_healthTimer;
    std::uint64_t m_served = 0;  // runs that got an answer
};

}  // namespace hanshu::runtime
