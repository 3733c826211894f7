// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The spawner's end of its socket to the daemon: orders come in, answers go out. For the spawner's one thread only.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "sandbox/frame.h"
#include "sandbox/orders.h"

#include <cstdint>

namespace hanshu::sandbox {

class DaemonLink {
public:
    explicit DaemonLink(UniqueFd socket) : m_socket(std::move(socket)) {}

    [[nodiscard]] int socket() const noexcept { return m_socket.get(); }
    // The daemon is gone.
    [[nodiscard]] bool lost() const noexcept { return m_lost; }
    // False where there is no frame now.
    bool receive(Frame& frame);
    void answer(Answer answer);
    void refuse(AnswerKind kind, std::uint64_t request, std::uint64_t sandbox, Error error);

private:
    UniqueFd m_socket;
    bool m_lost = false;
};

}  // namespace hanshu::sandbox
