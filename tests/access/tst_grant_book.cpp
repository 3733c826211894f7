// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "access/grant_book.h"
#include "base/io_pool.h"

#include <QTest>
#include <mutex>

using namespace hanshu;
using namespace hanshu::access;

namespace {

// The port in memory, with the errors that it promises; `broken` makes every write fail.
class MemoryStore final : public store::ResourceStore {
public:
    std::atomic<bool> broken{false};

    Task<Result<Revision>> create(store::ResourceKey key, std::string bytes) override {
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(m_guard);
        if (broken) {
            co_return internalError("broken");
        }
        if (m_rows.contains(key.name)) {
            co_return fail(Code::AlreadyExists, "ResourceAlreadyExists");
        }
        m_rows[key.name] = {key, Revision{1}, std::move(bytes)};
        co_return Revision{1};
    }
    Task<Result<Revision>> update(store::ResourceKey key, std::string bytes,
                                  std::optional<Revision> expected) override {
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(m_guard);
        if (broken) {
            co_return internalError("broken");
        }
        const auto row = m_rows.find(key.name);
        if (row == m_rows.end()) {
            co_return fail(Code::NotFound, "ResourceNotFound");
        }
        if (expected && *expected != row->second.revision) {
            co_return fail(Code::FailedPrecondition, "PreconditionFailed");
        }
        ++row->second.revision.value;
        row->second.bytes = std::move(bytes);
        co_return row->second.revision;
    }
    Task<Result<void>> remove(store::ResourceKey key, std::optional<Revision>) override {
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(m_guard);
        if (broken) {
            co_return internalError("broken");
        }
        if (m_rows.erase(key.name) == 0) {
            co_return fail(Code::NotFound, "ResourceNotFound");
        }
        co_return Result<void>{};
    }
    Task<Result<store::Resource>> get(store::ResourceKey key) override {
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(m_guard);
        const auto row = m_rows.find(key.name);
        if (row == m_rows.end()) {
            co_return fail(Code::NotFound, "ResourceNotFound");
        }
        co_return row->second;
    }
    Task<Result<store::ResourcePage>> list(std::string, store::Kind, std::optional<std::string>,
                                           store::ListOptions options) override {
        co_await asio::post(asio::use_awaitable);
        const std::lock_guard lock(m_guard);
        store::ResourcePage page;
        for (auto row = m_rows.lower_bound(options.startAt); row != m_rows.end(); ++row) {
            if (static_cast<int>(page.resources.size()) == options.limit) {
                page.next = row->first;
                break;
            }
            page.resources.push_back(row->second);
        }
        co_return page;
    }
    Result<std::vector<store::Resource>> loadAll(store::Kind) override {
        const std::lock_guard lock(m_guard);
        std::vector<store::Resource> all;
        for (const auto& [name, row] : m_rows) {
            all.push_back(row);
        }
        return all;
    }

private:
    std::mutex m_guard;
    std::map<std::string, store::Resource> m_rows;
};

const std::string kBucket = "acs:oss:local:1:in-bucket";

api::Grant grant(const std::string& name, const std::string& function) {
    api::Grant made;
    made.set_grant_name(name);
    made.set_principal(kBucket);
    auto* statement = made.add_statement();
    statement->set_effect("Allow");
    statement->add_action("fc:InvokeFunction");
    statement->add_resource("acs:fc:*:*:functions/" + function);
    return made;
}

}  // namespace

class TestGrantBook : public QObject {
    Q_OBJECT

    IoPool m_pool{2};

    template <class T>
    T run(Task<T> task) {
        return runBlocking(m_pool.context(0).get_executor(), std::move(task));
    }

