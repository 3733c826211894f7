// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The daemon's end of the socket to the spawner: orders out, answers and ends of sandboxes in. Any thread.
#pragma once

#include "base/async.h"
#include "base/io_pool.h"
#include "base/unique_fd.h"
#include "sandbox/orders.h"
#include "sandbox/sandbox.h"

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace hanshu::sandbox {

// Whether a sandbox still lives; shared by its owner, who may be gone first, and the client.
class Life {
public:
    // Called at once where it has ended.
    void whenEnded(std::function<void(ExitStatus)> listener);
    void end(ExitStatus exit);
    [[nodiscard]] bool ended() const;

private:
    mutable std::mutex m_mutex;
    std::optional<ExitStatus> m_exit;
    std::vector<std::function<void(ExitStatus)>> m_listeners;
};

class SpawnerClient : public std::enable_shared_from_this<SpawnerClient> {
public:
    struct Reply {
        Answer answer;
        std::shared_ptr<Life> life;  // of a sandbox that was launched
    };

    SpawnerClient(asio::io_context& context, UniqueFd socket);
    void start();
    // The socket is closed; what waits fails, and every sandbox counts as ended.
    void close();

    [[nodiscard]] std::uint64_t newRequest() noexcept { return ++m_lastRequest; }
    // `done` is called once, on any thread, with an error in the answer where the spawner is gone.
    void call(std::uint64_t request, std::string bytes, std::vector<UniqueFd> fds, std::function<void(Reply)> done);
    // An order without an answer.
    void tell(std::string bytes);
    [[nodiscard]] int alive() const noexcept { return m_alive.load(std::memory_order_relaxed); }

private:
    struct Outgoing {
        std::string bytes;
        std::vector<UniqueFd> fds;
    };
    void waitReadable();
    void waitWritable();
    void readAll();
    void writeAll();
    void send(Outgoing outgoing);
    [[nodiscard]] bool trySend(const Outgoing& outgoing);
    void handle(Answer answer);
    void lose();

    asio::posix::stream_descriptor m_descriptor;
    int m_socket;  // the descriptor's number: sending needs no executor
    std::atomic<std::uint64_t> m_lastRequest{0};
    std::atomic<int> m_alive{0};
    std::mutex m_mutex;
    bool m_lost = false;
    std::deque<Outgoing> m_outgoing;  // only while the socket is full
    std::unordered_map<std::uint64_t, std::function<void(Reply)>> m_waiting;
    std::unordered_map<std::uint64_t, std::shared_ptr<Life>> m_lives;
};

}  // namespace hanshu::sandbox
