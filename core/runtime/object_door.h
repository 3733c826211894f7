// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Accepts what code inside a sandbox connects to its loopback for the object endpoint, up to a bound. One io thread.
#pragma once

#include "base/unique_fd.h"

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

namespace hanshu::runtime {

class ObjectDoor : public std::enable_shared_from_this<ObjectDoor> {
public:
    // Owns each descriptor that it gets, and drops `place`, on any thread, when the connection has ended.
    using Visitor = std::function<void(int fd, std::shared_ptr<void> place)>;

    // `listener` was made inside and listens.
    ObjectDoor(const boost::asio::any_io_executor& executor, UniqueFd listener, Visitor visitor);

    void open();
    void close();

private:
    void acceptWaiting();
    [[nodiscard]] std::shared_ptr<void> takePlace();
    void refuse(UniqueFd connection);
    void pause();

    boost::asio::posix::stream_descriptor m_listener;
    boost::asio::steady_timer m_timer;
    Visitor m_visitor;
    std::shared_ptr<std::atomic<int>> m_taken = std::make_shared<std::atomic<int>>(0);
    std::vector<UniqueFd> m_refused;  // answered, and closed a little later
};

}  // namespace hanshu::runtime
