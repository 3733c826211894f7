// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What an endless stream waits for: something to tell, or its end. `end` from any thread, waiting by one coroutine.
#pragma once

#include "base/async.h"
#include "gateway/grpc_call.h"

#include <functional>
#include <mutex>
#include <optional>

namespace hanshu::gateway {

class NewsSource : public Endless {
public:
    void end(Error why) final {
        change([&] { m_end = std::move(why); });
    }

protected:
    // Runs `work` under the lock, then wakes who waits.
    template <class Work>
    void change(Work work) {
        std::function<void(bool)> waiter;
        {
            const std::scoped_lock lock(m_mutex);
            work();
            waiter = std::exchange(m_waiter, nullptr);
        }
        if (waiter) {
            waiter(true);
        }
    }

    // Waits until there is news, and returns what `take`, called under the lock, makes of it; once the stream was
    // ended, the error that it was ended with.
    template <class News, class Take>
    Task<Result<News>> takeWhenThere(Take take) {
        co_await awaitCallback<bool>([this](auto done) {
            std::unique_lock lock(m_mutex);
            if (!m_end && !hasNews()) {
                m_waiter = std::move(done);
                return;
            }
            lock.unlock();
            done(true);
        });
        const std::scoped_lock lock(m_mutex);
        if (m_end) {
            co_return fail(*m_end);
        }
        co_return take();
    }

    // Under the lock.
    [[nodiscard]] virtual bool hasNews() const noexcept = 0;

private:
    std::mutex m_mutex;
    std::optional<Error> m_end;
    std::function<void(bool)> m_waiter;
};

}  // namespace hanshu::gateway
