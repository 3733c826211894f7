// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Takes events from the durable queue and runs them through the pipeline, with retries. One coroutine claims, on one io
// thread; runs are spread over all.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "invoke/pipeline.h"
#include "store/event_queue.h"

#include <chrono>
#include <functional>
#include <memory>

namespace hanshu {
class IoPool;
}
namespace hanshu::invoke {
class Limits;
}
namespace hanshu::catalog {
class Catalog;
}

namespace hanshu::events {

class Dispatcher {
public:
    struct Rooms {
        IoPool& io;
        store::EventQueue& queue;
        invoke::Pipeline& pipeline;
        invoke::Limits& limits;
        catalog::Catalog& catalog;
        const Clock& clock;
    };
    // How claims rest during a burst of appends; none: by a timer. A test plays it.
    using Pause = std::function<Task<void>(std::chrono::milliseconds)>;
    explicit Dispatcher(Rooms rooms, Pause pause = {});
    ~Dispatcher();

    void start();
    // Claims nothing more; what runs is settled by its own end.
    void stop();
    // After `stop`: resumes when every run that was claimed has ended and its end is stored, or when the time is over.
    // On io thread 0.
    [[nodiscard]] Task<void> settled(std::chrono::milliseconds timeout);

    // An async call: durable when this returns. EntityTooLarge over 128 KB.
    [[nodiscard]] Task<Result<void>> enqueue(store::Event event);

private:
    struct State;
    std::shared_ptr<State> m_state;
};

}  // namespace hanshu::events
