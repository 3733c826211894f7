// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/event_queue.h"

#include "base/log.h"
#include "store/connection.h"
#include "store/database.h"
#include "store/event_rows.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>

namespace hanshu::store {
namespace {

// Succeeded events of an account that lists still show.
constexpr std::int64_t kKeptSucceeded = 10'000;
// Ended events between two trims, and payloads or their bytes between two clean-ups: neighbours share pages, so taking
// many at once writes each page once.
constexpr int kTrimEvery = 1000;
constexpr std::size_t kCleanPayloads = 512;
constexpr std::int64_t kCleanBytes = 8 * 1024 * 1024;
constexpr int kMaxPage = 1000;
// Numbers of functions that are kept in memory.
constexpr std::size_t kKnownFunctions = 10'000;

// The event is shared with the caller, so that its memory goes back on the thread that it came from.
struct Append {
    std::shared_ptr<const Event> event;
    Database::Done done;
    Result<void> result;
};

// Numbers of functions by account/name.
using FunctionNumbers = std::unordered_map<std::string, std::int64_t>;

// Appends that one closure inserts, and the functions that it had to look up.
struct Batch {
    std::vector<Append> appends;
    FunctionNumbers found;
};

Result<void> check(const Event& event) {
    const auto missing = event.id.empty()             ? "id"
                         : event.account.empty()      ? "account"
                         : event.functionName.empty() ? "functionName"
                                                      : nullptr;
    if (missing != nullptr) {
        return fail(Code::InvalidArgument, "InvalidEvent", {{"field", missing}});
    }
    return {};
}

// What the closures on the writer thread share; outlives the queue as long as one of them waits.
struct State {
    explicit State(Database& shared) : database(shared) {}

    Database& database;
    std::function<void()> listener;

    // Appends that wait for the writer to come by.
    std::mutex mutex;
    std::vector<Append> waiting;
    bool collectionDue = false;

    std::atomic<int> burst{0};

    // The writer thread's alone.
    std::optional<std::int64_t> lastPayload;
    FunctionNumbers functions;
    std::vector<std::int64_t> endedPayloads;
    std::int64_t endedPayloadBytes = 0;
    std::set<std::int64_t> endedFunctions;
    int endedSinceTrim = 0;

    Result<std::int64_t> nextPayload(Connection& connection) {
        if (!lastPayload) {
            const auto highest = connection.queryInteger("SELECT max(payload) FROM event_payloads");
            if (!highest) {
                return fail(highest.error());
            }
            lastPayload = highest->value_or(0);
        }
        // A number that a rollback leaves unused is not missed.
        return ++*lastPayload;
    }

    // What is found becomes known only with the commit of whoever found it: a rollback may take the row back.
    Result<std::int64_t> functionOf(Connection& connection, const Event& event, FunctionNumbers& found) {
        const auto key = event.account + '/' + event.functionName;
        if (const auto known = functions.find(key); known != functions.end()) {
            return known->second;
        }
        auto number = event_rows::findOrAddFunction(connection, event.account, event.functionName);
        if (number) {
            found[key] = *number;
        }
        return number;
    }

    void know(FunctionNumbers found) {
        if (functions.size() > kKnownFunctions) {
            functions.clear();
        }
        functions.merge(found);
    }

    Result<void> insert(Connection& connection, const Event& event, FunctionNumbers& found) {
        HANSHU_TRY(check(event));
        const auto function = functionOf(connection, event, found);
        if (!function) {
            return fail(function.error());
        }
        const auto payload = nextPayload(connection);
        if (!payload) {
            return fail(payload.error());
        }
        return event_rows::insert(connection, event, *function, *payload);
    }

    // One closure for every append that waits: 64 callers cost one savepoint rather than 64.
    Result<void> insertAll(Connection& connection, Batch& batch) {
        for (auto& append : batch.appends) {
            append.result = insert(connection, *append.event, batch.found);
            if (append.result) {
                continue;
            }
            const auto code = append.result.error().code;
            if (code != Code::AlreadyExists && code != Code::InvalidArgument) {
                return append.result;
            }
        }
        return {};
    }

    void notify() const {
        if (listener) {
            listener();
        }
    }

