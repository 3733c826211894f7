// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The coroutine type of everything that waits on an io thread, and the bridge to threads that may block.
//
// g++ 12 destroys a temporary of a co_await expression at a wrong address when it is a closure that captures something
// with a destructor, or an aggregate made with braces. Name it first, then await with it moved:
//     auto work = [text = std::move(text)] { … };
//     co_await onPool(pool, std::move(work));
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace hanshu {

namespace asio = boost::asio;

// A coroutine that is resumed on the executor it was started on. It starts when it is awaited.
template <class T>
using Task = asio::awaitable<T>;

// Waits for a value that some other thread hands over through a callback, called exactly once. `start` receives the
// callback at once, on the awaiting thread; the coroutine resumes on its own executor.
template <class T, class Start>
Task<T> awaitCallback(Start start) {
    auto executor = co_await asio::this_coro::executor;
    auto initiate = [executor, start = std::move(start)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        // Keeps the executor's run loop alive until the answer is there.
        auto work = asio::prefer(executor, asio::execution::outstanding_work.tracked);
        start([shared, work = std::move(work)](T value) mutable {
            asio::post(work, [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
        });
    };
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(T)>(std::move(initiate),
                                                                                    asio::use_awaitable);
}

// Runs `work` on a thread of `pool`, which may block, and resumes on the caller's executor with what it returned.
// `work` must not throw and must return a value.
template <class Work>
auto onPool(asio::thread_pool& pool, Work work) -> Task<std::invoke_result_t<Work&>> {
    using T = std::invoke_result_t<Work&>;
    static_assert(!std::is_void_v<T>, "return a Result, so that a failure can be told");
    auto start = [&pool, work = std::move(work)](auto done) mutable {
        asio::post(pool, [work = std::move(work), done = std::move(done)]() mutable { done(work()); });
    };
    co_return co_await awaitCallback<T>(std::move(start));
}

// Starts a coroutine that nobody waits for. An exception that leaves it ends the process: it is a bug.
template <class T>
void detach(const asio::any_io_executor& executor, Task<T> task) {
    asio::co_spawn(executor, std::move(task), asio::detached);
}

}  // namespace hanshu
