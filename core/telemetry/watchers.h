// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Who watches, and how a subscription ends while a batch is being handed out. Any thread.
#pragma once

#include "telemetry/recorder.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hanshu::telemetry {

// One batch as watchers get it.
struct WatchedBatch {
    std::map<std::string, std::vector<api::Invocation>> invocations;  // by account
    std::map<std::string, std::vector<api::LogRecord>> lines;
};

class Watchers : public std::enable_shared_from_this<Watchers> {
public:
    // The subscription may outlive this. Its end waits for a call that is under way, except on the thread of that very
    // call.
    [[nodiscard]] std::unique_ptr<Subscription> add(Watcher watcher);
    [[nodiscard]] bool empty() const;
    void hand(const WatchedBatch& batch);

private:
    struct Entry {
        explicit Entry(Watcher given) : watcher(std::move(given)) {}
        Watcher watcher;
        std::recursive_mutex calling;  // recursive: a watcher may end its own subscription
        bool live = true;              // guarded by `calling`
    };
    class Handle;

    static void call(Entry& entry, const WatchedBatch& batch);

    mutable std::mutex m_mutex;
    std::vector<std::shared_ptr<Entry>> m_entries;
};

}  // namespace hanshu::telemetry