    void remember(const std::vector<event_rows::Ended>& ended) {
        for (const auto& event : ended) {
            endedFunctions.insert(event.function);
            ++endedSinceTrim;
            if (event.payload != 0) {
                endedPayloads.push_back(event.payload);
                endedPayloadBytes += event.payloadBytes;
            }
        }
    }
};

void finish(State& state, Batch& batch, const Result<void>& committed) {
    bool any = false;
    if (committed) {
        state.know(std::move(batch.found));
    }
    if (const auto count = static_cast<int>(batch.appends.size());
        count > state.burst.load(std::memory_order_relaxed)) {
        state.burst.store(count, std::memory_order_relaxed);
    }
    for (auto& append : batch.appends) {
        if (!committed) {
            append.result = fail(committed.error());
        }
        any = any || append.result.has_value();
        append.event.reset();
        append.done(std::move(append.result));
    }
    if (any) {
        state.notify();
    }
}

void collect(const std::shared_ptr<State>& state) {
    auto batch = std::make_shared<Batch>();
    const auto take = [state, batch] {
        const std::lock_guard lock(state->mutex);
        batch->appends.swap(state->waiting);
        state->collectionDue = false;
    };
    state->database.submit(
        [state, batch, take](Connection& connection) {
            take();
            return state->insertAll(connection, *batch);
        },
        [state, batch, take](const Result<void>& committed) {
            // A transaction that could not even begin did not run the closure.
            if (batch->appends.empty()) {
                take();
            }
            finish(*state, *batch, committed);
        });
}

void append(const std::shared_ptr<State>& state, std::shared_ptr<const Event> event, Database::Done done) {
    {
        const std::lock_guard lock(state->mutex);
        state->waiting.push_back({std::move(event), std::move(done), {}});
        if (std::exchange(state->collectionDue, true)) {
            return;
        }
    }
    collect(state);
}

// Housekeeping in a transaction of its own. What fails is tried with the next one, or at the next start.
void cleanUp(const std::shared_ptr<State>& state) {
    if (state->endedPayloads.size() >= kCleanPayloads || state->endedPayloadBytes >= kCleanBytes) {
        auto payloads = std::make_shared<std::vector<std::int64_t>>(std::move(state->endedPayloads));
        state->endedPayloads.clear();
        state->endedPayloadBytes = 0;
        std::sort(payloads->begin(), payloads->end());
        state->database.submit(
            [payloads](Connection& connection) { return event_rows::deletePayloads(connection, *payloads); },
            [state, payloads](const Result<void>& result) {
                if (!result) {
                    log::warning("store", "payloads of ended events stay: {}", result.error().describe());
                    state->endedPayloads.insert(state->endedPayloads.end(), payloads->begin(), payloads->end());
                }
            });
    }
    if (state->endedSinceTrim >= kTrimEvery) {
        state->endedSinceTrim = 0;
        state->database.submit(
            [functions = std::exchange(state->endedFunctions, {})](Connection& connection) -> Result<void> {
                for (const auto function : functions) {
                    HANSHU_TRY(event_rows::trimSucceeded(connection, function, kKeptSucceeded));
                }
                return {};
            },
            [](const Result<void>& result) {
                if (!result) {
                    log::warning("store", "ended events stay: {}", result.error().describe());
                }
            });
    }
}

Failure leaseLost(const std::vector<std::string>& ids) {
    Error error{.code = Code::Aborted, .reason = "LeaseLost", .params = {}, .detail = {}};
    for (const auto& id : ids) {
        error.params.emplace_back("event", id);
    }
    return fail(std::move(error));
}

class SqliteEventQueue final : public EventQueue {
public:
    explicit SqliteEventQueue(Database& database) : m_database(database), m_state(std::make_shared<State>(database)) {}

    [[nodiscard]] Task<Result<void>> append(Event event) override {
        HANSHU_CO_TRY(check(event));
        const auto shared = std::make_shared<const Event>(std::move(event));
        auto start = [state = m_state, shared](auto done) mutable { store::append(state, shared, std::move(done)); };
        co_return co_await awaitCallback<Result<void>>(std::move(start));
    }

    [[nodiscard]] Task<Result<std::vector<Ready>>> ready(SystemTime now) override {
        return m_database.read<std::vector<Ready>>(
            [now](Connection& connection) { return event_rows::ready(connection, now); });
    }

    [[nodiscard]] Task<Result<std::optional<SystemTime>>> nextReady(SystemTime now) override {
        return m_database.read<std::optional<SystemTime>>(
            [now](Connection& connection) { return event_rows::nextReady(connection, now); });
    }

    [[nodiscard]] Task<Result<std::vector<Lease>>> claim(std::string account, std::string functionName, int limit,
                                                         SystemTime now, SystemTime until) override {
        return m_database.writeFor<std::vector<Lease>>([account = std::move(account),
                                                        functionName = std::move(functionName), limit, now,
                                                        until](Connection& connection) {
            return event_rows::claim(connection, account, functionName, limit, now, until);
        });
    }

