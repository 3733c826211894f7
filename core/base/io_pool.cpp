// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "base/io_pool.h"

#include <fmt/format.h>
#include <pthread.h>

namespace hanshu {
namespace {

thread_local int tCurrentIndex = -1;

}  // namespace

IoPool::IoPool(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) {
        m_contexts.push_back(std::make_unique<asio::io_context>(1));
        m_guards.push_back(asio::make_work_guard(*m_contexts.back()));
    }
    m_running = threads;
    for (std::size_t i = 0; i < threads; ++i) {
        m_threads.emplace_back([this, i] {
            tCurrentIndex = static_cast<int>(i);
            pthread_setname_np(pthread_self(), fmt::format("io-{}", i).c_str());
            m_contexts[i]->run();
            const std::lock_guard lock(m_mutex);
            --m_running;
            m_threadEnded.notify_all();
        });
    }
}

IoPool::~IoPool() {
    stop();
}

asio::io_context& IoPool::next() noexcept {
    return *m_contexts[m_next.fetch_add(1, std::memory_order_relaxed) % m_contexts.size()];
}

int IoPool::currentIndex() noexcept {
    return tCurrentIndex;
}

bool IoPool::finish(std::chrono::milliseconds timeout) {
    for (auto& guard : m_guards) {
        guard.reset();
    }
    bool ended = false;
    {
        std::unique_lock lock(m_mutex);
        ended = m_threadEnded.wait_for(lock, timeout, [this] { return m_running == 0; });
    }
    stop();
    return ended;
}

void IoPool::stop() {
    for (auto& context : m_contexts) {
        context->stop();
    }
    for (auto& thread : m_threads) {
        if (thread.joinable()) {
            thread.join();
        }
    }
}

}  // namespace hanshu
