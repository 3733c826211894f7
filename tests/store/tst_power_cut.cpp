// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Cuts the power at every sync point of a day in the life of the state database, and accounts for everything that was
// acknowledged: it is there, it is whole, and nothing else is half there.

#include "base/log.h"
#include "store/connection.h"
#include "store/faulty_vfs.h"
#include "store/fixture.h"
#include "store/resource_store.h"

#include <fmt/format.h>
#include <map>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;
using Outcome = Settlement::Outcome;
using Survival = VolatileDisk::Survival;

namespace {

constexpr std::array kTrios{Migration{1, "CREATE TABLE trios (trio INTEGER, part INTEGER, PRIMARY KEY (trio, part))"}};

// What the program was told, and what it asked for without an answer.
struct Account {
    struct Known {
        Event event;
        bool appended = false;                   // acknowledged
        bool claimAsked = false;                 // a claim may have touched it
        std::optional<Outcome> settled;          // acknowledged
        std::optional<Outcome> settlementAsked;  // may or may not have happened
    };
    std::map<std::string, Known> events;
    std::map<std::string, std::pair<std::string, std::string>> resources;  // by name: acknowledged bytes, asked bytes
};

std::string stateOf(Outcome outcome) {
    switch (outcome) {
        case Outcome::Succeeded:
            return "Succeeded";
        case Outcome::Retry:
            return "Retrying";
        case Outcome::DeadLetter:
            return "DeadLetter";
    }
    return {};
}

// One life of the program: everything it does until the power goes.
class Life {
public:
    Life(std::string vfs, bool fullSync, Account& account)
        : m_vfs(std::move(vfs)), m_full(fullSync), m_account(account) {}

    Result<std::unique_ptr<Database>> open() const {
        return Database::open({.path = "/d/state.db",
                               .migrations = stateMigrations(),
                               .fullSync = m_full,
                               .readers = 1,
                               .vfs = m_vfs,
                               .checkpointPages = 25});
    }

    // Two runs of the program, so that closing and opening are among what is cut.
    void live() {
        for (int run = 0; run < 2; ++run) {
            auto database = open();
            if (!database) {
                return;
            }
            const auto queue = makeSqliteEventQueue(**database);
            const auto resources = makeSqliteResourceStore(**database);
            if (!queue->releaseAll()) {
                return;
            }
            for (int round = 0; round < 3; ++round) {
                change(*resources, fmt::format("f{}-{}", run, round));
                append(*queue, fmt::format("t{}-{}", run, round));
                claimAndSettle(*queue);
            }
        }
    }

private:
    void change(ResourceStore& resources, const std::string& name) {
        const ResourceKey key{"1000", Kind::Function, {}, name};
        for (const auto& bytes : {std::string(3000, 'a') + name, std::string(2000, 'b') + name}) {
            auto& [acknowledged, asked] = m_account.resources[name];
            asked = bytes;
            const auto changed = acknowledged.empty() ? test::run(resources.create(key, bytes))
                                                      : test::run(resources.update(key, bytes, std::nullopt));
            if (!changed) {
                return;
            }
            acknowledged = bytes;
        }
    }

    void append(EventQueue& queue, const std::string& task) {
        std::vector<std::pair<std::string, std::future<Result<void>>>> appends;
        for (int i = 0; i < 6; ++i) {
            auto event = sampleEvent();
            if (i == 0) {
                event.taskId = task;
            }
            m_account.events[event.id.value].event = event;
            const auto id = event.id.value;
            appends.emplace_back(id, asio::co_spawn(io().next(), queue.append(std::move(event)), asio::use_future));
        }
        for (auto& [id, appended] : appends) {
            m_account.events[id].appended = appended.get().has_value();
        }
    }

