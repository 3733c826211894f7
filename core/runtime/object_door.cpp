// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/object_door.h"

#include <fcntl.h>
#include <sys/socket.h>

namespace hanshu::runtime {

ObjectDoor::ObjectDoor(const boost::asio::any_io_executor& executor, UniqueFd listener,
                       std::function<void(int)> visitor)
    : m_listener(executor), m_visitor(std::move(visitor)) {
    ::fcntl(listener.get(), F_SETFL, ::fcntl(listener.get(), F_GETFL) | O_NONBLOCK);
    m_listener.assign(listener.release());
}

void ObjectDoor::open() {
    m_listener.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code& error) {
                              if (!error && self->m_listener.is_open()) {
                                  self->acceptWaiting();
                                  self->open();
                              }
                          });
}

void ObjectDoor::acceptWaiting() {
    for (int i = 0; i < 16; ++i) {  // other connections of this thread get their turn
        const int fd = ::accept4(m_listener.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            return;
        }
        m_visitor(fd);
    }
}

void ObjectDoor::close() {
    boost::system::error_code ignored;
    m_listener.close(ignored);
}

}  // namespace hanshu::runtime
