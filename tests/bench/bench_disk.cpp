// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The yardsticks of durable writes, in a folder that is given: one fdatasync of 4 KiB (a median), SQLite commits of one
// row and of 100 rows of 1 KiB (WAL, synchronous=FULL, an index beside the key). Rows are per second of all the time
// that they took, the moving of the log into the database included: that is what a figure of throughput may be held
// against. Prints JSON.
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

double medianMicros(int times, const std::function<void()>& work) {
    std::vector<double> micros;
    for (int i = 0; i < times; ++i) {
        const auto start = std::chrono::steady_clock::now();
        work();
        micros.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    }
    std::ranges::sort(micros);
    return micros[micros.size() / 2];
}

double perSecond(int rows, const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return rows / std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void must(bool good, const char* what) {
    if (!good) {
        fmt::print(stderr, "bench_disk: {} failed\n", what);
        std::exit(1);
    }
}

class Table {
public:
    explicit Table(const std::string& file) {
        must(sqlite3_open(file.c_str(), &m_database) == SQLITE_OK, "open");
        run("PRAGMA journal_mode=WAL");
        run("PRAGMA synchronous=FULL");
        run("CREATE TABLE event(id INTEGER PRIMARY KEY, due INTEGER, body BLOB)");
        run("CREATE INDEX event_due ON event(due)");
        must(sqlite3_prepare_v2(m_database, "INSERT INTO event(due, body) VALUES(?, ?)", -1, &m_insert, nullptr) ==
                 SQLITE_OK,
             "prepare");
    }
    Table(const Table&) = delete;
    Table& operator=(const Table&) = delete;
    ~Table() {
        sqlite3_finalize(m_insert);
        sqlite3_close(m_database);
    }

    void commit(int rows) {
        run("BEGIN");
        for (int i = 0; i < rows; ++i) {
            sqlite3_bind_int64(m_insert, 1, ++m_due);
            sqlite3_bind_blob(m_insert, 2, m_body.data(), static_cast<int>(m_body.size()), SQLITE_STATIC);
            must(sqlite3_step(m_insert) == SQLITE_DONE, "insert");
            sqlite3_reset(m_insert);
        }
        run("COMMIT");
    }

private:
    void run(const char* sql) { must(sqlite3_exec(m_database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sql); }

    sqlite3* m_database = nullptr;
    sqlite3_stmt* m_insert = nullptr;
    sqlite3_int64 m_due = 0;
    std::string m_body = std::string(1024, 'x');
};

}  // namespace

int main(int argc, char** argv) {
    must(argc == 2, "usage: bench_disk FOLDER");
    const std::filesystem::path folder = argv[1];
    const int fd = ::open((folder / "sync").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    must(fd >= 0, "open");
    const std::string page(4096, 'p');
    const double sync = medianMicros(
        200, [&] { must(::pwrite(fd, page.data(), page.size(), 0) == 4096 && ::fdatasync(fd) == 0, "fdatasync"); });
    ::close(fd);
    Table table((folder / "yard.db").string());
    const auto commits = [&](int times, int rows) {
        return perSecond(times * rows, [&] {
            for (int i = 0; i < times; ++i) {
                table.commit(rows);
            }
        });
    };
    const double one = commits(2000, 1);
    const double hundred = commits(200, 100);
    fmt::print("{{\"fdatasync_us\":{:.1f},\"sqlite1_rows\":{:.1f},\"sqlite100_rows\":{:.1f}}}\n", sync, one, hundred);
    return 0;
}
