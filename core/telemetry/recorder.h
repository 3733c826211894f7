// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The one door through which facts about runs enter telemetry: recorded off the hot path, in batches, and handed to
// whoever watches. Any thread; recording never blocks and never fails.
#pragma once

#include "base/clock.h"
#include "invocation.pb.h"
#include "logs/line.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hanshu::store {
class TelemetryStore;
}

namespace hanshu::telemetry {

class LogBook;

// One line that a run wrote, or that the platform says about it.
struct LogLine {
    SystemTime time;
    logs::Level level = logs::Level::None;
    logs::Stream stream = logs::Stream::Stdout;
    std::string message;
};

struct RunRecord {
    std::string account;
    api::Invocation invocation;  // without its sequence
    std::vector<LogLine> lines;
};

// What reaches a watcher: the same batches that go to the store, once a batch (every 50 ms at most while there is
// news), after the store has them: who subscribes first and reads the store then misses nothing. On the recorder's
// thread; must not block, flush or wait for the end of another subscription.
struct Watcher {
    std::function<void(const std::string& account, const std::vector<api::Invocation>&)> invocations{};
    std::function<void(const std::string& account, const std::vector<api::LogRecord>&)> lines{};
};

// Counters since start, for /metrics.
struct Totals {
    std::uint64_t invocations = 0;
    std::uint64_t functionErrors = 0;
    std::uint64_t throttles = 0;
    std::uint64_t coldStarts = 0;
    std::uint64_t denied = 0;
    std::uint64_t disabled = 0;
    std::uint64_t platformErrors = 0;
    double gbSeconds = 0;
    double runSeconds = 0;
    std::uint64_t dropped = 0;  // records and lines that could not be kept: too many at once, or no room to store them
};

// Ends its subscription when it is destroyed, waiting for a call that is under way; after that the watcher is not
// called any more. So hold no lock meanwhile that the watcher takes. A watcher may end its own subscription.
class Subscription {
public:
    virtual ~Subscription() = default;
};

class Recorder {
public:
    virtual ~Recorder() = default;  // writes what is gathered
    virtual void record(RunRecord record) = 0;
    // Lines of a run that is still going, so that a tail shows them at once; they are not repeated in its record.
    virtual void recordLines(const std::string& account, const api::Invocation& of, std::vector<LogLine> lines) = 0;
    [[nodiscard]] virtual std::unique_ptr<Subscription> watch(Watcher watcher) = 0;
    [[nodiscard]] virtual Totals totals() const = 0;
    // Blocks until everything recorded so far is stored; for shutdown and tests.
    virtual void flush() = 0;
};

// Told of every run, on the recorder's thread, as it is recorded.
using RunListener = std::function<void(const std::string& account, const api::Invocation& run)>;

// Runs go to `store`, lines to `book`; nobody else appends to either.
[[nodiscard]] std::unique_ptr<Recorder> makeRecorder(store::TelemetryStore& store, LogBook& book,
                                                     RunListener onRun = {});

// Billed duration in whole ms, rounded up (reference, section 7), and memory in GB times billed seconds.
struct Bill {
    double billedMs = 0;
    double gbSeconds = 0;
};
[[nodiscard]] Bill billFor(std::chrono::microseconds run, int memoryMb);

}  // namespace hanshu::telemetry
