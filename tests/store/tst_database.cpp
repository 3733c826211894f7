// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "store/connection.h"
#include "store/faulty_vfs.h"
#include "store/fixture.h"

#include <fmt/format.h>
#include <QFile>
#include <latch>
#include <thread>

using namespace hanshu;
using namespace hanshu::store;
using namespace hanshu::test;

namespace {

constexpr std::array kNotes{Migration{1, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"}};
constexpr std::array kNotesTwice{kNotes[0], Migration{2, "ALTER TABLE notes ADD COLUMN more TEXT; CREATE TABLE t (a)"}};

Result<void> addNote(Connection& connection, std::string_view text) {
    HANSHU_TRY(connection.execute("INSERT INTO notes (text) VALUES (?1)", {text}));
    return {};
}

Database::Write note(std::string text) {
    return [text = std::move(text)](Connection& connection) { return addNote(connection, text); };
}

std::int64_t count(Database& database, std::string_view sql = "SELECT count(*) FROM notes") {
    return database
        .readAndWait<std::int64_t>([sql](Connection& connection) -> Result<std::int64_t> {
            const auto value = connection.queryInteger(sql);
            if (!value) {
                return fail(value.error());
            }
            return value->value_or(-1);
        })
        .value();
}

// Holds the writer inside a closure, so that what is submitted meanwhile forms one group.
class Gate {
public:
    explicit Gate(Database& database) {
        database.submit(
            [state = m_state](Connection&) -> Result<void> {
                state->reached.count_down();
                state->open.wait();
                return {};
            },
            [](const Result<void>&) {});
        m_state->reached.wait();
    }
    ~Gate() { open(); }
    void open() {
        if (!std::exchange(m_opened, true)) {
            m_state->open.count_down();
        }
    }

private:
    struct State {  // the writer may still look at it when the gate has gone
        std::latch reached{1};
        std::latch open{1};
    };
    std::shared_ptr<State> m_state = std::make_shared<State>();
    bool m_opened = false;
};

}  // namespace

class TestDatabase : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    int m_files = 0;

    std::string newPath() { return m_folder.filePath(QString("%1.db").arg(++m_files)).toStdString(); }
    static Result<std::unique_ptr<Database>> tryOpen(const std::string& path, std::span<const Migration> migrations) {
        return Database::open({.path = path, .migrations = migrations});
    }
    std::unique_ptr<Database> openNotes() { return std::move(tryOpen(newPath(), kNotes).value()); }

private slots:
    void writesAreThereAfterReopening() {
        const auto path = newPath();
        {
            auto database = tryOpen(path, kNotes);
            VERIFY_OK(database);
            VERIFY_OK((*database)->writeAndWait(note("one")));
            VERIFY_OK(test::run((*database)->write(note("two"))));
            QCOMPARE(count(**database), 2);
        }
        auto database = tryOpen(path, kNotes);
        VERIFY_OK(database);
        QCOMPARE(count(**database), 2);
        QVERIFY((*database)->lastCommitTime().count() == 0);
    }

    void everyKindOfValueComesBackAsItWas() {
        auto database = openNotes();
        const std::string bytes("\0\xff\x01", 3);
        VERIFY_OK(database->writeAndWait([&](Connection& connection) -> Result<void> {
            HANSHU_TRY(connection.executeScript("CREATE TABLE v (a, b, c, d, e, f)"));
            HANSHU_TRY(connection.execute("INSERT INTO v VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                                          {std::int64_t{-5}, 2.5, "text", Blob{bytes}, nullptr, std::string_view{}}));
            auto rows = connection.query("SELECT * FROM v");
            HANSHU_TRY(rows->next());
            if (rows->integer(0) != -5 || rows->real(1) != 2.5 || rows->text(2) != "text" || rows->bytes(3) != bytes ||
                !rows->isNull(4) || rows->isNull(5) || !rows->text(5).empty()) {
                return internalError("a value changed");
            }
            return {};
        }));
    }

    void theSameStatementMayBeUsedInsideItsOwnRows() {
        auto database = openNotes();
        VERIFY_OK(database->writeAndWait([&](Connection& connection) -> Result<void> {
            HANSHU_TRY(addNote(connection, "a"));
            HANSHU_TRY(addNote(connection, "b"));
            int seen = 0;
            auto outer = connection.query("SELECT text FROM notes");
            while (outer->next().value()) {
                auto inner = connection.query("SELECT text FROM notes");
                while (inner->next().value()) {
                    ++seen;
                }
            }
            return seen == 4 ? Result<void>{} : internalError("rows were mixed up");
        }));
    }

    void aTakenKeyIsToldFromOtherConstraints() {
        auto database = openNotes();
        VERIFY_OK(database->writeAndWait(note("one")));
        VERIFY_FAILS(database->writeAndWait(note("one")), Code::AlreadyExists, "ConstraintViolated");
        const auto null = database->writeAndWait([](Connection& connection) -> Result<void> {
            HANSHU_TRY(connection.execute("INSERT INTO notes (text) VALUES (NULL)"));
            return {};
        });
        VERIFY_FAILS(null, Code::FailedPrecondition, "ConstraintViolated");
        const auto wrong = database->writeAndWait([](Connection& connection) -> Result<void> {
            HANSHU_TRY(connection.execute("INSERT INTO nowhere VALUES (1)"));
            return {};
        });
        VERIFY_FAILS(wrong, Code::Internal, "InternalServerError");
    }

    void aWriteThatFailsIsUndoneAloneAndWhole() {
        auto database = openNotes();
        std::array<std::promise<Result<void>>, 4> told;
        const auto tell = [&](std::size_t i) {
            return [&told, i](Result<void> result) { told.at(i).set_value(std::move(result)); };
        };
        {
            const Gate gate(*database);
            database->submit(note("first"), tell(0));
            database->submit(
                [](Connection& connection) -> Result<void> {
                    HANSHU_TRY(addNote(connection, "half"));
                    return addNote(connection, "first");
                },
                tell(1));
            database->submit([](Connection&) -> Result<void> { throw std::runtime_error("oops"); }, tell(2));
            database->submit(note("last"), tell(3));
        }
        VERIFY_OK(told[0].get_future().get());
        VERIFY_FAILS(told[1].get_future().get(), Code::AlreadyExists, "ConstraintViolated");
        VERIFY_FAILS(told[2].get_future().get(), Code::Internal, "InternalServerError");
        VERIFY_OK(told[3].get_future().get());
        QCOMPARE(count(*database), 2);
        QCOMPARE(count(*database, "SELECT count(*) FROM notes WHERE text='half'"), 0);

        const auto alone = database->writeAndWait([](Connection& connection) -> Result<void> {
            HANSHU_TRY(addNote(connection, "half"));
            return addNote(connection, "first");
        });
        VERIFY_FAILS(alone, Code::AlreadyExists, "ConstraintViolated");
        QCOMPARE(count(*database), 2);
    }

    void aTransactionThatSqliteGivesUpFailsWhatWasInItAndNothingElse() {
        auto database = openNotes();
        std::array<std::promise<Result<void>>, 3> told;
        const auto tell = [&](std::size_t i) {
            return [&told, i](Result<void> result) { told.at(i).set_value(std::move(result)); };
        };
        {
            const Gate gate(*database);
            database->submit(note("before"), tell(0));
            // What a full disk may do, done on purpose; and the closure does not even notice.
            database->submit(
                [](Connection& connection) -> Result<void> {
                    HANSHU_TRY(connection.execute("ROLLBACK"));
                    return {};
                },
                tell(1));
            database->submit(note("after"), tell(2));
        }
        QVERIFY(!told[0].get_future().get().has_value());
        QVERIFY(!told[1].get_future().get().has_value());
        VERIFY_OK(told[2].get_future().get());
        QCOMPARE(count(*database), 1);
        QCOMPARE(count(*database, "SELECT count(*) FROM notes WHERE text='after'"), 1);
    }

    void writersThatWaitShareOneCommit() {
        VolatileDisk disk;
        const FaultyVfs vfs(disk, "group");
        auto database = Database::open({.path = "/d/notes.db", .migrations = kNotes, .vfs = vfs.name()});
        VERIFY_OK(database);
        VERIFY_OK((*database)->writeAndWait(note("warm")));
        const int before = disk.syncs();
        std::latch done(100);
        {
            const Gate gate(**database);
            for (int i = 0; i < 100; ++i) {
                (*database)->submit(note(std::to_string(i)), [&](const Result<void>&) { done.count_down(); });
            }
        }
        done.wait();
        QCOMPARE(count(**database), 101);
        // The gate's own transaction changes nothing and syncs nothing.
        QCOMPARE(disk.syncs() - before, 1);
    }

    void aFullDiskFailsTheWriteAndNotTheDatabase() {
        VolatileDisk disk;
        const FaultyVfs vfs(disk, "full");
        auto opened = Database::open({.path = "/d/notes.db", .migrations = kNotes, .vfs = vfs.name()});
        VERIFY_OK(opened);
        auto& database = **opened;
        VERIFY_OK(database.writeAndWait(note("before")));
        disk.setCapacity(disk.used() + 20'000);
        int written = 0;
        Result<void> result;
        while (written < 100) {
            result = database.writeAndWait(note(std::string(3000, 'x') + std::to_string(written)));
            if (!result) {
                break;
            }
            ++written;
        }
        VERIFY_FAILS(result, Code::ResourceExhausted, "StorageFull");
        QCOMPARE(count(database), written + 1);
        VERIFY_FAILS(database.writeAndWait(note(std::string(9000, 'y'))), Code::ResourceExhausted, "StorageFull");
        disk.setCapacity(std::nullopt);
        VERIFY_OK(database.writeAndWait(note("after")));
        QCOMPARE(count(database), written + 2);
        opened->reset();
        disk.restart();
        auto again = Database::open({.path = "/d/notes.db", .migrations = kNotes, .vfs = vfs.name()});
        VERIFY_OK(again);
        QCOMPARE(count(**again), written + 2);
    }

    void aFullDiskFailsEveryWriteOfTheGroupThatItCouldNotCommit() {
        VolatileDisk disk;
        const FaultyVfs vfs(disk, "fullgroup");
        auto opened = Database::open({.path = "/d/notes.db", .migrations = kNotes, .vfs = vfs.name()});
        VERIFY_OK(opened);
        auto& database = **opened;
        VERIFY_OK(database.writeAndWait(note("before")));
        disk.setCapacity(disk.used());
        std::atomic<int> failed{0};
        std::latch done(10);
        {
            const Gate gate(database);
            for (int i = 0; i < 10; ++i) {
                database.submit(note(std::string(3000, 'x') + std::to_string(i)), [&](const Result<void>& result) {
                    failed += !result && result.error().reason == "StorageFull" ? 1 : 0;
                    done.count_down();
                });
            }
        }
        done.wait();
        QCOMPARE(failed.load(), 10);
        QCOMPARE(count(database), 1);
    }

    void migrationsRunOnceInOrderAndNewOnesLater() {
        const auto path = newPath();
        VERIFY_OK(tryOpen(path, kNotes).value()->writeAndWait(note("kept")));
        {
            auto database = tryOpen(path, kNotesTwice);
            VERIFY_OK(database);
            QCOMPARE(count(**database, "SELECT count(*) FROM notes WHERE more IS NULL"), 1);
            QCOMPARE(count(**database, "PRAGMA user_version"), 2);
        }
        VERIFY_OK(tryOpen(path, kNotesTwice));
    }

    void aMigrationThatFailsLeavesTheDatabaseAsItWas() {
        const auto path = newPath();
        VERIFY_OK(tryOpen(path, kNotes).value()->writeAndWait(note("kept")));
        const std::array broken{kNotes[0], Migration{2, "CREATE TABLE half (a); CREATE TABLE notes (b)"}};
        QVERIFY(!tryOpen(path, broken).has_value());
        auto database = tryOpen(path, kNotesTwice);
        VERIFY_OK(database);
        QCOMPARE(count(**database, "SELECT count(*) FROM sqlite_schema WHERE name='half'"), 0);
        const std::array gap{kNotes[0], kNotesTwice[1], Migration{4, "SELECT 1"}};
        QVERIFY(!tryOpen(path, gap).has_value());
    }

    void aDatabaseOfANewerProgramIsRefused() {
        const auto path = newPath();
        VERIFY_OK(tryOpen(path, kNotesTwice));
        const auto refused = tryOpen(path, kNotes);
        VERIFY_FAILS(refused, Code::FailedPrecondition, "DatabaseTooNew");
        QCOMPARE(refused.error().param("version"), std::string_view("2"));
        QCOMPARE(refused.error().param("known"), std::string_view("1"));
        QCOMPARE(refused.error().param("path"), std::string_view(path));
    }

    void aFileThatIsNoDatabaseIsRefused() {
        const auto path = newPath();
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(8192, 'x'));
        file.close();
        const auto refused = tryOpen(path, kNotes);
        VERIFY_FAILS(refused, Code::DataLoss, "StorageCorrupt");
        QCOMPARE(refused.error().param("path"), std::string_view(path));
        QVERIFY(!tryOpen("/nonexistent/folder/a.db", kNotes).has_value());
    }

    void readersSeeCommittedWritesAndCannotWrite() {
        auto database = openNotes();
        {
            Gate gate(*database);
            // The writer is busy; readers go on.
            QCOMPARE(count(*database), 0);
        }
        VERIFY_OK(database->writeAndWait(note("one")));
        QCOMPARE(count(*database), 1);
        const auto refused = database->readAndWait<int>([](Connection& connection) -> Result<int> {
            HANSHU_TRY(addNote(connection, "from a reader"));
            return 1;
        });
        QVERIFY(!refused.has_value());
        QCOMPARE(count(*database), 1);
    }

    void closingFinishesWhatWaits() {
        const auto path = newPath();
        std::atomic<int> succeeded{0};
        {
            auto database = std::move(tryOpen(path, kNotes).value());
            const Gate gate(*database);
            for (int i = 0; i < 50; ++i) {
                database->submit(note(std::to_string(i)),
                                 [&](const Result<void>& result) { succeeded += result ? 1 : 0; });
            }
            // Destroyed in the opposite order: the gate opens, then the database ends.
        }
        QCOMPARE(succeeded.load(), 50);
        QCOMPARE(count(**tryOpen(path, kNotes)), 50);
        QVERIFY(!QFile::exists(QString::fromStdString(path + "-wal")));
    }

    void manyThreadsWriteAndReadAtOnce() {
        auto database = Database::open({.path = newPath(), .migrations = kNotes, .readers = 3, .checkpointPages = 20});
        VERIFY_OK(database);
        std::atomic<int> bad{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 8; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i) {
                    const auto mine = fmt::format("{}-{}", t, i);
                    bad += (*database)->writeAndWait(note(mine)) ? 0 : 1;
                    // What was acknowledged is what a read that starts later sees.
                    bad += count(**database, "SELECT count(*) FROM notes WHERE text LIKE '" + mine + "'") == 1 ? 0 : 1;
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        QCOMPARE(bad.load(), 0);
        QCOMPARE(count(**database), 400);
    }
};

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
