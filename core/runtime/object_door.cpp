// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/object_door.h"

#include "runtime/instance_factory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <array>

namespace hanshu::runtime {
namespace {

// At once: other connections of this thread get their turn.
constexpr int kBatch = 16;
// After refusals: code that connects without end costs this thread a batch in that time and no more, and who was
// refused has read why before its connection closes.
constexpr std::chrono::milliseconds kPause{20};

const std::string& refusal() {
    static const std::string text = [] {
        const auto body = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code><Message>One instance may hold {} "
            "connections to the object endpoint. Close some, or use fewer at once.</Message></Error>",
            kMaxObjectConnections);
        return fmt::format(
            "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nRetry-After: 1\r\n"
            "Connection: close\r\n\r\n{}",
            body.size(), body);
    }();
    return text;
}

}  // namespace

ObjectDoor::ObjectDoor(const boost::asio::any_io_executor& executor, UniqueFd listener, Visitor visitor)
    : m_listener(executor), m_timer(executor), m_visitor(std::move(visitor)) {
    ::fcntl(listener.get(), F_SETFL, ::fcntl(listener.get(), F_GETFL) | O_NONBLOCK);
    m_listener.assign(listener.release());
}

void ObjectDoor::open() {
    m_listener.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                              if (!error && self->m_listener.is_open()) {
                                  self->acceptWaiting();
                              }
                          });
}

void ObjectDoor::acceptWaiting() {
    for (int i = 0; i < kBatch; ++i) {
        UniqueFd connection(::accept4(m_listener.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!connection) {
            break;
        }
        if (auto place = takePlace()) {
            m_visitor(connection.release(), std::move(place));
        } else {
            refuse(std::move(connection));
        }
    }
    if (m_refused.empty()) {
        open();
    } else {
        pause();
    }
}

std::shared_ptr<void> ObjectDoor::takePlace() {
    if (m_taken->fetch_add(1) >= kMaxObjectConnections) {
        m_taken->fetch_sub(1);
        return nullptr;
    }
    // Not null: a place is told from none by its pointer.
    return {static_cast<void*>(m_taken.get()), [taken = m_taken](void*) { taken->fetch_sub(1); }};
}

void ObjectDoor::refuse(UniqueFd connection) {
    (void)::send(connection.get(), refusal().data(), refusal().size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ::shutdown(connection.get(), SHUT_WR);
    m_refused.push_back(std::move(connection));
}

void ObjectDoor::pause() {
    m_timer.expires_after(kPause);
    m_timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        // A close with unread bytes is a reset, which may overtake the answer.
        std::array<char, 16384> request;
        for (const auto& connection : std::exchange(self->m_refused, {})) {
            (void)::recv(connection.get(), request.data(), request.size(), MSG_DONTWAIT);
        }
        if (!error && self->m_listener.is_open()) {
            self->open();
        }
    });
}

void ObjectDoor::close() {
    boost::system::error_code ignored;
    m_listener.close(ignored);
    m_timer.cancel();
}

}  // namespace hanshu::runtime