    void claimAndSettle(EventQueue& queue) {
        for (auto& [id, known] : m_account.events) {
            known.claimAsked = true;
        }
        const auto leases = test::run(queue.claim("1000", "resize", 4, kNow, kNow + kLease));
        if (!leases) {
            return;
        }
        std::vector<Settlement> settlements;
        for (std::size_t i = 0; i < leases->size(); ++i) {
            constexpr std::array kOutcomes{Outcome::Succeeded, Outcome::Retry, Outcome::DeadLetter, Outcome::Succeeded};
            auto settlement = settlementOf((*leases)[i], kOutcomes.at(i));
            settlement.nextAttempt = kNow + std::chrono::hours{1};
            settlement.reason = "said so";
            m_account.events[settlement.id.value].settlementAsked = settlement.outcome;
            settlements.push_back(settlement);
        }
        if (test::run(queue.settle(settlements))) {
            for (const auto& settlement : settlements) {
                m_account.events[settlement.id.value].settled = settlement.outcome;
            }
        }
    }

    std::string m_vfs;
    bool m_full;
    Account& m_account;
};

// Why the database does not agree with the account; empty when it does.
class Audit {
public:
    Audit(Database& database, const Account& account) : m_database(database), m_account(account) {}

    std::string findings() {
        checkFile();
        checkResources();
        checkEvents();
        return m_findings;
    }

private:
    void complain(const std::string& finding) { m_findings += finding + "\n"; }

    void expectZero(std::string_view what, std::string sql) {
        const auto value = m_database.readAndWait<std::int64_t>([&](Connection& connection) -> Result<std::int64_t> {
            const auto found = connection.queryInteger(sql);
            if (!found) {
                return fail(found.error());
            }
            return found->value_or(0);
        });
        if (!value || *value != 0) {
            complain(std::string(what) + (value ? "" : ": " + value.error().describe()));
        }
    }

    void checkFile() {
        expectZero("the file is damaged", "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check<>'ok'");
        expectZero("a waiting event has no payload",
                   "SELECT count(*) FROM events WHERE payload NOT IN (SELECT payload FROM event_payloads)");
        expectZero("a dead letter has no payload",
                   "SELECT count(*) FROM events_ended WHERE state=4 AND payload NOT IN "
                   "(SELECT payload FROM event_payloads)");
        expectZero("a task has no event",
                   "SELECT count(*) FROM event_tasks WHERE id NOT IN "
                   "(SELECT id FROM events UNION ALL SELECT id FROM events_ended)");
        expectZero("an event both waits and has ended",
                   "SELECT count(*) FROM events WHERE id IN (SELECT id FROM events_ended)");
    }

    void checkResources() {
        const auto store = makeSqliteResourceStore(m_database);
        for (const auto& [name, bytes] : m_account.resources) {
            const auto found = test::run(store->get({"1000", Kind::Function, {}, name}));
            const auto have = found ? found->bytes : std::string();
            if (have != bytes.first && have != bytes.second) {
                complain("resource " + name + " is not as it was acknowledged");
            }
        }
    }

    void checkEvents() {
        const auto queue = makeSqliteEventQueue(m_database);
        const EventFilter filter{.account = "1000", .limit = 1000};
        const auto views = test::run(queue->list(filter));
        if (!views) {
            complain("events: " + views.error().describe());
            return;
        }
        std::map<std::string, EventView> found;
        for (const auto& view : *views) {
            found[view.event.id.value] = view;
        }
        for (const auto& [id, known] : m_account.events) {
            const auto view = found.find(id);
            if (view == found.end()) {
                if (known.appended) {
                    complain("an acknowledged event is lost");
                }
                continue;
            }
            checkState(known, view->second);
            if (view->second.payloadBytes != static_cast<std::int64_t>(known.event.payload.size())) {
                complain("a payload has another size");
            }
        }
        if (found.size() > m_account.events.size()) {
            complain("an event came from nowhere");
        }
    }

