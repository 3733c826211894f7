// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/spawner_client.h"

#include "base/log.h"

#include <signal.h>

#include <cerrno>

namespace hanshu::sandbox {
namespace {

Error lostError() {
    return Error{Code::Unavailable, "SandboxUnavailable", {}, "the spawner is gone"};
}

// What a sandbox whose spawner died has ended by: --die-with-parent.
constexpr ExitStatus kDiedWithSpawner{true, SIGKILL};

}  // namespace

void Life::whenEnded(std::function<void(ExitStatus)> listener) {
    std::unique_lock lock(m_mutex);
    if (!m_exit) {
        m_listeners.push_back(std::move(listener));
        return;
    }
    lock.unlock();
    listener(*m_exit);
}

void Life::end(ExitStatus exit) {
    std::vector<std::function<void(ExitStatus)>> listeners;
    {
        const std::lock_guard lock(m_mutex);
        if (m_exit) {
            return;
        }
        m_exit = exit;
        listeners.swap(m_listeners);
    }
    for (auto& listener : listeners) {
        listener(exit);
    }
}

bool Life::ended() const {
    const std::lock_guard lock(m_mutex);
    return m_exit.has_value();
}

SpawnerClient::SpawnerClient(asio::io_context& context, UniqueFd socket)
    : m_descriptor(context, socket.get()), m_socket(socket.get()) {
    (void)socket.release();
}

void SpawnerClient::start() {
    asio::post(m_descriptor.get_executor(), [self = shared_from_this()] { self->waitReadable(); });
}

void SpawnerClient::close() {
    lose();
    asio::post(m_descriptor.get_executor(), [self = shared_from_this()] {
        boost::system::error_code ignored;
        self->m_descriptor.close(ignored);
    });
}

void SpawnerClient::call(std::uint64_t request, std::string bytes, std::vector<UniqueFd> fds,
                         std::function<void(Reply)> done) {
    std::unique_lock lock(m_mutex);
    if (m_lost) {
        lock.unlock();
        Reply reply;
        reply.answer.error = lostError();
        return done(std::move(reply));
    }
    m_waiting[request] = std::move(done);
    lock.unlock();
    send({std::move(bytes), std::move(fds)});
}

void SpawnerClient::tell(std::string bytes) {
    send({std::move(bytes), {}});
}

void SpawnerClient::send(Outgoing outgoing) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_lost || (m_outgoing.empty() && trySend(outgoing))) {
            return;
        }
        m_outgoing.push_back(std::move(outgoing));
        if (m_outgoing.size() > 1) {
            return;  // somebody waits already
        }
    }
    asio::post(m_descriptor.get_executor(), [self = shared_from_this()] { self->waitWritable(); });
}

bool SpawnerClient::trySend(const Outgoing& outgoing) {
    std::vector<int> fds;
    for (const auto& fd : outgoing.fds) {
        fds.push_back(fd.get());
    }
    const int code = sendFrame(m_socket, outgoing.bytes, fds);
    // A broken socket is told by the reading side.
    return code != EAGAIN && code != EWOULDBLOCK;
}

void SpawnerClient::waitWritable() {
    m_descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                            [self = shared_from_this()](const boost::system::error_code& failed) {
                                if (!failed) {
                                    self->writeAll();
                                }
                            });
}

void SpawnerClient::writeAll() {
    const std::lock_guard lock(m_mutex);
    while (!m_outgoing.empty()) {
        if (!trySend(m_outgoing.front())) {
            return waitWritable();
        }
        m_outgoing.pop_front();
    }
}

void SpawnerClient::waitReadable() {
    m_descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                            [self = shared_from_this()](const boost::system::error_code& failed) {
                                if (!failed) {
                                    self->readAll();
                                }
                            });
}

void SpawnerClient::readAll() {
    Frame frame;
    for (;;) {
        switch (receiveFrame(m_socket, frame, false)) {
            case Received::Nothing:
                return waitReadable();
            case Received::Closed: {
                const std::lock_guard lock(m_mutex);
                if (!m_lost) {
                    log::error("sandbox", "the spawner is gone: no function can run until the daemon is restarted");
                }
                break;
            }
            case Received::Frame:
                if (auto answer = decodeAnswer(std::move(frame)); answer) {
                    handle(std::move(*answer));
                }
                frame = {};
                continue;
        }
        return lose();
    }
}

void SpawnerClient::handle(Answer answer) {
    if (answer.kind == AnswerKind::Exited) {
        std::shared_ptr<Life> life;
        {
            const std::lock_guard lock(m_mutex);
            if (auto node = m_lives.extract(answer.sandbox); !node.empty()) {
                life = std::move(node.mapped());
            }
        }
        if (life) {
            m_alive.fetch_sub(1, std::memory_order_relaxed);
            life->end(answer.exit);
        }
        return;
    }
    Reply reply;
    std::function<void(Reply)> done;
    {
        const std::lock_guard lock(m_mutex);
        if (answer.kind == AnswerKind::Launched && !answer.error) {
            reply.life = std::make_shared<Life>();
            m_lives[answer.sandbox] = reply.life;
            m_alive.fetch_add(1, std::memory_order_relaxed);
        }
        if (auto node = m_waiting.extract(answer.request); !node.empty()) {
            done = std::move(node.mapped());
        }
    }
    reply.answer = std::move(answer);
    if (done) {
        done(std::move(reply));
    }
}

void SpawnerClient::lose() {
    decltype(m_waiting) waiting;
    decltype(m_lives) lives;
    {
        const std::lock_guard lock(m_mutex);
        m_lost = true;
        waiting.swap(m_waiting);
        lives.swap(m_lives);
        m_outgoing.clear();
    }
    m_alive.store(0, std::memory_order_relaxed);
    for (auto& [request, done] : waiting) {
        Reply reply;
        reply.answer.error = lostError();
        done(std::move(reply));
    }
    for (auto& [id, life] : lives) {
        life->end(kDiedWithSpawner);
    }
}

}  // namespace hanshu::sandbox
