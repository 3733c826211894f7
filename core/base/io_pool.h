// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The io threads: one io_context of one thread each. Connections, instances' sockets and timers live on one of them.
#pragma once

#include "base/async.h"

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace hanshu {

class IoPool {
public:
    // `threads` >= 1. They run until `stop`.
    explicit IoPool(std::size_t threads);
    ~IoPool();
    IoPool(const IoPool&) = delete;
    IoPool& operator=(const IoPool&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return m_contexts.size(); }
    [[nodiscard]] asio::io_context& context(std::size_t index) noexcept { return *m_contexts[index]; }
    // Round robin; any thread.
    [[nodiscard]] asio::io_context& next() noexcept;
    // The index of the io thread this is called on, or -1 on any other thread.
    [[nodiscard]] static int currentIndex() noexcept;
    // Lets what is under way end by itself, for at most `timeout`; false when something had not. Then as `stop`.
    bool finish(std::chrono::milliseconds timeout);
    // Ends the threads and waits for them; what is still queued does not run. Not from an io thread.
    void stop();

private:
    std::vector<std::unique_ptr<asio::io_context>> m_contexts;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> m_guards;
    std::vector<std::thread> m_threads;
    std::mutex m_mutex;
    std::condition_variable m_threadEnded;
    std::size_t m_running = 0;
    std::atomic<std::size_t> m_next{0};
};

// Starts `task` on `executor` and blocks until it has ended. Never from an io thread.
template <class T>
T runBlocking(const asio::any_io_executor& executor, Task<T> task) {
    return asio::co_spawn(executor, std::move(task), asio::use_future).get();
}

}  // namespace hanshu