    void checkState(const Account::Known& known, const EventView& view) {
        if (known.settled) {
            if (view.state != stateOf(*known.settled)) {
                complain("an acknowledged settlement is lost: " + view.state);
            }
            return;
        }
        const bool fits = view.state == "Enqueued" || (known.claimAsked && view.state == "Running") ||
                          (known.settlementAsked && view.state == stateOf(*known.settlementAsked));
        if (!fits) {
            complain("an event is in a state that nobody asked for: " + view.state);
        }
    }

    Database& m_database;
    const Account& m_account;
    std::string m_findings;
};

struct Cut {
    int sync;  // 0: never
    bool after;
    Survival survival;
    bool fullSync = true;
};

struct Outcomes {
    std::string findings;
    int syncs = 0;
    std::size_t acknowledged = 0;
};

Outcomes cutAndAudit(const Cut& cut) {
    static int runs = 0;
    VolatileDisk disk(cut.survival, static_cast<unsigned>(cut.sync * 2 + (cut.after ? 1 : 0)));
    const FaultyVfs vfs(disk, fmt::format("cut{}", ++runs));
    Account account;
    Life life(vfs.name(), cut.fullSync, account);
    if (cut.sync > 0) {
        disk.cutAtSync(cut.sync, cut.after);
    }
    life.live();
    Outcomes outcomes;
    outcomes.syncs = disk.syncs();
    for (const auto& [id, known] : account.events) {
        outcomes.acknowledged += known.appended ? 1 : 0;
    }
    disk.restart();
    auto database = life.open();
    if (!database) {
        outcomes.findings = "does not open: " + database.error().describe();
        return outcomes;
    }
    outcomes.findings = Audit(**database, account).findings();
    // And life goes on.
    const auto queue = makeSqliteEventQueue(**database);
    if (!queue->releaseAll() || !test::run(queue->append(sampleEvent()))) {
        outcomes.findings += "takes no new event\n";
    }
    return outcomes;
}

}  // namespace

class TestPowerCut : public QObject {
    Q_OBJECT

private slots:
    void whatWasAcknowledgedSurvivesACutAtEverySync_data() {
        QTest::addColumn<int>("survival");
        QTest::newRow("nothing unsynced survives") << static_cast<int>(Survival::None);
        QTest::newRow("some sectors survive") << static_cast<int>(Survival::Random);
        QTest::newRow("everything written survives") << static_cast<int>(Survival::All);
    }
    void whatWasAcknowledgedSurvivesACutAtEverySync() {
        QFETCH(int, survival);
        const auto kind = static_cast<Survival>(survival);
        const auto whole = cutAndAudit({.sync = 0, .after = false, .survival = kind});
        QVERIFY2(whole.findings.empty(), whole.findings.c_str());
        QCOMPARE(whole.acknowledged, 36U);
        // Creation, every commit, checkpoints and the close of both runs.
        QVERIFY2(whole.syncs > 40, std::to_string(whole.syncs).c_str());
        for (int sync = 1; sync <= whole.syncs; ++sync) {
            for (const bool after : {false, true}) {
                const auto cut = cutAndAudit({.sync = sync, .after = after, .survival = kind});
                const auto where =
                    fmt::format("sync {} of {}, {}: {}", sync, whole.syncs, after ? "after" : "before", cut.findings);
                QVERIFY2(cut.findings.empty(), where.c_str());
            }
        }
    }

    // The test of the test: without a sync a commit, the same account must find losses.
    void theAuditFindsWhatIsLostWithoutFullSync() {
        const auto whole = cutAndAudit({.sync = 0, .after = false, .survival = Survival::None, .fullSync = false});
        int losses = 0;
        for (int sync = 1; sync <= whole.syncs; ++sync) {
            const auto cut = cutAndAudit({.sync = sync, .after = false, .survival = Survival::None, .fullSync = false});
            losses += cut.findings.find("acknowledged") != std::string::npos ? 1 : 0;
            // Lost is not broken: what is left is whole.
            QVERIFY2(cut.findings.find("damaged") == std::string::npos, cut.findings.c_str());
        }
        QVERIFY(losses > 0);
    }

