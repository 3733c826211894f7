// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Sandboxes as the daemon sees them: handles on what the spawner made by bubblewrap. See sandbox.h for threads.
#pragma once

#include "sandbox/sandbox.h"
#include "sandbox/spawner_client.h"

namespace hanshu::sandbox {

class BubblewrapFactory final : public SandboxFactory {
public:
    BubblewrapFactory(std::shared_ptr<SpawnerClient> client, Isolation isolation);
    ~BubblewrapFactory() override;

    Task<Result<std::unique_ptr<Sandbox>>> launch(LaunchSpec spec) override;
    [[nodiscard]] Isolation isolation() const noexcept override { return m_isolation; }
    [[nodiscard]] int alive() const noexcept override { return m_client->alive(); }

private:
    std::shared_ptr<SpawnerClient> m_client;
    Isolation m_isolation;
};

}  // namespace hanshu::sandbox
