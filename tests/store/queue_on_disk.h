// SPDX-FileCopyrightText: 2026 The Hanshu authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A queue in a file that lasts for one test function, and what tests of it do all the time.
#pragma once

#include "store/connection.h"
#include "store/fixture.h"

#include <QDir>

namespace hanshu::test {

class QueueOnDisk {
protected:
    using Outcome = store::Settlement::Outcome;

    void open() {
        m_database = openState(path());
        m_queue = store::makeSqliteEventQueue(*m_database);
    }
    void close() {
        m_queue.reset();
        m_database.reset();
        for (const auto& name : QDir(m_folder.path()).entryList(QDir::Files)) {
            QVERIFY(QFile::remove(m_folder.filePath(name)));
        }
    }
    void reopen() {
        m_queue.reset();
        m_database.reset();
        open();
    }
    store::Event add(const std::string& function = "resize", SystemTime enqueued = kNow) {
        auto event = sampleEvent(function, enqueued);
        if (const auto added = run(m_queue->append(event)); !added) {
            qFatal("%s", added.error().describe().c_str());
        }
        return event;
    }
    std::vector<store::Lease> claim(int limit = 10, SystemTime now = kNow, const std::string& function = "resize") {
        return run(m_queue->claim("1000", function, limit, now, now + kLease)).value();
    }
    Result<void> settle(const store::Lease& lease, Outcome outcome) {
        auto settlement = settlementOf(lease, outcome);
        settlement.nextAttempt = kNow + std::chrono::seconds{10};
        settlement.reason = outcome == Outcome::Succeeded ? "" : "FunctionError";
        std::vector<store::Settlement> batch{settlement};
        return run(m_queue->settle(std::move(batch)));
    }
    store::EventView view(const EventId& id) {
        store::EventFilter filter{.account = "1000", .limit = 1000};
        const auto all = run(m_queue->list(filter)).value();
        for (const auto& found : all) {
            if (found.event.id == id) {
                return found;
            }
        }
        return {};
    }
    std::int64_t number(std::string sql) {
        return m_database
            ->readAndWait<std::int64_t>([sql](store::Connection& connection) -> Result<std::int64_t> {
                const auto value = connection.queryInteger(sql);
                if (!value) {
                    return fail(value.error());
                }
                return value->value_or(-1);
            })
            .value();
    }

    std::unique_ptr<store::Database> m_database;
    std::unique_ptr<store::EventQueue> m_queue;

private:
    [[nodiscard]] std::string path() const { return m_folder.filePath("state.db").toStdString(); }

    QTemporaryDir m_folder;
};

}  // namespace hanshu::test