    void theWritesOfOneClosureAreThereTogetherOrNotAtAll() {
        int total = 1;
        for (int sync = 1; sync <= total; ++sync) {
            VolatileDisk disk(Survival::Random, static_cast<unsigned>(sync));
            const FaultyVfs vfs(disk, fmt::format("trios{}", sync));
            const Database::Options options{
                .path = "/d/trios.db", .migrations = kTrios, .readers = 1, .vfs = vfs.name(), .checkpointPages = 5};
            disk.cutAtSync(sync, false);
            std::vector<int> acknowledged;
            if (auto database = Database::open(options)) {
                for (int trio = 0; trio < 30; ++trio) {
                    const auto written = (*database)->writeAndWait([trio](Connection& connection) -> Result<void> {
                        for (int part = 0; part < 3; ++part) {
                            HANSHU_TRY(connection.execute("INSERT INTO trios VALUES (?1, ?2)", {trio, part}));
                        }
                        return {};
                    });
                    if (written) {
                        acknowledged.push_back(trio);
                    }
                }
            }
            total = disk.isOff() ? sync + 1 : sync;
            disk.restart();
            auto database = Database::open(options);
            VERIFY_OK(database);
            const auto counted =
                (*database)->readAndWait<std::int64_t>([&](Connection& connection) -> Result<std::int64_t> {
                    const auto halves = connection.queryInteger(
                        "SELECT count(*) FROM (SELECT 1 FROM trios GROUP BY trio HAVING count(*)<>3)");
                    if (!halves || halves->value_or(1) != 0) {
                        return internalError("half a trio");
                    }
                    const auto trios = connection.queryInteger("SELECT count(DISTINCT trio) FROM trios");
                    return trios ? Result<std::int64_t>(trios->value_or(0)) : fail(trios.error());
                });
            VERIFY_OK(counted);
            QVERIFY(*counted >= static_cast<std::int64_t>(acknowledged.size()));
        }
        QVERIFY(total > 30);
    }

    void initTestCase() {
        // A cut makes checkpoints fail by the hundred, which is worth a warning elsewhere.
        log::setLevel(log::Level::Error);
    }

    void theDiskForgetsNamesAndContentsApart() {
        VolatileDisk disk;
        auto file = disk.open("/d/a", true);
        QVERIFY(disk.write(file, 0, "hello") == VolatileDisk::Status::Ok);
        QVERIFY(disk.sync(file) == VolatileDisk::Status::Ok);
        disk.restart();
        QVERIFY(!disk.exists("/d/a"));

        file = disk.open("/d/a", true);
        QVERIFY(disk.write(file, 0, "hello") == VolatileDisk::Status::Ok);
        QVERIFY(disk.syncDirectory("/d") == VolatileDisk::Status::Ok);
        disk.restart();
        file = disk.open("/d/a", false);
        QVERIFY(file != nullptr);
        QCOMPARE(disk.size(file), 0U);

        QVERIFY(disk.write(file, 0, "hello") == VolatileDisk::Status::Ok);
        QVERIFY(disk.sync(file) == VolatileDisk::Status::Ok);
        QVERIFY(disk.write(file, 0, "J") == VolatileDisk::Status::Ok);
        QVERIFY(disk.rename("/d/a", "/d/b") == VolatileDisk::Status::Ok);
        disk.restart();
        QVERIFY(!disk.exists("/d/b"));
        std::array<char, 8> bytes{};
        std::size_t got = 0;
        QVERIFY(disk.read(disk.open("/d/a", false), 0, bytes, got) == VolatileDisk::Status::Ok);
        QCOMPARE(std::string(bytes.data(), got), std::string("hello"));
    }
};

QTEST_GUILESS_MAIN(TestPowerCut)
#include "tst_power_cut.moc"
