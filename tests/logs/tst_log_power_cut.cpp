// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Ends the program at every change of a file, and cuts the power at every sync, and accounts for each line: what was
// written survives a kill, what was synced survives a power cut, nothing is there twice, and it goes on.

#include "base/volatile_file_ops.h"
#include "logs/fixture.h"
#include "logs/memory_files.h"

#include <set>

using namespace hanshu;
using namespace hanshu::logs;
using namespace hanshu::test;
using Survival = VolatileDisk::Survival;

namespace {

constexpr SystemTime kStart{std::chrono::seconds(1'700'000'000)};

const std::vector<Line>& someLines() {
    static const auto lines = linesOfCorpus(6'000);
    return lines;
}

struct Promised {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
};

LogOptions smallFiles() {
    LogOptions options;
    options.sealBytes = 60'000;
    return options;
}

// Appends batches until there are `upTo` lines or something fails, with a sync after every third, and upkeep.
void live(AccountLogs& logs, std::uint64_t upTo, Promised& promised) {
    const auto& lines = someLines();
    for (int batch = 1; logs.lastSequence() < upTo; ++batch) {
        const auto next = logs.lastSequence();
        if (!append(logs, std::span(lines).subspan(next, std::min<std::size_t>(50, upTo - next)))) {
            return;
        }
        promised.written = std::max(promised.written, logs.lastSequence());
        if (batch % 3 == 0) {
            if (!logs.sync()) {
                return;
            }
            promised.synced = promised.written;
        }
        if (batch % 4 == 0 && !logs.maintain(kStart).errors.empty()) {
            return;
        }
    }
}

// What is wrong with the lines, if anything: all up to `atLeast` are there, each once, as they were.
std::string audit(AccountLogs& logs, std::uint64_t atLeast) {
    ScanReport report;
    const auto found = allLines(logs.view(), &report);
    std::uint64_t last = 0;
    std::uint64_t inOrder = 0;
    for (const auto& line : found) {
        if (line.sequence <= last) {
            return fmt::format("line {} after {}", line.sequence, last);
        }
        if (line.sequence > someLines().size() || !(line == someLines()[line.sequence - 1])) {
            return fmt::format("line {} is wrong", line.sequence);
        }
        last = line.sequence;
        inOrder += line.sequence == inOrder + 1 ? 1 : 0;
    }
    if (inOrder < atLeast) {
        return fmt::format("lines from {} on are missing, {} were promised", inOrder + 1, atLeast);
    }
    return last > logs.lastSequence() ? "sequences would be used again" : "";
}

std::string cutAt(int number, bool after, Survival survival, bool& reached) {
    VolatileDisk disk(survival, static_cast<unsigned>(number));
    VolatileFileOps files(disk);
    Promised promised;
    disk.cutAtSync(number, after);
    {
        SegmentCache cache(files);
        if (auto logs = AccountLogs::open("/a", smallFiles(), files, cache)) {
            live(**logs, 1'500, promised);
        }
        reached = disk.isOff();
        disk.cutNow();
    }
    disk.restart();
    files.check();
    const auto atLeast = survival == Survival::All ? promised.written : promised.synced;
    for (int life = 0; life < 2; ++life) {
        SegmentCache cache(files);
        auto logs = AccountLogs::open("/a", smallFiles(), files, cache);
        if (!logs) {
            return "does not start: " + logs.error().describe();
        }
        if (auto wrong = audit(**logs, atLeast); !wrong.empty()) {
            return wrong;
        }
        Promised more;
        live(**logs, (*logs)->lastSequence() + 500, more);
        if (auto wrong = audit(**logs, atLeast); !wrong.empty()) {
            return "after living on: " + wrong;
        }
    }
    return {};
}

}  // namespace

class TestLogPowerCut : public QObject {
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
        for (bool reached = true; reached; ++number) {
            const auto wrong = cutAt(number, after, static_cast<Survival>(survival), reached);
            QVERIFY2(wrong.empty(), fmt::format("cut at sync {}: {}", number, wrong).c_str());
        }
        QVERIFY(number > 15);
    }

    void everyChangeMayBeTheLast() {
        int number = 1;
        for (bool reached = true; reached; ++number) {
            MemoryFiles files;
            Promised promised;
            files.failAt(number, MemoryFiles::kAll);
            {
                SegmentCache cache(files);
                if (auto logs = AccountLogs::open("/a", smallFiles(), files, cache)) {
                    live(**logs, 1'500, promised);
                }
            }
            reached = files.hasFailed();
            files.heal();
            for (int life = 0; life < 2; ++life) {
                SegmentCache cache(files);
                const auto logs = AccountLogs::open("/a", smallFiles(), files, cache);
                QVERIFY(logs.has_value());
                const auto wrong = audit(**logs, promised.written);
                QVERIFY2(wrong.empty(), fmt::format("killed at change {}: {}", number, wrong).c_str());
                Promised more;
                live(**logs, (*logs)->lastSequence() + 300, more);
                const auto later = audit(**logs, more.written);
                QVERIFY2(later.empty(), fmt::format("killed at change {}, and on: {}", number, later).c_str());
                QVERIFY((*logs)->maintain(kStart).errors.empty());
            }
            for (const auto& [name, bytes] : files.all()) {
                QVERIFY2(!name.ends_with(".tmp"), name.c_str());
            }
        }
        QVERIFY(number > 60);
    }

    void everyChangeMayFail_data() {
        QTest::addColumn<int>("times");
        for (const int times : {1, 2, 4}) {
            QTest::addRow("%d in a row", times) << times;
        }
    }

    // A full disk, or calls that fail for a while: the caller is told, and what was taken stays taken.
    void everyChangeMayFail() {
        QFETCH(int, times);
        int number = 1;
        for (bool reached = true; reached; ++number) {
            MemoryFiles files;
            SegmentCache cache(files);
            files.failAt(number, times, ENOSPC);
            auto logs = AccountLogs::open("/a", smallFiles(), files, cache);
            for (int tries = 0; !logs && tries < 20; ++tries) {
                logs = AccountLogs::open("/a", smallFiles(), files, cache);
            }
            QVERIFY(logs.has_value());
            Promised promised;
            for (int tries = 0; (*logs)->lastSequence() < 1'500 && tries < 20; ++tries) {
                live(**logs, 1'500, promised);
            }
            QCOMPARE((*logs)->lastSequence(), 1'500U);
            reached = files.hasFailed();
            files.heal();
            QVERIFY((*logs)->sync());
            QVERIFY((*logs)->maintain(kStart).errors.empty());
            for (int life = 0; life < 2; ++life) {
                const auto wrong = audit(**logs, 1'500);
                QVERIFY2(wrong.empty(), fmt::format("failed at change {}: {}", number, wrong).c_str());
                logs = AccountLogs::open("/a", smallFiles(), files, cache);
                QVERIFY(logs.has_value());
            }
        }
        QVERIFY(number > 60);
    }

    void aFullDiskIsSaidAndEnds() {
        VolatileDisk disk;
        VolatileFileOps files(disk);
        SegmentCache cache(files);
        const auto logs = AccountLogs::open("/a", smallFiles(), files, cache).value();
        disk.setCapacity(100'000);
        Promised promised;
        live(*logs, 3'000, promised);
        QVERIFY(promised.written > 0 && promised.written < 3'000);
        auto line = someLines()[logs->lastSequence()];
        line.message.assign(100'000, 'x');
        QCOMPARE(append(*logs, {&line, 1}).error().reason, std::string("StorageFull"));
        QVERIFY(audit(*logs, promised.written).empty());
        disk.setCapacity(std::nullopt);
        live(*logs, 3'000, promised);
        QCOMPARE(promised.written, 3'000U);
        QVERIFY(audit(*logs, 3'000).empty());
    }
};

QTEST_GUILESS_MAIN(TestLogPowerCut)
#include "tst_log_power_cut.moc"
