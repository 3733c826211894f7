// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the tests of the store share: a way to run its coroutines, and sample events.
#pragma once

#include "base/io_pool.h"
#include "store/database.h"
#include "store/event_queue.h"
#include "store/schema.h"

#include <QTemporaryDir>
#include <QTest>

namespace hanshu::test {

inline constexpr SystemTime kNow{std::chrono::seconds{1'700'000'000}};
inline constexpr std::chrono::seconds kLease{30};

inline IoPool& io() {
    static IoPool pool(2);
    return pool;
}

template <class T>
T run(Task<T> task) {
    return runBlocking(io().next().get_executor(), std::move(task));
}

inline store::Event sampleEvent(const std::string& function = "resize", SystemTime enqueued = kNow) {
    store::Event event;
    event.id = newEventId();
    event.requestId = newRequestId();
    event.account = "1000";
    event.functionName = function;
    event.qualifier = "LATEST";
    event.source = "oss";
    event.sourceArn = "acs:oss:local:1000:in";
    event.triggerName = "dropped";
    event.payload = std::string(1024, 'p') + event.id.value;
    event.enqueued = enqueued;
    return event;
}

inline store::Settlement settlementOf(const store::Lease& lease, store::Settlement::Outcome outcome) {
    store::Settlement settlement;
    settlement.id = lease.event.id;
    settlement.epoch = lease.epoch;
    settlement.outcome = outcome;
    settlement.when = kNow + std::chrono::seconds{1};
    return settlement;
}

inline std::unique_ptr<store::Database> openState(const std::string& path, std::string vfs = {}) {
    auto database =
        store::Database::open({.path = path, .migrations = store::stateMigrations(), .vfs = std::move(vfs)});
    if (!database) {
        qFatal("%s", database.error().describe().c_str());
    }
    return std::move(*database);
}

}  // namespace hanshu::test

#define VERIFY_OK(result)                                                                    \
    do {                                                                                     \
        const auto& verified = (result);                                                     \
        QVERIFY2(verified.has_value(), verified ? "" : verified.error().describe().c_str()); \
    } while (false)
#define VERIFY_FAILS(result, expectedCode, expectedReason)                                          \
    do {                                                                                            \
        const auto& verified = (result);                                                            \
        QVERIFY2(!verified.has_value(), "succeeded");                                               \
        QVERIFY2(verified.error().reason == (expectedReason), verified.error().describe().c_str()); \
        QVERIFY(verified.error().code == (expectedCode));                                           \
    } while (false)
