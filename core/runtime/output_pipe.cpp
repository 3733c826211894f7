// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "runtime/output_pipe.h"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace hanshu::runtime {
namespace {

// One buffer a thread, rather than one an idle instance.
thread_local std::array<char, 65536> tBuffer;

}  // namespace

OutputPipe::OutputPipe(const boost::asio::any_io_executor& executor, UniqueFd fd, Receiver receiver)
    : m_pipe(executor, fd.release()), m_receiver(std::move(receiver)) {
    const int size = ::fcntl(m_pipe.native_handle(), F_GETPIPE_SZ);
    m_capacity = size > 0 ? static_cast<std::size_t>(size) : tBuffer.size();
}

void OutputPipe::start() {
    wait();
}

void OutputPipe::wait() {
    m_pipe.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                          if (!error && self->m_pipe.is_open() && self->readSome(self->m_capacity)) {
                              self->wait();
                          }
                      });
}

void OutputPipe::drain() {
    if (m_pipe.is_open()) {
        readSome(m_capacity);
    }
}

// False at the end of the pipe.
bool OutputPipe::readSome(std::size_t limit) {
    std::size_t total = 0;
    while (m_pipe.is_open()) {
        const auto count = ::read(m_pipe.native_handle(), tBuffer.data(), tBuffer.size());
        if (count < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        if (count == 0) {
            return false;
        }
        m_receiver({tBuffer.data(), static_cast<std::size_t>(count)});
        total += static_cast<std::size_t>(count);
        if (total >= limit) {
            return true;
        }
    }
    return false;
}

void OutputPipe::close() {
    boost::system::error_code ignored;
    m_pipe.close(ignored);
}

}  // namespace hanshu::runtime
