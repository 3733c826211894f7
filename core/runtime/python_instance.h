// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// An instance of a built-in Python runtime: frames over the agent's control socket. One io thread.
#pragma once

#include "runtime/instance_body.h"
#include "runtime/instance_factory.h"

#include <deque>
#include <memory>
#include <string>

namespace hanshu::runtime {

class PythonInstance final : public InstanceBody {
public:
    PythonInstance(const asio::any_io_executor& executor, Agent agent,
                   std::shared_ptr<const catalog::FunctionSpec> spec, const SandboxConnection& onConnection);

    // Loads the code and runs the initializer. Empty: it serves; otherwise what the run reports, and it is dead.
    [[nodiscard]] Task<std::optional<RunResult>> load(std::chrono::milliseconds loadTimeout, RunRequest request,
                                                      OutputSink output);
    [[nodiscard]] Task<RunResult> run(RunRequest request, OutputSink output) override;
    [[nodiscard]] Task<void> stop() override;

protected:
    void closeChannels() override;

private:
    [[nodiscard]] std::shared_ptr<PythonInstance> self();
    [[nodiscard]] std::string assignment(const access::Credentials& credentials);
    [[nodiscard]] FrameWriter order(Order kind, const Run& run, const RequestId& id, int attempt,
                                    const access::Credentials& credentials);
    [[nodiscard]] std::uint8_t credentialFlags(const access::Credentials& credentials) const;
    [[nodiscard]] Task<std::optional<RunResult>> runHook(const api::LifecycleHook& hook, std::string_view name,
                                                         RunRequest request, OutputSink output);
    [[nodiscard]] Task<RunResult> conclude(Run& run, std::string_view what, std::chrono::seconds limit);
    [[nodiscard]] Task<void> dumpStacks(const Run& run);

    void send(std::string head, std::string payload);
    void flushQueue();
    void receive();
    // These return false for what an agent may not send.
    [[nodiscard]] bool consume(std::size_t count);
    [[nodiscard]] bool consumeLarge(std::size_t count);
    [[nodiscard]] bool take(Answer kind, std::string body);
    [[nodiscard]] bool takeResult(std::string body);
    [[nodiscard]] Run* find(std::uint32_t id);

    struct Outgoing {
        std::string bytes;
        std::size_t sent = 0;
    };

    std::shared_ptr<ControlSocket> m_control;
    UniqueFd m_alarm;
    std::string m_buffer;  // of received bytes; m_have of them are valid
    std::size_t m_have = 0;
    std::string m_large;  // body of a frame that m_buffer has no room for
    std::size_t m_largeSize = 0;
    std::size_t m_largeHave = 0;
    Answer m_largeKind{};
    std::deque<Outgoing> m_queue;
    bool m_loaded = false;
    std::string m_sentKey;  // access key id and token that the agent has
};

}  // namespace hanshu::runtime
