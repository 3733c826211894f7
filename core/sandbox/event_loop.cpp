// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "sandbox/event_loop.h"

#include <sys/epoll.h>

namespace hanshu::sandbox {

EventLoop::EventLoop() : m_epoll(::epoll_create1(EPOLL_CLOEXEC)) {}

void EventLoop::watch(int fd, std::function<void()> handler) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    m_handlers[fd] = std::move(handler);
    ::epoll_ctl(m_epoll.get(), EPOLL_CTL_ADD, fd, &event);
}

// By name, not by closing: children may still hold the same open file.
void EventLoop::unwatch(int fd) {
    if (m_handlers.erase(fd) > 0) {
        ::epoll_ctl(m_epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
    }
}

// One event at a time: a handler may close what the next event of a batch is about.
bool EventLoop::step(int timeoutMilliseconds) {
    epoll_event event{};
    if (::epoll_wait(m_epoll.get(), &event, 1, timeoutMilliseconds) != 1) {
        return false;
    }
    if (const auto found = m_handlers.find(event.data.fd); found != m_handlers.end()) {
        const auto handler = found->second;  // it may remove itself
        handler();
    }
    return true;
}

}  // namespace hanshu::sandbox
