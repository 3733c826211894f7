// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ends the program at every change of a file, and cuts the power at every sync: each period that was told to be written
// is there, once, and at most the one that was being written besides; and it goes on.

#include "base/volatile_file_ops.h"
#include "metrics/fixture.h"

using namespace hanshu;
using namespace hanshu::metrics;
using namespace hanshu::test;
using Survival = VolatileDisk::Survival;

namespace {

constexpr Period kLife = 2 * 8640 + 400;
constexpr Period kStep = 197;

StoreOptions options() {
    StoreOptions options;
    options.keepTenSeconds = std::chrono::hours(3);
    return options;
}

// What was promised, and what may be there besides.
struct Life {
    explicit Life(unsigned seed) : world(seed) {}

    World world;
    Period next = kFirst;
    std::optional<std::pair<Period, Told>> doubtful;

    // Writes on until the end, or something fails.
    void live(Store& store, Period end) {
        for (; next < end; next += kStep) {
            auto told = world.tell(next);
            auto batch = batchOf(store.book(), next, told);
            if (!store.append(batch)) {
                world.forget(next);
                doubtful = {next, std::move(told)};
                next += kStep;
                return;
            }
            if (!store.maintain(startOf(next)).errors.empty()) {
                next += kStep;
                return;
            }
        }
    }

    std::string audit(Store& store, bool isCertain) {
        for (const auto& damage : store.damage()) {
            if (!damage.ends_with("cut off")) {  // a change of the book that was not finished
                return damage;
            }
        }
        constexpr Leniency kShort{false, true};
        if (world.periods().empty() && (!doubtful || store.catalog()->journals.empty())) {
            return {};
        }
        auto wrong =
            world.periods().empty() ? "nothing was promised" : wrongAnswers(store, world, kFirst, next, 300, kShort);
        if (wrong.empty() || !doubtful || isCertain) {
            return wrong;
        }
        const auto without = world;
        world.remember(doubtful->first, doubtful->second);
        const auto wrongWith = wrongAnswers(store, world, kFirst, next, 300, kShort);
        if (!wrongWith.empty()) {
            world = without;
            return wrong + "; with the doubtful one: " + wrongWith;
        }
        return {};
    }
};

std::string liveOn(FileOps& files, Life& life) {
    for (int more = 0; more < 2; ++more) {
        auto store = Store::open("/d/m", files, options());
        if (!store) {
            return "does not start: " + store.error().describe();
        }
        if (auto wrong = life.audit(**store, more > 0); !wrong.empty()) {
            return wrong;
        }
        life.doubtful.reset();
        life.live(**store, life.next + 8640);
        if (life.doubtful) {
            return "can't write";
        }
        if (auto wrong = life.audit(**store, true); !wrong.empty()) {
            return "living on: " + wrong;
        }
    }
    return {};
}

std::string cutAt(int number, bool after, Survival survival, bool& reached) {
    VolatileDisk disk(survival, static_cast<unsigned>(number));
    VolatileFileOps files(disk);
    (void)files.makeDirectory("/d");
    (void)files.syncDirectory("/");
    disk.cutAtSync(disk.syncs() + number, after);
    Life life(static_cast<unsigned>(number));
    if (auto store = Store::open("/d/m", files, options())) {
        life.live(**store, kFirst + kLife);
    }
    reached = disk.isOff();
    disk.cutNow();
    disk.restart();
    return liveOn(files, life);
}

}  // namespace

class TestMetricsPowerCut : public QObject {
    Q_OBJECT

private slots:
    void everySyncPointKeepsItsPromises_data() {
        QTest::addColumn<int>("survival");
        QTest::addColumn<bool>("after");
        QTest::newRow("all that was not synced is lost, before the sync") << static_cast<int>(Survival::None) << false;
        QTest::newRow("all that was not synced is lost, after the sync") << static_cast<int>(Survival::None) << true;
        QTest::newRow("some of it is lost") << static_cast<int>(Survival::Random) << false;
        QTest::newRow("the program is killed") << static_cast<int>(Survival::All) << false;
    }

    void everySyncPointKeepsItsPromises() {
        QFETCH(int, survival);
        QFETCH(bool, after);
        int number = 1;
        // Each of the first ones; then every thirteenth, in other places for each row.
        for (bool reached = true; reached; number += number < 60 ? 1 : 13) {
            const auto wrong = cutAt(number, after, static_cast<Survival>(survival), reached);
            QVERIFY2(wrong.empty(), fmt::format("cut at sync {}: {}", number, wrong).c_str());
        }
        QVERIFY2(number > 150, std::to_string(number).c_str());
    }

    void everyChangeMayBeTheLast() {
        int number = 1;
        for (bool reached = true; reached; number += number < 60 ? 1 : 13) {
            MemoryFiles files;
            files.failAt(number, MemoryFiles::kAll);
            Life life(static_cast<unsigned>(number));
            if (auto store = Store::open("/d/m", files, options())) {
                life.live(**store, kFirst + kLife);
            }
            reached = files.hasFailed();
            files.heal();
            const auto wrong = liveOn(files, life);
            QVERIFY2(wrong.empty(), fmt::format("killed at change {}: {}", number, wrong).c_str());
            for (const auto& [name, bytes] : files.all()) {
                QVERIFY2(!name.ends_with(".tmp"), name.c_str());
            }
        }
        QVERIFY2(number > 150, std::to_string(number).c_str());
    }

    void everyChangeMayFail_data() {
        QTest::addColumn<int>("times");
        for (const int times : {1, 2, 4}) {
            QTest::addRow("%d in a row", times) << times;
        }
    }

    // A full disk, or calls that fail for a while: the caller is told, tries again, and nothing is there twice.
    void everyChangeMayFail() {
        QFETCH(int, times);
        int number = 1;
        for (bool reached = true; reached; number += number < 60 ? 1 : 13) {
            MemoryFiles files;
            files.failAt(number, times, ENOSPC);
            auto store = Store::open("/d/m", files, options());
            for (int tries = 0; !store && tries < 20; ++tries) {
                store = Store::open("/d/m", files, options());
            }
            QVERIFY(store.has_value());
            Life life(static_cast<unsigned>(number));
            for (int tries = 0; (life.next < kFirst + kLife || life.doubtful) && tries < 20; ++tries) {
                if (life.doubtful) {
                    auto batch = batchOf((*store)->book(), life.doubtful->first, life.doubtful->second);
                    if (!(*store)->append(batch)) {
                        continue;
                    }
                    life.world.remember(life.doubtful->first, life.doubtful->second);
                    life.doubtful.reset();
                }
                life.live(**store, kFirst + kLife);
            }
            QVERIFY(life.next >= kFirst + kLife && !life.doubtful);
            reached = files.hasFailed();
            files.heal();
            QVERIFY((*store)->maintain(startOf(life.next)).errors.empty());
            for (int more = 0; more < 2; ++more) {
                const auto wrong = life.audit(**store, true);
                QVERIFY2(wrong.empty(), fmt::format("failed at change {}: {}", number, wrong).c_str());
                store = Store::open("/d/m", files, options());
                QVERIFY(store.has_value());
            }
        }
        QVERIFY2(number > 150, std::to_string(number).c_str());
    }
};

QTEST_GUILESS_MAIN(TestMetricsPowerCut)
#include "tst_metrics_power_cut.moc"
