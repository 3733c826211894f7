// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Reads what code inside writes to stdout and stderr, as it comes and without ever waiting for it. One io thread.
#pragma once

#include "base/unique_fd.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string_view>

namespace hanshu::runtime {

class OutputPipe : public std::enable_shared_from_this<OutputPipe> {
public:
    using Receiver = std::function<void(std::string_view)>;

    // `fd` is the read end, non-blocking.
    OutputPipe(const boost::asio::any_io_executor& executor, UniqueFd fd, Receiver receiver);

    // Begins to read; `receiver` is called until `close`.
    void start();
    // Hands over what is in the pipe now: a pipe's worth at most, so that a writer that never stops can't hold it up.
    void drain();
    void close();

private:
    void wait();
    bool readSome(std::size_t limit);

    boost::asio::posix::stream_descriptor m_pipe;
    Receiver m_receiver;
    std::size_t m_capacity;
};

}  // namespace hanshu::runtime
