// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Accepts what code inside a sandbox connects to its loopback for the object endpoint. One io thread.
#pragma once

#include "base/unique_fd.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>

namespace hanshu::runtime {

class ObjectDoor : public std::enable_shared_from_this<ObjectDoor> {
public:
    // `listener` was made inside and listens; `visitor` owns each descriptor that it gets.
    ObjectDoor(const boost::asio::any_io_executor& executor, UniqueFd listener, std::function<void(int)> visitor);

    void open();
    void close();

private:
    void acceptWaiting();

    boost::asio::posix::stream_descriptor m_listener;
    std::function<void(int)> m_visitor;
};

}  // namespace hanshu::runtime