    [[nodiscard]] Task<Result<void>> settle(std::vector<Settlement> settlements) override {
        struct Outcome {
            std::vector<std::string> lost;
            std::vector<event_rows::Ended> ended;
        };
        auto outcome = std::make_shared<Outcome>();
        auto work = [outcome, settlements = std::move(settlements)](Connection& connection) -> Result<void> {
            for (const auto& settlement : settlements) {
                auto settled = event_rows::settle(connection, settlement);
                if (!settled) {
                    return fail(std::move(settled.error()));
                }
                if (!settled->held) {
                    outcome->lost.push_back(settlement.id.value);
                } else if (settled->ended) {
                    outcome->ended.push_back(*settled->ended);
                }
            }
            return {};
        };
        auto start = [state = m_state, outcome, work = std::move(work)](auto done) mutable {
            state->database.submit(std::move(work), [state, outcome, done](Result<void> result) mutable {
                if (result) {
                    state->remember(outcome->ended);
                    cleanUp(state);
                }
                done(std::move(result));
            });
        };
        auto written = co_await awaitCallback<Result<void>>(std::move(start));
        HANSHU_CO_TRY(std::move(written));
        if (!outcome->lost.empty()) {
            co_return leaseLost(outcome->lost);
        }
        co_return Result<void>{};
    }

    [[nodiscard]] Task<Result<void>> renew(std::vector<std::pair<EventId, std::int64_t>> leases,
                                           SystemTime until) override {
        auto lost = std::make_shared<std::vector<std::string>>();
        auto work = [lost, leases = std::move(leases), until](Connection& connection) -> Result<void> {
            for (const auto& [id, epoch] : leases) {
                const auto held = event_rows::renew(connection, id, epoch, until);
                HANSHU_TRY(held);
                if (!*held) {
                    lost->push_back(id.value);
                }
            }
            return {};
        };
        auto written = co_await m_database.write(std::move(work));
        HANSHU_CO_TRY(std::move(written));
        if (!lost->empty()) {
            co_return leaseLost(*lost);
        }
        co_return Result<void>{};
    }

    [[nodiscard]] Result<void> releaseAll() override {
        return m_database.writeAndWait([](Connection& connection) -> Result<void> {
            HANSHU_TRY(event_rows::releaseAll(connection));
            return event_rows::deleteOrphanedPayloads(connection);
        });
    }

    [[nodiscard]] Task<Result<std::vector<EventView>>> list(EventFilter filter) override {
        if (filter.limit < 1 || filter.limit > kMaxPage) {
            co_return fail(Code::InvalidArgument, "InvalidArgument",
                           {{"field", "limit"}, {"value", std::to_string(filter.limit)}});
        }
        auto work = [filter = std::move(filter)](Connection& connection) {
            return event_rows::list(connection, filter);
        };
        co_return co_await m_database.read<std::vector<EventView>>(std::move(work));
    }

    [[nodiscard]] Task<Result<QueueStats>> stats() override {
        return m_database.read<QueueStats>([](Connection& connection) { return event_rows::stats(connection); });
    }

    [[nodiscard]] Task<Result<std::int64_t>> redrive(DeadLetters which, SystemTime now) override {
        auto work = [which = std::move(which), now](Connection& connection) {
            return event_rows::redrive(connection, which, now);
        };
        auto count = co_await m_database.writeFor<std::int64_t>(std::move(work));
        if (count) {
            m_state->notify();
        }
        co_return count;
    }

    [[nodiscard]] Task<Result<std::int64_t>> remove(DeadLetters which) override {
        auto work = [which = std::move(which)](Connection& connection) {
            return event_rows::remove(connection, which);
        };
        co_return co_await m_database.writeFor<std::int64_t>(std::move(work));
    }

    void onAppended(std::function<void()> listener) override { m_state->listener = std::move(listener); }

    [[nodiscard]] Result<void> appendWithin(Connection& connection, std::span<const Event> events) override {
        FunctionNumbers found;
        for (const auto& event : events) {
            HANSHU_TRY(m_state->insert(connection, event, found));
        }
        return {};
    }

    void appended() override { m_state->notify(); }

    [[nodiscard]] int takeBurst() noexcept override { return m_state->burst.exchange(0, std::memory_order_relaxed); }

private:
    Database& m_database;
    std::shared_ptr<State> m_state;
};

}  // namespace

std::unique_ptr<EventQueue> makeSqliteEventQueue(Database& database) {
    return std::make_unique<SqliteEventQueue>(database);
}

}  // namespace hanshu::store
