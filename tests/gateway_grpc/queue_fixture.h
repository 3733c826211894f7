// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The gRPC services over the real pipeline and dispatcher, whose runs end at once.
#pragma once

#include "gateway_grpc/grpc_fixture.h"

#include <atomic>

namespace hanshu::tests {

class QueueFixture : public GrpcFixture {
public:
    QueueFixture() : GrpcFixture({}, Runs::ByTheRealPipeline) {
        scheduler.play = [this] { return end(this); };
        dispatcher.start();
    }
    ~QueueFixture() { dispatcher.stop(); }

    // As a trigger's event comes: past the door.
    EventId enqueue(const std::string& function) {
        store::Event event;
        event.id = newEventId();
        event.requestId = newRequestId();
        event.account = kAccount;
        event.functionName = function;
        event.source = "async";
        event.enqueued = clock.now();
        const auto id = event.id;
        if (!runBlocking(io.context(0).get_executor(), queue->append(std::move(event)))) {
            qFatal("an event could not be kept");
        }
        return id;
    }
    std::optional<store::EventView> view(const EventId& id) {
        store::EventFilter filter;
        filter.account = kAccount;
        for (auto& view : must(runBlocking(io.context(0).get_executor(), queue->list(std::move(filter))))) {
            if (view.event.id == id) {
                return std::move(view);
            }
        }
        return std::nullopt;
    }
    std::string stateOf(const EventId& id) {
        const auto found = view(id);
        return found ? found->state : std::string();
    }

    std::atomic<int> runsBegun{0};

private:
    static Task<Result<scheduler::Acquired>> end(QueueFixture* house) {
        ++house->runsBegun;
        scheduler::Acquired acquired;
        acquired.failure.emplace();
        co_return acquired;
    }
};

}  // namespace hanshu::tests