    static bool mayInvoke(const Policy& policy, const std::string& function) {
        const Caller source{Caller::Kind::Source, "1", kBucket, {}};
        return policy.decide({source, "fc:InvokeFunction", "acs:fc:local:1:functions/" + function, {}}).allowed;
    }

private slots:
    void whatIsPutHoldsAtOnceAndWhatIsRemovedNoMore() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        QVERIFY(!mayInvoke(policy, "f"));
        const auto put = run(book.put("1", grant("g", "f")));
        QVERIFY(put.has_value());
        QCOMPARE(put->created_time(), std::string("2023-11-14T22:13:20Z"));
        QVERIFY(mayInvoke(policy, "f"));
        QVERIFY(run(book.get("1", "g")).has_value());
        QVERIFY(run(book.remove("1", "g")).has_value());
        QVERIFY(!mayInvoke(policy, "f"));
        QCOMPARE(run(book.get("1", "g")).error().reason, std::string("GrantNotFound"));
        const auto again = run(book.remove("1", "g"));
        QCOMPARE(again.error().reason, std::string("GrantNotFound"));
        QVERIFY(again.error().param("grant") == "g");
    }

    void replacingKeepsTheTimeOfCreation() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        QVERIFY(run(book.put("1", grant("g", "f"))).has_value());
        clock.advance(std::chrono::seconds{60});
        auto changed = grant("g", "other");
        changed.set_created_time("1999-01-01T00:00:00Z");
        const auto put = run(book.put("1", changed));
        QVERIFY(put.has_value());
        QCOMPARE(put->created_time(), std::string("2023-11-14T22:13:20Z"));
        QCOMPARE(put->last_modified_time(), std::string("2023-11-14T22:14:20Z"));
        QVERIFY(!mayInvoke(policy, "f"));
        QVERIFY(mayInvoke(policy, "other"));
    }

    void grantsComeBackAfterARestart() {
        MemoryStore store;
        ManualClock clock;
        {
            Policy policy;
            GrantBook book(store, policy, clock);
            QVERIFY(run(book.put("1", grant("a", "f"))).has_value());
            QVERIFY(run(book.put("1", grant("b", "h"))).has_value());
        }
        Policy policy;
        GrantBook book(store, policy, clock);
        QVERIFY(book.load().has_value());
        QVERIFY(mayInvoke(policy, "f"));
        QVERIFY(mayInvoke(policy, "h"));
        QVERIFY(run(book.remove("1", "a")).has_value());
        QVERIFY(!mayInvoke(policy, "f"));
        QVERIFY(mayInvoke(policy, "h"));
    }

    void whatIsNotKeptDoesNotHold() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        QVERIFY(run(book.put("1", grant("kept", "f"))).has_value());
        store.broken = true;
        QVERIFY(!run(book.put("1", grant("lost", "h"))).has_value());
        QVERIFY(!mayInvoke(policy, "h"));
        QVERIFY(!run(book.remove("1", "kept")).has_value());
        QVERIFY(mayInvoke(policy, "f"));
    }

    void anInvalidGrantIsRefused() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        auto invalid = grant("g", "f");
        invalid.set_principal("me");
        QCOMPARE(run(book.put("1", invalid)).error().reason, std::string("InvalidArgument"));
        QVERIFY(store.loadAll(store::Kind::Grant)->empty());
    }

    void listsComeInPages() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        for (const auto* name : {"a", "b", "c"}) {
            QVERIFY(run(book.put("1", grant(name, "f"))).has_value());
        }
        const auto first = run(book.list("1", {.prefix = {}, .startAt = {}, .limit = 2}));
        QCOMPARE(first->grants_size(), 2);
        QCOMPARE(first->next_token(), std::string("c"));
        const auto last = run(book.list("1", {.prefix = {}, .startAt = "c", .limit = 2}));
        QCOMPARE(last->grants_size(), 1);
        QVERIFY(!last->has_next_token());
    }

    void changesFromTwoThreadsLeavePolicyAndStoreOfOneMind() {
        MemoryStore store;
        Policy policy;
        ManualClock clock;
        GrantBook book(store, policy, clock);
        const auto work = [](GrantBook& to, int seed) -> Task<bool> {
            for (int i = 0; i < 200; ++i) {
                const auto function = "f" + std::to_string((i + seed) % 3);
                if ((i + seed) % 5 == 0) {
                    auto gone = co_await to.remove("1", "g");
                    if (!gone && gone.error().reason != "GrantNotFound") {
                        co_return false;
                    }
                } else {
                    auto put = co_await to.put("1", grant("g", function));
                    if (!put) {
                        co_return false;
                    }
                }
            }
            co_return true;
        };
        auto other = asio::co_spawn(m_pool.context(1), work(book, 1), asio::use_future);
        auto third = asio::co_spawn(m_pool.context(1), work(book, 2), asio::use_future);
        QVERIFY(run(work(book, 0)));
        QVERIFY(other.get());
        QVERIFY(third.get());
        const auto kept = run(book.get("1", "g"));
        for (int i = 0; i < 3; ++i) {
            const auto function = "f" + std::to_string(i);
            const bool granted = kept && kept->statement(0).resource(0).ends_with(function);
            QCOMPARE(mayInvoke(policy, function), granted);
        }
    }
};

QTEST_GUILESS_MAIN(TestGrantBook)
#include "tst_grant_book.moc"
