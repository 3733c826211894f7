// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/daemon_link.h"

#include <unistd.h>
#include <cerrno>

namespace hanshu::sandbox {

bool DaemonLink::receive(Frame& frame) {
    const auto received = receiveFrame(m_socket.get(), frame, false);
    m_lost = m_lost || received == Received::Closed;
    return received == Received::Frame;
}

void DaemonLink::answer(Answer answer) {
    std::vector<int> fds;
    for (const auto& fd : answer.fds) {
        if (fd) {
            fds.push_back(fd.get());
        }
    }
    const auto bytes = encode(answer);
    int code = 0;
    // The daemon reads answers on an io thread that never blocks for long; a full socket empties itself.
    while ((code = sendFrame(m_socket.get(), bytes, fds)) == EAGAIN) {
        ::usleep(200);
    }
    m_lost = m_lost || code != 0;
}

void DaemonLink::refuse(AnswerKind kind, std::uint64_t request, std::uint64_t sandbox, Error error) {
    Answer refusal;
    refusal.kind = kind;
    refusal.request = request;
    refusal.sandbox = sandbox;
    refusal.error = std::move(error);
    answer(std::move(refusal));
}

}  // namespace hanshu::sandbox
