// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Where records of runs are kept, in a database of their own. Any thread.
#pragma once

#include "base/async.h"
#include "base/clock.h"
#include "base/result.h"
#include "invocation.pb.h"
#include "query/query.h"

#include <memory>
#include <string>
#include <vector>

namespace hanshu::store {

class Database;

struct InvocationFilter {
    std::string account{};
    std::string functionName{};  // empty: all
    std::string requestId{};
    std::string status{};
    std::int64_t beforeSequence = 0;  // 0: from the newest
    int limit = 20;
    query::Query query{};  // over query::runSchema()
};

// One batch of what the recorder gathered. Sequences are already given and grow.
struct TelemetryBatch {
    struct Run {
        std::string account;
        api::Invocation invocation;
    };
    std::vector<Run> runs;
};

class TelemetryStore {
public:
    virtual ~TelemetryStore() = default;
    // In one transaction; `done` on the writer thread.
    virtual void append(TelemetryBatch batch, std::function<void(Result<void>)> done) = 0;
    // Newest first.
    [[nodiscard]] virtual Task<Result<std::vector<api::Invocation>>> invocations(InvocationFilter filter) = 0;
    // The highest sequence ever given: where the recorder goes on after a restart. Blocks.
    [[nodiscard]] virtual Result<std::int64_t> lastSequence() = 0;
};

[[nodiscard]] std::unique_ptr<TelemetryStore> makeSqliteTelemetryStore(Database& database);

}  // namespace hanshu::store
